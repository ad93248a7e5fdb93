/** What people write down of a device, as the API answers it; see `../api/api.ts` for the rest. */
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";

/** Days are `YYYY-MM-DD`; "" is not known. */
export interface DeviceNoteFields {
  readonly note: string;
  readonly supplier: string;
  /** Which spare part fits, how many there are and where they lie. */
  readonly spare: string;
  readonly installed: string;
  readonly warrantyUntil: string;
  readonly maintained: string;
}

export interface DeviceNote extends DeviceNoteFields {
  /** `campus/node/device` */
  readonly device: string;
  /** Who wrote it last, and when; absent where nobody has written anything. */
  readonly by?: string;
  readonly at?: Timestamp;
}

/** One of the two: the text of a CSV file, or an XLSX workbook in base64, whose first sheet is read. */
export interface DeviceNotesImport {
  readonly csv?: string;
  readonly xlsx?: string;
  /** True to be told what is wrong and would change, and to change nothing. */
  readonly check?: boolean;
}

export interface DeviceNotesImported {
  readonly rows: number;
  /** Devices whose notes are other than before, or would be; 0 where there is a problem: all of a file is taken, or nothing. */
  readonly changed: number;
  readonly problems: readonly RowProblem[];
  /** The first of what changes, field by field; told where the table is checked. */
  readonly changes: readonly CellChange[];
}

export interface CellChange {
  readonly device: string;
  readonly title: LocalText;
  readonly column: LocalText;
  readonly before: string;
  readonly after: string;
}

export interface RowProblem {
  /** As a spreadsheet counts: the heading is row 1. */
  readonly row: number;
  readonly column: string;
  readonly problem: LocalText;
}
