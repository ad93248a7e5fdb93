/**
 * What gives way when the outbox's budget is reached: the least precious class, its oldest records first. Alarm and
 * access records have a reserve that the other classes can never fill; they themselves may fill the whole budget.
 */
import { DATA_CLASSES, type DataClass, type Timestamp } from "@campus-ops/device-profiles/vocabulary";

/** Share of the budget that only alarm and access records may use. */
export const RESERVE_SHARE = 0.25;
/** When a class gives way, it gives this share of the budget at once, so that not every append evicts. */
export const GIVE_WAY_SHARE = 0.02;

const RESERVED: readonly DataClass[] = ["alarm", "access"];

export type Usage = Readonly<Record<DataClass, number>>;

export interface GivingWay {
  readonly dataClass: DataClass;
  /** At least so many bytes must go, unless the class holds less. */
  readonly bytes: number;
}

/** Who must give way now, or undefined while all is within the budget. Ask again after each. */
export function whoGivesWay(usage: Usage, bytesMax: number): GivingWay | undefined {
  const total = sum(usage, DATA_CLASSES);
  const unreserved = DATA_CLASSES.filter((each) => !RESERVED.includes(each));
  const excess = Math.max(total - bytesMax, sum(usage, unreserved) - bytesMax * (1 - RESERVE_SHARE));
  if (excess <= 0) return undefined;
  const dataClass = DATA_CLASSES.findLast((each) => usage[each] > 0);
  return dataClass === undefined ? undefined : { dataClass, bytes: excess + bytesMax * GIVE_WAY_SHARE };
}

function sum(usage: Usage, classes: readonly DataClass[]): number {
  return classes.reduce((total, each) => total + usage[each], 0);
}

/** restored: the box goes on from an older image; what it had and did not send since that was made is gone. */
export const LOSS_REASONS = ["budget", "age", "corrupt", "flood", "disk", "restored"] as const;
export type LossReason = (typeof LOSS_REASONS)[number];

/** What was given up, so that a roll-up can say what it is missing. */
export interface Loss {
  readonly dataClass: DataClass | "unknown";
  /** Samples; 0 when nobody can say how many. */
  readonly count: number;
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly reason: LossReason;
}

/** Losses of one class for one reason are told together: addition, in whatever order they come. */
export function addLoss(losses: readonly Loss[], loss: Loss): readonly Loss[] {
  const index = losses.findIndex((each) => each.dataClass === loss.dataClass && each.reason === loss.reason);
  const before = losses[index];
  if (before === undefined) return [...losses, loss];
  return losses.with(index, {
    ...loss,
    count: before.count + loss.count,
    from: Math.min(before.from, loss.from),
    to: Math.max(before.to, loss.to),
  });
}
