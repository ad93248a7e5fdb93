/** What the supervisor itself reads of a hub's configuration; each process checks its own section. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { FLOWS_SCHEMA, type FlowsConfiguration } from "@campus-ops/node-red/configuration";
import { InvalidDocumentError, loadDocument } from "@campus-ops/service";
import { PARENT_SCHEMA } from "./parent.ts";

/** More edge agents than this on one machine is a mistake; a hub watches others over MQTT. */
const EDGES_MAX = 32;

export interface HubConfiguration {
  /** Absolute paths of the configurations of the edge agents that run beside the hub. */
  readonly edges: readonly string[];
  /**
   * here: on CAMPUS_OPS_MQTT_PORT · told: on the addresses its section names · external: another broker serves this hub
   * (`broker: external`), and ours is not started.
   */
  readonly broker: "here" | "told" | "external";
  /** Absolute paths of the password files that the broker's users have. */
  readonly brokerSecrets: readonly string[];
  /** True where boxes are enrolled here. */
  readonly enrolment: boolean;
  /** True where the console speaks TLS itself. */
  readonly https: boolean;
  /** Absent where no flows of the campus's own are to run. */
  readonly flows?: { readonly tokenFile?: string };
}

interface HubDocument {
  readonly broker?:
    | "external"
    | { readonly listen?: unknown; readonly users?: readonly { readonly passwordFile?: string }[] };
  readonly edges: readonly string[];
  readonly enrolment?: object;
  readonly dashboards?: { readonly tls?: object };
  readonly flows: FlowsConfiguration["flows"];
}

export const HUB_SCHEMA = {
  type: "object",
  properties: {
    broker: {
      anyOf: [
        { type: "string", const: "external" },
        {
          type: "object",
          properties: {
            listen: { type: "array" },
            users: {
              type: "array",
              items: { type: "object", properties: { passwordFile: { type: "string" } } },
            },
          },
        },
      ],
    },
    flows: FLOWS_SCHEMA.properties.flows,
    enrolment: { type: "object" },
    parent: PARENT_SCHEMA,
    dashboards: { type: "object", properties: { tls: { type: "object" } } },
    edges: {
      type: "array",
      maxItems: EDGES_MAX,
      uniqueItems: true,
      default: [],
      items: { type: "string", minLength: 1 },
      description: "files of edge agents that run beside the hub on this machine",
    },
  },
} as const;

/** Throws {@link InvalidDocumentError}. */
export function readHubConfiguration(config: string): HubConfiguration {
  const { value, locate } = loadDocument<HubDocument>(config, HUB_SCHEMA);
  const edges = value.edges.map((edge) => resolve(dirname(config), edge));
  const missing = edges.flatMap((file, index) =>
    existsSync(file)
      ? []
      : [locate(`edges.${index}`, `there is no such file as ${file}`, `没有这个文件：${file}`)],
  );
  if (missing.length > 0) throw new InvalidDocumentError(missing);
  const { broker } = value;
  const { enabled, tokenFile } = value.flows;
  const token = tokenFile === undefined ? {} : { tokenFile: resolve(dirname(config), tokenFile) };
  const parts = {
    enrolment: value.enrolment !== undefined,
    https: value.dashboards?.tls !== undefined,
  };
  const flows = enabled ? { flows: token } : {};
  if (broker === "external") return { edges, broker, brokerSecrets: [], ...parts, ...flows };
  const brokerSecrets = (broker?.users ?? []).flatMap(({ passwordFile }) =>
    passwordFile === undefined ? [] : [resolve(dirname(config), passwordFile)],
  );
  return {
    edges,
    broker: broker?.listen === undefined ? "here" : "told",
    brokerSecrets,
    ...parts,
    ...flows,
  };
}
