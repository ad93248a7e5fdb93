/** What the supervisor itself reads of a hub's configuration; each process checks its own section. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { InvalidDocumentError, loadDocument } from "@campus-ops/service";

/** More edge agents than this on one machine is a mistake; a hub watches others over MQTT. */
const EDGES_MAX = 32;

export interface HubConfiguration {
  /** Absolute paths of the configurations of the edge agents that run beside the hub. */
  readonly edges: readonly string[];
  /** True when the broker is told its own addresses, and CAMPUS_OPS_MQTT_PORT means nothing. */
  readonly brokerListensElsewhere: boolean;
}

const SCHEMA = {
  type: "object",
  properties: {
    broker: { type: "object", properties: { listen: { type: "array" } } },
    edges: {
      type: "array",
      maxItems: EDGES_MAX,
      uniqueItems: true,
      default: [],
      items: { type: "string", minLength: 1 },
    },
  },
} as const;

/** Throws {@link InvalidDocumentError}. */
export function readHubConfiguration(config: string): HubConfiguration {
  const { value, locate } = loadDocument<{ broker?: { listen?: unknown }; edges: readonly string[] }>(
    config,
    SCHEMA,
  );
  const edges = value.edges.map((edge) => resolve(dirname(config), edge));
  const missing = edges.flatMap((file, index) =>
    existsSync(file) ? [] : [locate(`edges.${index}`, `there is no such file as ${file}`)],
  );
  if (missing.length > 0) throw new InvalidDocumentError(missing);
  return { edges, brokerListensElsewhere: value.broker?.listen !== undefined };
}
