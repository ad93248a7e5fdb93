/**
 * Whether a reader's checkpoint belongs to this journal. A backup that was restored in part, or a disk that lost what it
 * had confirmed, leaves a journal that ends before the checkpoint, or that has gone on from an earlier place with other
 * entries under the same numbers. A reader that went on would pass those over, and nobody would know.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { ReadJournal } from "./journal.ts";

export interface Checkpoint {
  /** The newest entry that was taken; 0 for none. */
  readonly seq: number;
  /** When that entry was received; absent where the reader does not keep it. */
  readonly receivedAt?: Timestamp | undefined;
}

export type Discontinuity =
  /** The journal ends before the checkpoint. */
  | { readonly kind: "ends-before"; readonly last: number }
  /** The entry at the checkpoint is another one. */
  | { readonly kind: "another-entry"; readonly receivedAt: Timestamp };

export async function findDiscontinuity(
  journal: Pick<ReadJournal, "bounds" | "read">,
  { seq, receivedAt }: Checkpoint,
): Promise<Discontinuity | undefined> {
  if (seq === 0) return undefined;
  const { last } = await journal.bounds();
  if (last < seq) return { kind: "ends-before", last };
  if (receivedAt === undefined) return undefined;
  const [entry] = await journal.read(seq - 1, 1);
  // Retention may have taken it.
  if (entry === undefined || entry.seq !== seq || entry.receivedAt === receivedAt) return undefined;
  return { kind: "another-entry", receivedAt: entry.receivedAt };
}

/** For the operator: what was found, and what to do. `file` is what the reader keeps, `lost` what is in it alone. */
export function discontinuityText(
  { seq, receivedAt }: Checkpoint,
  found: Discontinuity,
  { file, lost }: { readonly file: string; readonly lost: string },
): string {
  const time = (at: Timestamp): string => new Date(at).toISOString();
  const what =
    found.kind === "ends-before"
      ? `the journal ends at entry ${found.last}`
      : `entry ${seq} of the journal is of ${time(found.receivedAt)}${receivedAt === undefined ? "" : `, and not of ${time(receivedAt)}`}`;
  return (
    `${what}, and ${file} has read up to entry ${seq} of another: they were not restored from the same backup, or a ` +
    `disk has lost what it had confirmed. Nothing was changed, and what the edges hold waits there. Restore both from ` +
    `one backup of a stopped hub; or move ${file} away, and it is made anew from the journal, as far as that goes${lost}`
  );
}
