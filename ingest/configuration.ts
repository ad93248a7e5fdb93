/** The `ingest` section of a hub's configuration file, and the `site` it needs. Other sections belong to others. */
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ID_PATTERN, type Site } from "@campus-ops/device-profiles/vocabulary";
import { loadDocument, OperatorError } from "@campus-ops/service";

export interface IngestConfiguration {
  readonly site: Site;
  readonly ingest: {
    readonly hostId: string;
    readonly broker: { readonly url?: string; readonly username?: string; readonly passwordFile?: string };
    readonly store: "embedded";
    readonly retention: {
      readonly journalDays: number;
      readonly journalBytes: number;
      readonly pointDays: number;
    };
  };
}

const TEXT = {
  type: "object",
  required: ["zh", "en"],
  additionalProperties: false,
  properties: { zh: { type: "string", minLength: 1 }, en: { type: "string", minLength: 1 } },
} as const;

const SITE = {
  type: "object",
  required: ["city", "counties"],
  properties: {
    city: {
      type: "object",
      required: ["code", "title"],
      properties: { code: { type: "string" }, title: TEXT },
    },
    counties: {
      type: "array",
      items: {
        type: "object",
        required: ["code", "title", "campuses"],
        properties: {
          code: { type: "string" },
          title: TEXT,
          campuses: {
            type: "array",
            items: {
              type: "object",
              required: ["id", "title"],
              properties: { id: { type: "string", pattern: ID_PATTERN }, title: TEXT },
            },
          },
        },
      },
    },
  },
} as const;

const GIBIBYTE = 1024 ** 3;

export const INGEST_SCHEMA = {
  type: "object",
  required: ["site"],
  properties: {
    site: SITE,
    ingest: {
      type: "object",
      additionalProperties: false,
      default: {},
      properties: {
        hostId: { type: "string", pattern: ID_PATTERN, default: "hub" },
        broker: {
          type: "object",
          additionalProperties: false,
          default: {},
          properties: {
            url: { type: "string", pattern: "^mqtts?://" },
            username: { type: "string", minLength: 1 },
            passwordFile: { type: "string", minLength: 1 },
          },
        },
        store: { enum: ["embedded"], default: "embedded" },
        retention: {
          type: "object",
          additionalProperties: false,
          default: {},
          properties: {
            journalDays: { type: "number", exclusiveMinimum: 0, default: 30 },
            journalBytes: { type: "number", minimum: 1_048_576, default: 20 * GIBIBYTE },
            pointDays: { type: "number", minimum: 2, default: 30 },
          },
        },
      },
    },
  },
} as const;

/** Throws `InvalidDocumentError`. */
export function loadConfiguration(file: string): IngestConfiguration {
  return loadDocument<IngestConfiguration>(file, INGEST_SCHEMA).value;
}

/** A secret from a file that only its owner can read; the path is relative to the configuration file. */
export function readSecret(configuration: string, path: string): string {
  const file = resolve(dirname(configuration), path);
  try {
    if ((statSync(file).mode & 0o077) !== 0)
      throw new OperatorError(`${file} can be read by others; run: chmod 600 ${file}`);
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(
      `the password file ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
    );
  }
}
