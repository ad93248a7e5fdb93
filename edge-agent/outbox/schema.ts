/**
 * The outbox's file. One table a data class, its row id the first sample number of the record: appending only ever
 * touches the right-hand edge of a b-tree, so pages are full and no index is needed to drain in order.
 *
 * Names are kept once, in `alias`, and an alias never changes its meaning: a record from before a restart is read with
 * the same dictionary that the next birth announces.
 */
import { DATA_CLASSES, type DataClass } from "@campus-ops/device-profiles/vocabulary";

/** `PRAGMA user_version`; a file of another version is set aside, never guessed at. */
export const SCHEMA_VERSION = 1;

/** Locked for this process alone: two agents over one file would give the same numbers to different samples. */
export const PRAGMAS = `
  PRAGMA page_size = 4096;
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA journal_size_limit = 16777216;
  PRAGMA cache_size = -2048;
  PRAGMA temp_store = MEMORY;
`;

export const tableOf = (dataClass: DataClass): string => `record_${dataClass}`;

export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;
  CREATE TABLE IF NOT EXISTS device (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, cursor TEXT) STRICT;
  CREATE TABLE IF NOT EXISTS alias (
    id INTEGER PRIMARY KEY,
    device INTEGER NOT NULL REFERENCES device (id),
    name TEXT NOT NULL,
    datatype INTEGER NOT NULL,
    UNIQUE (device, name, datatype)
  ) STRICT;
  ${DATA_CLASSES.map(
    (dataClass) => `
  CREATE TABLE IF NOT EXISTS ${tableOf(dataClass)} (
    first INTEGER PRIMARY KEY,   -- number of its first sample
    more INTEGER NOT NULL,       -- number of its last sample, less the first
    device INTEGER NOT NULL,
    at INTEGER NOT NULL,         -- earliest event time, milliseconds
    span INTEGER NOT NULL,       -- latest event time, less the earliest
    body BLOB NOT NULL
  ) STRICT;`,
  ).join("")}
  CREATE TABLE IF NOT EXISTS kept (
    class INTEGER NOT NULL,      -- position in DATA_CLASSES
    first INTEGER NOT NULL,
    more INTEGER NOT NULL,
    device INTEGER NOT NULL,
    at INTEGER NOT NULL,
    span INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,  -- when the host said that it holds it, milliseconds
    body BLOB NOT NULL,
    PRIMARY KEY (class, first)
  ) WITHOUT ROWID, STRICT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;
