/** Where a hub's journal is: the section `journal` of its configuration, which ingest and rules both read. */
import { dirname, join, resolve } from "node:path";
import { OperatorError, readSecretFile } from "@campus-ops/service";
import { openJournalReader } from "./embedded-reader.ts";
import { openJournalWriter } from "./embedded-writer.ts";
import type { NatsAccess } from "./jetstream/connection.ts";
import type { JournalReader, JournalWriter } from "./journal.ts";

export interface JournalConfiguration {
  readonly kind: "embedded" | "jetstream";
  /** The rest is for `jetstream`. */
  readonly url?: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
  readonly stream: string;
  readonly replicas: 1 | 3 | 5;
}

export const JOURNAL_SCHEMA = {
  type: "object",
  additionalProperties: false,
  default: {},
  properties: {
    kind: { enum: ["embedded", "jetstream"], default: "embedded" },
    url: { type: "string", pattern: "^(nats|tls)://[^,]+(,(nats|tls)://[^,]+)*$" },
    username: { type: "string", minLength: 1 },
    passwordFile: { type: "string", minLength: 1 },
    caFile: { type: "string", minLength: 1 },
    stream: { type: "string", pattern: "^[A-Za-z0-9_-]{1,64}$", default: "CAMPUS_OPS_JOURNAL" },
    replicas: { enum: [1, 3, 5], default: 1 },
  },
  if: { properties: { kind: { const: "jetstream" } }, required: ["kind"] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
  then: { properties: { url: { type: "string" } }, required: ["url"] },
} as const;

export type JournalPlace =
  | { readonly kind: "embedded"; readonly folder: string }
  | {
      readonly kind: "jetstream";
      readonly access: NatsAccess;
      readonly stream: string;
      readonly replicas: number;
    };

/** The embedded journal's place in a data folder. */
export function embeddedPlace(data: string): JournalPlace {
  return { kind: "embedded", folder: join(data, "journal") };
}

/** Reads the password. Throws {@link OperatorError}. `file` is the configuration, `data` the data folder. */
export function journalPlace(configuration: JournalConfiguration, file: string, data: string): JournalPlace {
  const { kind, url, username, passwordFile, caFile, stream, replicas } = configuration;
  if (kind === "embedded" || url === undefined) return embeddedPlace(data);
  const beside = (path: string) => resolve(dirname(file), path);
  const secret = passwordFile === undefined ? undefined : readSecretFile(beside(passwordFile));
  if (secret !== undefined && "problem" in secret)
    throw new OperatorError(`${file}: journal.passwordFile: ${secret.problem}`);
  const access = {
    url,
    ...(username === undefined ? {} : { username }),
    ...(secret === undefined ? {} : { password: secret.text }),
    ...(caFile === undefined ? {} : { caFile: beside(caFile) }),
  };
  return { kind, access, stream, replicas };
}

/** Of a hub whose campuses are shared out, each has a journal of its own. Throws {@link OperatorError} for an embedded one. */
export function campusJournal(place: JournalPlace, campus: string): JournalPlace {
  if (place.kind === "embedded")
    throw new OperatorError(
      "workers share out campuses, and their journals must be where all of them reach them: set journal.kind to jetstream",
    );
  return { ...place, stream: `${place.stream}_${campus}` };
}

export interface ReaderEvents {
  /** The journal cannot answer now; it is asked again until it can. */
  readonly onAway: (error: unknown) => void;
  /** A part of the embedded journal cannot be read; reading goes on after it. */
  readonly onUnreadable: (path: string, error: unknown) => void;
}

/** `signal` ends the wait for a journal that is away. */
export async function openReaderAt(
  place: JournalPlace,
  signal: AbortSignal,
  events: ReaderEvents,
): Promise<JournalReader> {
  if (place.kind === "embedded") return openJournalReader(place.folder, events);
  const { openJetStreamReader } = await import("./jetstream/index.ts");
  return openJetStreamReader({ ...place.access, stream: place.stream, signal, onAway: events.onAway });
}

export interface WriterEvents {
  /** As of the reader. */
  readonly onAway: (error: unknown) => void;
  /** Nothing will ever be written again: another process has taken over, or the server lost what it had confirmed. */
  readonly onEnded: (error: Error) => void;
  /** What the journal's server confirms may be lost with its power. */
  readonly onUnsynced: (version: string) => void;
  readonly onSetAside: (path: string, error: unknown) => void;
  /** Retention deleted something: a segment's file, or the entries before a number. */
  readonly onRetired: (what: string | number) => void;
  /** Housekeeping failed and is tried again. */
  readonly onProblem: (error: unknown) => void;
}

/** Throws `JournalLockedError` when another process writes it. */
export async function openWriterAt(
  place: JournalPlace,
  retention: { readonly days: number; readonly bytes: number; readonly now?: () => number },
  events: WriterEvents,
): Promise<JournalWriter> {
  if (place.kind === "embedded") return openJournalWriter(place.folder, { retention, ...events });
  const { openJetStreamWriter } = await import("./jetstream/index.ts");
  const { access, stream, replicas } = place;
  return openJetStreamWriter({ ...access, stream, replicas, retention, ...events });
}
