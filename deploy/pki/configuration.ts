/** The section `enrolment` of a hub's configuration: its certificate authority, and where boxes are enrolled. */
import { dirname, join, resolve } from "node:path";
import { loadDocument } from "@campus-ops/service";

export interface EnrolmentConfiguration {
  /** Absolute. */
  readonly folder: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Names and addresses that the hub is reached by; the first is told to boxes. */
  readonly names: readonly [string, ...string[]];
  /** What boxes are told to connect to. */
  readonly brokerUrl: string;
  /** Sparkplug host id that boxes wait for. */
  readonly hostId: string;
  /** Ingest runs as several workers, and each campus has a host of its own. */
  readonly hostPerCampus?: true;
  /** Where Mosquitto's files are kept, where it stands in the broker's place. */
  readonly mosquitto: MosquittoPlace | undefined;
  readonly updates: UpdatesConfiguration;
}

/** Bundles for boxes that were made from the image. */
export interface UpdatesConfiguration {
  /** PEM of the roots whose bundles are taken, absolute; undefined: none are. */
  readonly keyring: string | undefined;
  /** For all boxes together. */
  readonly bytesPerSecondMax: number;
}

/** Where Mosquitto's files are, and which process reads them. */
export interface MosquittoPlace {
  /** Absolute. */
  readonly folder: string;
  readonly pidFile?: string;
}

interface HubDocument {
  readonly enrolment?: {
    readonly folder: string;
    readonly listen: { readonly host: string; readonly port: number };
    readonly names: readonly [string, ...string[]];
    readonly broker?: string;
    readonly mosquitto?: MosquittoPlace;
    readonly updates: { readonly keyring?: string; readonly mbitPerSecondMax: number };
  };
  readonly ingest?: { readonly hostId?: string };
  readonly relational?: { readonly kind?: string };
}

const NAMES_MAX = 32;
const BITS_PER_BYTE = 8;
const MQTTS_PORT = 8883;

export const ENROLMENT_SCHEMA = {
  type: "object",
  properties: {
    enrolment: {
      type: "object",
      additionalProperties: false,
      required: ["folder", "names"],
      description: "edge boxes come to their certificates here; `campus-ops init` writes it",
      properties: {
        folder: {
          type: "string",
          minLength: 1,
          description:
            "the certificate authority, the hub's own certificate, and what was signed; back it up",
        },
        names: {
          type: "array",
          minItems: 1,
          maxItems: NAMES_MAX,
          items: { type: "string", pattern: "^[0-9A-Za-z.:-]{1,253}$" },
          description: "names and addresses that the hub's certificate is for; the first is told to boxes",
        },
        listen: {
          type: "object",
          additionalProperties: false,
          default: {},
          properties: {
            host: { type: "string", minLength: 1, default: "0.0.0.0" },
            port: { type: "integer", minimum: 0, maximum: 65_535, default: 8884 },
          },
        },
        broker: {
          type: "string",
          pattern: "^mqtts://",
          description: "what boxes connect to; port 8883 of the first name unless said",
        },
        mosquitto: {
          type: "object",
          additionalProperties: false,
          required: ["folder"],
          description: "with `broker: external`: the files of a Mosquitto, kept up as boxes come and go",
          properties: {
            folder: { type: "string", minLength: 1 },
            pidFile: {
              type: "string",
              minLength: 1,
              description: "whose process is told of changes by SIGHUP",
            },
          },
        },
        updates: {
          type: "object",
          additionalProperties: false,
          default: {},
          description: "system updates for boxes that were made from the image",
          properties: {
            keyring: {
              type: "string",
              minLength: 1,
              description: "certificates (PEM) of the roots that sign bundles; without it none are taken",
            },
            mbitPerSecondMax: {
              type: "integer",
              minimum: 1,
              maximum: 10_000,
              default: 50,
              description: "what all boxes together fetch at most",
            },
          },
        },
      },
    },
    ingest: { type: "object", properties: { hostId: { type: "string" } } },
    relational: { type: "object", properties: { kind: { type: "string" } } },
  },
} as const;

/** Undefined where the hub enrols nobody. Throws `InvalidDocumentError`. */
export function loadEnrolmentConfiguration(file: string): EnrolmentConfiguration | undefined {
  const { enrolment, ingest, relational } = loadDocument<HubDocument>(file, ENROLMENT_SCHEMA).value;
  if (enrolment === undefined) return undefined;
  const { broker, folder, listen, mosquitto, names, updates } = enrolment;
  const absolute = (path: string): string => resolve(dirname(resolve(file)), path);
  return {
    folder: absolute(folder),
    listen,
    names,
    brokerUrl: broker ?? `mqtts://${hostOf(names[0])}:${MQTTS_PORT}`,
    hostId: ingest?.hostId ?? "hub",
    ...(relational?.kind === "postgres" ? { hostPerCampus: true } : {}),
    mosquitto:
      mosquitto === undefined
        ? undefined
        : {
            folder: absolute(mosquitto.folder),
            ...(mosquitto.pidFile === undefined ? {} : { pidFile: absolute(mosquitto.pidFile) }),
          },
    updates: {
      keyring: updates.keyring === undefined ? undefined : absolute(updates.keyring),
      bytesPerSecondMax: (updates.mbitPerSecondMax * 1_000_000) / BITS_PER_BYTE,
    },
  };
}

/** As it stands in a URL. */
export const hostOf = (name: string): string => (name.includes(":") ? `[${name}]` : name);

/** Files in the folder, beside the authority's own. */
export const serverFile = (folder: string): string => join(folder, "server.pem");
export const deniedFile = (folder: string): string => join(folder, "denied.txt");
export const databaseFile = (folder: string): string => join(folder, "enrolment.sqlite");
