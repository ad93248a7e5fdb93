/** Which campuses need help first. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmView, RollupView } from "../../api/api.ts";
import { countOf } from "./tree.ts";

export interface Need {
  readonly view: RollupView;
  /** Active alarms by priority. */
  readonly alarms: readonly [number, number, number, number];
  readonly unacknowledged: number;
  /** When the oldest alarm that nobody acknowledged was raised. */
  readonly waitingSince?: Timestamp;
  readonly devicesOut: number;
  readonly boxesOffline: number;
}

/** Every campus below `root` with something amiss, the worst first: by priorities, then by who has waited longest. */
export function campusesInNeed(root: RollupView, alarms: Iterable<AlarmView>): readonly Need[] {
  const oldest = new Map<string, Timestamp>();
  for (const { state, device, raisedAt } of alarms) {
    if (state !== "unacknowledged" && state !== "returned-unacknowledged") continue;
    oldest.set(device.campus, Math.min(oldest.get(device.campus) ?? raisedAt, raisedAt));
  }
  return campusesOf(root)
    .map((view) => needOf(view, oldest))
    .filter((need) => need.alarms.some((count) => count > 0) || need.devicesOut > 0 || need.boxesOffline > 0)
    .toSorted(byNeed);
}

export function campusesOf(view: RollupView): readonly RollupView[] {
  return view.level === "campus" ? [view] : view.children.flatMap(campusesOf);
}

function needOf(view: RollupView, oldest: ReadonlyMap<string, Timestamp>): Need {
  const { counts } = view;
  const since = oldest.get(view.path.split("/").at(-1) ?? "");
  return {
    view,
    alarms: [
      countOf(counts, "alarms.priority1"),
      countOf(counts, "alarms.priority2"),
      countOf(counts, "alarms.priority3"),
      countOf(counts, "alarms.priority4"),
    ],
    unacknowledged: countOf(counts, "alarms.unacknowledged"),
    ...(since !== undefined && { waitingSince: since }),
    devicesOut: countOf(counts, "devices.registered") - countOf(counts, "devices.working"),
    boxesOffline: countOf(counts, "nodes.registered") - countOf(counts, "nodes.online"),
  };
}

function byNeed(a: Need, b: Need): number {
  for (const index of [0, 1] as const) {
    const difference = b.alarms[index] - a.alarms[index];
    if (difference !== 0) return difference;
  }
  return (
    b.boxesOffline - a.boxesOffline ||
    b.alarms[2] - a.alarms[2] ||
    (a.waitingSince ?? Number.MAX_SAFE_INTEGER) - (b.waitingSince ?? Number.MAX_SAFE_INTEGER) ||
    b.devicesOut - a.devicesOut ||
    b.alarms[3] - a.alarms[3] ||
    (a.view.path < b.view.path ? -1 : 1)
  );
}
