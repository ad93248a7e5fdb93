/** From what was found to the lines of an edge agent's configuration, and into its file without losing a comment. */
import { readFileSync } from "node:fs";
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import { editDevices } from "@campus-ops/edge-agent/configuration-edit";
import { CONFIGURATION_SCHEMA } from "@campus-ops/edge-agent/configuration-schema";
import type { Finding } from "@campus-ops/edge-agent/discovery";
import type { ProfileMatch } from "@campus-ops/edge-agent/profile-match";
import { checkDocument } from "@campus-ops/service";
import { type Document, isMap, stringify, type YAMLSeq } from "yaml";

/** Where a device stands until somebody says where it hangs. */
export const UNPLACED = "unplaced";

export interface Stanza {
  readonly id: string;
  readonly profile: string;
  readonly title: LocalText;
  readonly at: string;
  readonly url: string;
  readonly commissioning: "required";
}

export interface FoundDevice {
  readonly finding: Finding;
  /** The likeliest first; none where no profile is known. */
  readonly matches: readonly ProfileMatch[];
}

/** Undefined where no profile is known: such a device is shown, and not written. */
export function stanzaOf({ finding, matches }: FoundDevice): Stanza | undefined {
  const [best] = matches;
  if (best === undefined) return undefined;
  const { address, facts, protocol, url } = finding;
  const { searchParams } = new URL(url);
  const unit = searchParams.get("unit");
  const name = facts.name ?? [facts.vendor, facts.model].filter((each) => each !== undefined).join(" ");
  const id = [protocol, address.replaceAll(".", "-"), ...(unit === null || unit === "1" ? [] : [unit])].join(
    "-",
  );
  const title = (name === "" ? address : name).slice(0, 200);
  return {
    id,
    profile: best.profile,
    title: { zh: title, en: title },
    at: UNPLACED,
    url,
    commissioning: "required",
  };
}

/** Below it the profile is a guess that somebody has to replace. */
const CONFIDENCE_MIN = 0.2;

/** What a person has to look at before the line is right. */
export function adviceOf({ finding, matches }: FoundDevice): readonly string[] {
  const [best, ...others] = matches;
  const { description, firmware, mac, model, vendor } = finding.facts;
  const said = [vendor, model, firmware, description, mac].filter((each) => each !== undefined).join(", ");
  return [
    ...(said === "" ? [] : [said]),
    ...(best !== undefined && best.confidence < CONFIDENCE_MIN
      ? ["设备未说明型号，请自行选择 profile · it does not say what it is: choose its profile"]
      : []),
    ...(best === undefined ? [] : [`${percent(best)} ${best.why.zh} · ${best.why.en}`]),
    ...others.map((each) => `或 · or ${each.profile} ${percent(each)} ${each.why.zh} · ${each.why.en}`),
    ...(finding.protocol === "onvif"
      ? ["请填写 username 与 secretFile · needs username and secretFile"]
      : []),
    "请改正 at（楼/层/房间）与名称 · correct its place and its titles",
  ];
}

export const percent = ({ confidence }: ProfileMatch): string => `${Math.round(confidence * 100)}%`;

/** The stanzas as a person can paste them. */
export function formatStanzas(found: readonly FoundDevice[]): string {
  return found
    .flatMap((each) => {
      const stanza = stanzaOf(each);
      if (stanza === undefined) return [];
      const comments = adviceOf(each).map((line) => `  # ${line}\n`);
      const lines = stringify([stanza]).replace(/^/gm, "  ").trimEnd();
      return [`${comments.join("")}${lines}\n`];
    })
    .join("");
}

export interface Written {
  readonly added: readonly string[];
  /** Configured already, by their address. */
  readonly known: readonly string[];
}

/** Adds what is not configured yet. Throws `InvalidDocumentError` and changes nothing where the file is not right. */
export function addToConfiguration(file: string, found: readonly FoundDevice[]): Written {
  checkDocument(file, readFileSync(file, "utf8"), CONFIGURATION_SCHEMA);
  const added: string[] = [];
  const known: string[] = [];
  const add = (devices: YAMLSeq, document: Document): boolean => {
    const urls = new Set<string>();
    const ids = new Set<string>();
    for (const item of devices.items) {
      if (!isMap(item)) continue;
      urls.add(String(item.get("url")));
      ids.add(String(item.get("id")));
    }
    for (const each of found) {
      const stanza = stanzaOf(each);
      if (stanza === undefined) continue;
      if (urls.has(stanza.url)) {
        known.push(stanza.url);
        continue;
      }
      const id = unused(stanza.id, ids);
      const node = document.createNode({ ...stanza, id });
      node.commentBefore = adviceOf(each)
        .map((line) => ` ${line}`)
        .join("\n");
      devices.add(node);
      urls.add(stanza.url);
      ids.add(id);
      added.push(id);
    }
    return added.length > 0;
  };
  editDevices(file, add, (changed) =>
    checkDocument(file, readFileSync(changed, "utf8"), CONFIGURATION_SCHEMA),
  );
  return { added, known };
}

function unused(id: string, ids: ReadonlySet<string>): string {
  for (let number = 2; ; number += 1) {
    const candidate = ids.has(id) ? `${id}-${number}` : id;
    if (!ids.has(candidate)) return candidate;
  }
}
