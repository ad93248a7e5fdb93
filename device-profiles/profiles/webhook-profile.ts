/** Systems that post JSON to us, in data. */
import type { ProfileCommon } from "./profile.ts";
import type { RecordMapping, RecordPath } from "./record-mapping.ts";

export interface WebhookProfile extends ProfileCommon {
  readonly protocol: "webhook";
  /** Where the records stand in what is posted; without it the body is one record, or a list of them. */
  readonly records?: RecordPath;
  /** The first that a record is of decides. */
  readonly mappings: readonly RecordMapping[];
  /** A system that posts nothing for so long, not even an empty list, is gone. */
  readonly silenceMax_ms: number;
}
