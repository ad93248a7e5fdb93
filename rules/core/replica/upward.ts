/**
 * What of an alarm may leave this hub for its parent. It is written down anew from what is listed here, so that what is
 * added to an alarm stays here until somebody decides otherwise.
 */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmReplica, Comment, Deed, Raising } from "./alarm-replica.ts";
import type { Stamp } from "./hybrid-clock.ts";

/** Raisings that are told: what was before has been told before. */
export const RAISINGS_TOLD_MAX = 4;
export const COMMENTS_TOLD_MAX = 20;

/** Text that people typed, and that somebody has decided may go up. */
export const CLEARANCES = ["titles", "comments"] as const;
export type Clearance = (typeof CLEARANCES)[number];

/** Somebody of that hub: who, its own record knows. */
export const somebodyAt = (hub: string): string => `@${hub}`;

/** Who did something here, as every hub writes it down. */
export const personAt = (person: string, hub: string): string =>
  person === "rule" ? person : `${person}@${hub}`;

export function replicaForParent(
  { id, latching, comments, outOfService, raisings, shelved }: AlarmReplica,
  hub: string,
  clears: ReadonlySet<Clearance>,
): AlarmReplica {
  const mask = (by: string, { hub: of }: Stamp): string =>
    of === hub && by !== "rule" ? somebodyAt(hub) : by;
  /** What came from another hub is known there; what was typed here may go where it is cleared. */
  const isCleared = ({ hub: of }: Stamp): boolean => of !== hub || clears.has("comments");
  const deed = ({ at, by, comment, stamp }: Deed): Deed => ({
    by: mask(by, stamp),
    at,
    ...(comment !== undefined && isCleared(stamp) ? { comment } : {}),
    stamp,
  });
  const decision = <T>({ by, stamp, value }: { value: T; by: string; stamp: Stamp }) => ({
    value,
    by: mask(by, stamp),
    stamp,
  });
  const whose = ({ stamp, value }: NonNullable<Raising["assigned"]>): string | null =>
    value === null || stamp.hub !== hub ? value : somebodyAt(hub);
  const raising = (each: Raising): Raising => ({
    raisedAt: each.raisedAt,
    ...(each.raised === undefined ? {} : { raised: deed(each.raised) }),
    ...(each.returned === undefined ? {} : { returned: deed(each.returned) }),
    ...(each.acknowledged === undefined ? {} : { acknowledged: deed(each.acknowledged) }),
    ...(each.again === undefined ? {} : { again: deed(each.again) }),
    ...(each.reset === undefined ? {} : { reset: deed(each.reset) }),
    ...(each.suppressed === undefined ? {} : { suppressed: decision(each.suppressed) }),
    ...(each.assigned === undefined
      ? {}
      : { assigned: { ...decision(each.assigned), value: whose(each.assigned) } }),
  });
  const told = comments.filter(({ stamp }) => isCleared(stamp)).slice(-COMMENTS_TOLD_MAX);
  return {
    id,
    latching,
    raisings: raisings.slice(-RAISINGS_TOLD_MAX).map(raising),
    comments: told.map(({ at, by, stamp, text }): Comment => ({ by: mask(by, stamp), text, at, stamp })),
    ...(shelved === undefined ? {} : { shelved: decision(shelved) }),
    ...(outOfService === undefined ? {} : { outOfService: decision(outOfService) }),
  };
}

/** A title that somebody typed, or what stands in for it. */
export const titleForParent = (
  title: LocalText,
  standIn: LocalText,
  clears: ReadonlySet<Clearance>,
): LocalText => (clears.has("titles") ? title : standIn);
