/** What a journal entry says, once its aliases are resolved: the shape that every projection and every rule works on. */
import type {
  Address,
  AssetPath,
  DeviceClass,
  LocalText,
  Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { RecordRange } from "../sparkplug/handoff.ts";
import type { ReceivedEvent, ReceivedSample } from "../sparkplug/mapping.ts";
import type { OutboxAccount } from "../sparkplug/outbox-account.ts";
import type { EntryKind } from "./entry.ts";

export interface DecodedEntry {
  readonly seq: number;
  readonly receivedAt: Timestamp;
  readonly kind: EntryKind;
  /** Absent for CLOCK. */
  readonly address?: Address;
  /** In births too: a birth carries the current value of every metric. Each says whether it is historical. */
  readonly samples: readonly ReceivedSample[];
  readonly events: readonly ReceivedEvent[];
  /** Who comes and who goes with this entry, the node before its devices. Nobody is named who is as he was. */
  readonly presence: readonly PresenceChange[];
  /** For NBIRTH: its bdSeq is another than that of the birth before, so the node has connected anew in between. */
  readonly newSession?: true;
  /** For NBIRTH and DBIRTH: what it says of itself. */
  readonly properties?: BirthProperties;
  /** For DATA under the acknowledged hand-off: which samples of the sender's count it holds. */
  readonly range?: RecordRange;
  /** For NBIRTH under the acknowledged hand-off: what the sender's outbox holds. */
  readonly account?: OutboxAccount;
  /** Metrics left out: no birth declared them, the dictionary does not know them, or their value is of another type. */
  readonly leftOut: number;
  /** The payload could not be read at all; everything else is empty. */
  readonly problem?: string;
}

export interface PresenceChange {
  readonly address: Address;
  readonly online: boolean;
  /** A birth's and a node's death's time of receipt; a device's death's own time. */
  readonly at: Timestamp;
}

/** From the `Properties/…` attributes of a birth; a third party's device may say none of it. */
export interface BirthProperties {
  readonly class?: DeviceClass;
  readonly profile?: string;
  readonly title?: LocalText;
  readonly path?: AssetPath;
  /** Device id, on the same node, of what it hangs from. */
  readonly dependsOn?: string;
  readonly proven?: string;
}
