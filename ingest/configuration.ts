/** The `ingest` section of a hub's configuration file, and the `site` it needs. Other sections belong to others. */
import { dirname, resolve } from "node:path";
import { JOURNAL_SCHEMA, type JournalConfiguration } from "@campus-ops/broker/journal/place";
import { ID_PATTERN, SITE_SCHEMA, type Site } from "@campus-ops/device-profiles/vocabulary";
import {
  InvalidDocumentError,
  loadDocument,
  OperatorError,
  type Overlay,
  readSecretFile,
} from "@campus-ops/service";
import { RELATIONAL_SCHEMA, type RelationalConfiguration } from "@campus-ops/service/relational";
import type { DiskLimits } from "./core/disk-room.ts";
import { RETENTION_DAYS, type RetentionDays, SIX_MONTHS_DAYS } from "./core/retention.ts";
import { STORE_SCHEMA, type StoreConfiguration, storeProblems } from "./store/place.ts";

export interface IngestConfiguration {
  readonly site: Site;
  readonly journal: JournalConfiguration;
  readonly relational: RelationalConfiguration;
  readonly ingest: {
    readonly hostId: string;
    readonly broker: { readonly url?: string; readonly username?: string; readonly passwordFile?: string };
    readonly store: StoreConfiguration;
    readonly disk: DiskLimits;
    readonly retention: RetentionDays & { readonly journalDays: number; readonly journalBytes: number };
  };
}

const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;

const days = (field: keyof RetentionDays, minimum: number, description: string) =>
  ({
    type: "number",
    minimum,
    default: RETENTION_DAYS[field],
    description: `days that are kept: ${description}`,
  }) as const;

export const INGEST_SCHEMA = {
  type: "object",
  required: ["site"],
  properties: {
    site: SITE_SCHEMA,
    journal: JOURNAL_SCHEMA,
    relational: RELATIONAL_SCHEMA,
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
            pointDays: days("pointDays", 2, "raw points in the store"),
            fiveMinuteDays: days("fiveMinuteDays", SIX_MONTHS_DAYS, "roll-ups of five minutes"),
            hourDays: days("hourDays", 366, "roll-ups of an hour"),
            schoolDayDays: days("schoolDayDays", 366, "roll-ups of a school day"),
            termDays: days("termDays", 366, "roll-ups of a term"),
            eventDays: days(
              "eventDays",
              SIX_MONTHS_DAYS,
              "access and alarm events; six calendar months is the least",
            ),
            healthEventDays: {
              ...days("healthEventDays", 1, "readings of people's temperature; 30 is the most"),
              maximum: 30,
            },
            pictureDays: {
              ...days("pictureDays", 1, "pictures in the evidence of alarms; 90 is the most"),
              maximum: 90,
            },
          },
        },
      },
    },
  },
} as const;

/** Throws `InvalidDocumentError`. */
export function loadConfiguration(file: string, overlays: readonly Overlay[] = []): IngestConfiguration {
  const { value, locate } = loadDocument<IngestConfiguration>(file, INGEST_SCHEMA, overlays);
  const problems = storeProblems(value.ingest.store).map(([field, message, zh]) =>
    locate(`ingest.store.${field}`, message, zh),
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
