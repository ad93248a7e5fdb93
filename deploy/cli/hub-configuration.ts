/** What the supervisor itself reads of a hub's configuration: which edge agents run beside it on this machine. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { InvalidDocumentError, loadDocument } from "@campus-ops/service";

/** More edge agents than this on one machine is a mistake; a hub watches others over MQTT. */
const EDGES_MAX = 32;

const SCHEMA = {
  type: "object",
  properties: {
    edges: {
      type: "array",
      maxItems: EDGES_MAX,
      uniqueItems: true,
      default: [],
      items: { type: "string", minLength: 1 },
    },
  },
} as const;

/** Absolute paths of the edge agents' own configurations. Throws {@link InvalidDocumentError}. */
export function readEdgeFiles(config: string): readonly string[] {
  const { value, locate } = loadDocument<{ edges: readonly string[] }>(config, SCHEMA);
  const files = value.edges.map((edge) => resolve(dirname(config), edge));
  const missing = files.flatMap((file, index) =>
    existsSync(file) ? [] : [locate(`edges.${index}`, `there is no such file as ${file}`)],
  );
  if (missing.length > 0) throw new InvalidDocumentError(missing);
  return files;
}
