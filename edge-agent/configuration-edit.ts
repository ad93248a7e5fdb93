/** Changes the devices in an edge agent's file: comments stay, and the file is right afterwards, or as it was. */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { InvalidDocumentError } from "@campus-ops/service/process";
import { type Document, isSeq, parseDocument, type YAMLSeq } from "yaml";

/**
 * `edit` answers whether it changed anything; `check` is handed the file as it would be, beside the one in force, and
 * throws where that is not right. Answers what `edit` did. Throws {@link InvalidDocumentError}, and what the file system
 * says of a folder that cannot be written.
 */
export function editDevices(
  file: string,
  edit: (devices: YAMLSeq, document: Document) => boolean,
  check: (changed: string) => unknown,
): boolean {
  const document = parseDocument(readFileSync(file, "utf8"));
  const devices = document.get("devices");
  if (!isSeq(devices))
    throw new InvalidDocumentError([
      { file, line: 0, field: "devices", message: "must be a list", zh: "须为列表" },
    ]);
  if (!edit(devices, document)) return false;
  devices.flow = false;
  const changed = `${file}.new`;
  writeFileSync(changed, document.toString({ lineWidth: 0 }), { mode: statSync(file).mode });
  try {
    check(changed);
  } catch (error) {
    rmSync(changed);
    throw error;
  }
  // Renamed into place: an agent that watches the file sees the old one or the new one, never half of it.
  renameSync(changed, file);
  return true;
}
