/** The `ingest` section of a hub's configuration file, and the `site` it needs. Other sections belong to others. */
import { dirname, resolve } from "node:path";
import { JOURNAL_SCHEMA, type JournalConfiguration } from "@campus-ops/broker/journal/place";
import { ID_PATTERN, SITE_SCHEMA, type Site } from "@campus-ops/device-profiles/vocabulary";
import { InvalidDocumentError, loadDocument, OperatorError, readSecretFile } from "@campus-ops/service";
import type { DiskLimits } from "./core/disk-room.ts";
import { STORE_SCHEMA, type StoreConfiguration, storeProblems } from "./store/place.ts";

export interface IngestConfiguration {
  readonly site: Site;
  readonly journal: JournalConfiguration;
  readonly ingest: {
    readonly hostId: string;
    readonly broker: { readonly url?: string; readonly username?: string; readonly passwordFile?: string };
    readonly store: StoreConfiguration;
    readonly disk: DiskLimits;
    readonly retention: {
      readonly journalDays: number;
      readonly journalBytes: number;
      readonly pointDays: number;
    };
  };
}

const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;

export const INGEST_SCHEMA = {
  type: "object",
  required: ["site"],
  properties: {
    site: SITE_SCHEMA,
    journal: JOURNAL_SCHEMA,
    ingest: {
      type: "object",
      additionalProperties: false,
      default: {},
      properties: {
        hostId: {
          type: "string",
          pattern: ID_PATTERN,
          default: "hub",
          description: "Sparkplug host id, which edge boxes name as their primaryHost",
        },
        broker: {
          type: "object",
          additionalProperties: false,
          default: {},
          properties: {
            url: {
              type: "string",
              pattern: "^mqtts?://",
              description: "the broker on this machine unless said",
            },
            username: { type: "string", minLength: 1 },
            passwordFile: { type: "string", minLength: 1 },
          },
        },
        store: STORE_SCHEMA,
        disk: {
          type: "object",
          additionalProperties: false,
          default: {},
          properties: {
            lowBytes: { type: "number", minimum: MEBIBYTE, default: 256 * MEBIBYTE },
            reserveBytes: { type: "number", minimum: 0, default: 64 * MEBIBYTE },
          },
        },
        retention: {
          type: "object",
          additionalProperties: false,
          default: {},
          properties: {
            journalDays: {
              type: "number",
              exclusiveMinimum: 0,
              default: 30,
              description: "whole segments older than this are removed",
            },
            journalBytes: {
              type: "number",
              minimum: 1_048_576,
              default: 20 * GIBIBYTE,
              description: "the oldest segments are removed beyond this",
            },
            pointDays: {
              type: "number",
              minimum: 2,
              default: 30,
              description: "days that the store keeps raw points",
            },
          },
        },
      },
    },
  },
} as const;

/** Throws `InvalidDocumentError`. */
export function loadConfiguration(file: string): IngestConfiguration {
  const { value, locate } = loadDocument<IngestConfiguration>(file, INGEST_SCHEMA);
  const problems = storeProblems(value.ingest.store).map(([field, message]) =>
    locate(`ingest.store.${field}`, message),
  );
  if (problems.length > 0) throw new InvalidDocumentError(problems);
  return value;
}

/** The secret in a file; the path is relative to the configuration file. Throws {@link OperatorError}. */
export function readSecret(configuration: string, path: string): string {
  const secret = readSecretFile(resolve(dirname(configuration), path));
  if ("problem" in secret) throw new OperatorError(`${configuration}: the password file ${secret.problem}`);
  return secret.text;
}
