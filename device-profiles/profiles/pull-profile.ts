/** Systems that have a file or a list at an address, in data. */
import type { ProfileCommon } from "./profile.ts";
import type { RecordMapping, RecordPath } from "./record-mapping.ts";

export interface PullProfile extends ProfileCommon {
  readonly protocol: "pull";
  readonly format: "json" | "csv";
  /** Where the records stand in a JSON document; without it the document is one record, or a list of them. */
  readonly records?: RecordPath;
  /** A member that only grows from record to record: what was read is not read again. */
  readonly cursor?: {
    readonly path: RecordPath;
    /** Parameter of the address by which the system is asked for later records only. */
    readonly query?: string;
  };
  readonly mappings: readonly RecordMapping[];
}
