/** Notes of devices, in `device-notes.sqlite`. They outlive the device: what hung there is asked for years later. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { openDatabase, transaction } from "@campus-ops/service/database";
import type { DeviceNote, DeviceNoteFields } from "./api.ts";
import { NOTE_FIELDS, type NoteRow } from "./core/notes-table.ts";

const VERSIONS = [
  `CREATE TABLE notes (
     device TEXT PRIMARY KEY, fields TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;`,
] as const;

export interface NoteChange {
  /** Of the row among those given. */
  readonly index: number;
  readonly device: string;
  readonly field: keyof DeviceNoteFields;
  readonly before: string;
  readonly after: string;
}

const NOTHING: DeviceNoteFields = {
  note: "",
  supplier: "",
  spare: "",
  installed: "",
  warrantyUntil: "",
  maintained: "",
};

export class DeviceNoteStore {
  readonly #db: DatabaseSync;
  readonly #now: () => Timestamp;
  readonly #get: StatementSync;
  readonly #put: StatementSync;

  constructor(file: string, now: () => Timestamp) {
    this.#db = openDatabase(file, VERSIONS);
    this.#now = now;
    this.#get = this.#db.prepare("SELECT fields, by, at FROM notes WHERE device = ?");
    this.#put = this.#db.prepare(
      "INSERT INTO notes (device, fields, by, at) VALUES (?, ?, ?, ?) ON CONFLICT (device) DO UPDATE SET fields = excluded.fields, by = excluded.by, at = excluded.at",
    );
  }

  close(): void {
    this.#db.close();
  }

  get(device: string): DeviceNote {
    const row = this.#get.get(device);
    if (row === undefined) return { device, ...NOTHING };
    const fields = JSON.parse(String(row.fields)) as Partial<DeviceNoteFields>;
    return { device, ...NOTHING, ...fields, by: String(row.by), at: Number(row.at) };
  }

  /** What {@link write} would change, and change nothing. */
  changes(rows: readonly NoteRow[]): NoteChange[] {
    return rows.flatMap(({ device, fields }, index) => {
      const before = this.get(device);
      return NOTE_FIELDS.flatMap((field): NoteChange[] => {
        const after = fields[field];
        return after === undefined || after === before[field]
          ? []
          : [{ index, device, field, before: before[field], after }];
      });
    });
  }

  /** All rows or none. Columns that a row does not have stay as they are. Answers how many notes are other than before. */
  write(rows: readonly NoteRow[], by: string): number {
    const at = this.#now();
    return transaction(this.#db, () => {
      let changed = 0;
      for (const { device, fields } of rows) {
        const { device: _, by: _by, at: _at, ...before } = this.get(device);
        const after = { ...before, ...fields };
        if (NOTE_FIELDS.every((name) => after[name] === before[name])) continue;
        this.#put.run(device, JSON.stringify(after), by, at);
        changed += 1;
      }
      return changed;
    });
  }
}
