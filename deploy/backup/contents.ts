/** What of a hub's data folder goes into a backup, and how it is copied while the hub runs. Pure. */

export type Part =
  /** An SQLite file that somebody may be writing to. */
  | "database"
  /** An SQLite file of the journal; the newest is being written to. */
  | "segment"
  /** Copied as it is. */
  | "file"
  /** The time-series store: the process that has it open copies it. */
  | "store"
  /** Made again by itself, or of this run alone. */
  | "left";

/** Files of the data folder that belong to one run of a hub, or are made again. */
const LEFT = [
  /^(hub\.lock|hub\.pid|disk-reserve|aging\.new)(-journal)?$/,
  /^(run|logs|backup|quarantine)\//,
  /-(wal|shm|journal)$/,
  /^journal\/(writer\.lock|doorbell)$/,
  // Bundles for boxes: large, signed by somebody else, and brought again from where they came.
  /^updates\//,
  // Looked at by a person once, never read again.
  /\.damaged-/,
  // What a database was before it was brought up to date.
  /\.sqlite\.version-\d+(\.new)?$/,
  // An outbox that is put back from the past would be taken for a copy of the box (decision 10): a new one is begun.
  /^edge\/[^/]+\/outbox\./,
];

/** `path` is relative to the data folder, with `/` between its parts. */
export function partOf(path: string): Part {
  if (LEFT.some((pattern) => pattern.test(path))) return "left";
  if (path.startsWith("store/")) return "store";
  if (/^journal\/\d{15}\.sqlite$/.test(path)) return "segment";
  return path.endsWith(".sqlite") ? "database" : "file";
}

/**
 * The order that parts are copied in. A projection keeps the number of the journal's entry that it has read up to; copied
 * before the journal it can only be behind it, and reads on from there.
 */
export const ORDER = ["store", "database", "file", "segment"] as const satisfies readonly Part[];
