/** Handing over a desk at the end of a shift: what the next one has to know, and when it may not be done. */
import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmView, Priority } from "../../api.ts";
import { type Desk, isResponsible } from "./desk.ts";

/** What stands at a desk, written by the system and not by memory. */
export interface DeskSummary {
  readonly at: Timestamp;
  readonly unacknowledged: number;
  readonly standing: number;
  /** Alarms by id: the urgent first, then the oldest. */
  readonly alarms: readonly {
    readonly id: string;
    readonly title: AlarmView["title"];
    readonly device: AlarmView["device"]["title"];
    readonly path: AssetPath;
    readonly priority: Priority;
    readonly state: AlarmView["state"];
    readonly raisedAt: Timestamp;
    readonly acknowledgedBy?: string;
    readonly assignedTo?: string;
    readonly comment?: string;
    readonly shelvedUntil?: Timestamp;
  }[];
}

/** Alarms listed in a summary; more are counted. */
export const LISTED_MAX = 100;

export function summaryOf(desk: Desk, active: readonly AlarmView[], at: Timestamp): DeskSummary {
  const own = active
    .filter(({ causeId, device }) => causeId === undefined && isResponsible(desk, device.path))
    .sort((a, b) => a.priority - b.priority || a.raisedAt - b.raisedAt || (a.id < b.id ? -1 : 1));
  return {
    at,
    unacknowledged: own.filter(isUnanswered).length,
    standing: own.length,
    alarms: own.slice(0, LISTED_MAX).map((alarm) => ({
      id: alarm.id,
      title: alarm.title,
      device: alarm.device.title,
      path: alarm.device.path,
      priority: alarm.priority,
      state: alarm.state,
      raisedAt: alarm.raisedAt,
      ...(alarm.acknowledged === undefined ? {} : { acknowledgedBy: alarm.acknowledged.by }),
      ...(alarm.assigned === undefined ? {} : { assignedTo: alarm.assigned.to }),
      ...(alarm.acknowledged?.comment === undefined ? {} : { comment: alarm.acknowledged.comment }),
      ...(alarm.shelvedUntil === undefined ? {} : { shelvedUntil: alarm.shelvedUntil }),
    })),
  };
}

/** A red alarm that nobody has answered is nobody's yet: whoever is there answers it first. */
export function obstacle(desk: Desk, active: readonly AlarmView[]): AlarmView | undefined {
  return active.find(
    (alarm) =>
      alarm.priority === 1 &&
      alarm.causeId === undefined &&
      isUnanswered(alarm) &&
      isResponsible(desk, alarm.device.path),
  );
}

/** The same, of a summary: its urgent alarms come first. */
export function unansweredRed({ alarms }: DeskSummary): DeskSummary["alarms"][number] | undefined {
  return alarms.find(
    ({ acknowledgedBy, priority, state }) => priority === 1 && isWaiting(state, acknowledgedBy !== undefined),
  );
}

const isUnanswered = ({ state, acknowledged }: AlarmView): boolean =>
  isWaiting(state, acknowledged !== undefined);

function isWaiting(state: AlarmView["state"], isAcknowledged: boolean): boolean {
  return (
    state === "unacknowledged" ||
    state === "returned-unacknowledged" ||
    (state === "latched" && !isAcknowledged)
  );
}
