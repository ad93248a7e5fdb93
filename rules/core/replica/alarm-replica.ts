/**
 * One alarm as several hubs know it: the campus where it is raised and the county that watches it. What either side
 * does while the line is down is kept as facts that merge; in whatever order they are merged, and however often, every
 * side comes to the same state.
 *
 * A raising is named by its event time, which every hub reads from the same data. So an acknowledgement belongs to one
 * raising, and never silences one that nobody had seen; and a raising after a clearing is a new one on every side.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmState } from "../../api.ts";
import { compareStamps, later, type Stamp } from "./hybrid-clock.ts";

/** Raisings of one alarm that are kept: the newest by event time. */
export const RAISINGS_MAX = 16;
/** Comments of one alarm that are kept: the newest. */
export const COMMENTS_MAX = 200;

/** The last of several such decisions holds. */
interface Decision<T> {
  readonly value: T;
  readonly by: string;
  readonly stamp: Stamp;
}

/** Somebody did it, and it cannot be undone; the first of several counts. */
export interface Deed {
  readonly by: string;
  readonly at: Timestamp;
  readonly comment?: string;
  readonly stamp: Stamp;
}

export interface Raising {
  readonly raisedAt: Timestamp;
  readonly raised?: Deed;
  /** The last of several. It counts as an acknowledgement does. */
  readonly returned?: Deed;
  /** The last of several. It counts if it is later than the last time the alarm was made to ring again. */
  readonly acknowledged?: Deed;
  /** It rang again though it never ended: its shelving, suppression or absence from service was over. */
  readonly again?: Deed;
  readonly reset?: Deed;
  readonly suppressed?: Decision<boolean>;
  /** Whose it is; null when it was taken back. The next raising is nobody's, whoever had this one. */
  readonly assigned?: Decision<string | null>;
}

export interface Comment {
  readonly by: string;
  readonly text: string;
  readonly at: Timestamp;
  readonly stamp: Stamp;
}

export interface AlarmReplica {
  readonly id: string;
  readonly latching: boolean;
  /** By event time, the oldest first. */
  readonly raisings: readonly Raising[];
  readonly comments: readonly Comment[];
  /** Until when; null when somebody or something ended it. */
  readonly shelved?: Decision<Timestamp | null>;
  readonly outOfService?: Decision<boolean>;
}

export const newReplica = (id: string, latching: boolean): AlarmReplica => ({
  id,
  latching,
  raisings: [],
  comments: [],
});

export type Fact =
  | {
      readonly kind: "raised" | "returned" | "acknowledged" | "again" | "reset";
      readonly raisedAt: Timestamp;
      readonly at: Timestamp;
      readonly comment?: string;
    }
  | { readonly kind: "suppressed"; readonly raisedAt: Timestamp; readonly value: boolean }
  | { readonly kind: "assigned"; readonly raisedAt: Timestamp; readonly to: string | null }
  | { readonly kind: "shelved"; readonly until: Timestamp | null }
  | { readonly kind: "out-of-service"; readonly value: boolean }
  | { readonly kind: "comment"; readonly text: string; readonly at: Timestamp };

/** The replica with one fact more. */
export function withFact(replica: AlarmReplica, fact: Fact, by: string, stamp: Stamp): AlarmReplica {
  const empty = newReplica(replica.id, replica.latching);
  switch (fact.kind) {
    case "raised":
    case "returned":
    case "acknowledged":
    case "again":
    case "reset": {
      const { raisedAt, at, comment } = fact;
      const deed: Deed = { by, at, ...(comment === undefined ? {} : { comment }), stamp };
      return merge(replica, { ...empty, raisings: [{ raisedAt, [fact.kind]: deed }] });
    }
    case "suppressed": {
      const suppressed = { value: fact.value, by, stamp };
      return merge(replica, { ...empty, raisings: [{ raisedAt: fact.raisedAt, suppressed }] });
    }
    case "assigned": {
      const assigned = { value: fact.to, by, stamp };
      return merge(replica, { ...empty, raisings: [{ raisedAt: fact.raisedAt, assigned }] });
    }
    case "shelved":
      return merge(replica, { ...empty, shelved: { value: fact.until, by, stamp } });
    case "out-of-service":
      return merge(replica, { ...empty, outOfService: { value: fact.value, by, stamp } });
    case "comment":
      return merge(replica, { ...empty, comments: [{ by, text: fact.text, at: fact.at, stamp }] });
  }
}

/** Commutative, associative and idempotent; of the same alarm. */
export function merge(a: AlarmReplica, b: AlarmReplica): AlarmReplica {
  const raisings = new Map<Timestamp, Raising>();
  for (const each of [...a.raisings, ...b.raisings]) {
    const known = raisings.get(each.raisedAt);
    raisings.set(each.raisedAt, known === undefined ? each : mergeRaisings(known, each));
  }
  const comments = new Map<string, Comment>();
  // Of two versions of one fact the own is kept: what goes up has lost the names in it.
  for (const each of [...b.comments, ...a.comments]) comments.set(JSON.stringify(each.stamp), each);
  return {
    id: a.id,
    latching: a.latching || b.latching,
    raisings: [...raisings.values()].sort((x, y) => x.raisedAt - y.raisedAt).slice(-RAISINGS_MAX),
    comments: [...comments.values()].sort((x, y) => compareStamps(x.stamp, y.stamp)).slice(-COMMENTS_MAX),
    ...only("shelved", newestOf(a.shelved, b.shelved)),
    ...only("outOfService", newestOf(a.outOfService, b.outOfService)),
  };
}

/** The newest stamp in it: whoever takes it over makes later ones. */
export function newestStamp(replica: AlarmReplica): Stamp | undefined {
  const stamps = [
    ...replica.raisings.flatMap(({ raised, returned, acknowledged, again, reset, suppressed, assigned }) =>
      [raised, returned, acknowledged, again, reset, suppressed, assigned].flatMap(
        (each) => each?.stamp ?? [],
      ),
    ),
    ...replica.comments.map(({ stamp }) => stamp),
    ...[replica.shelved, replica.outOfService].flatMap((each) => each?.stamp ?? []),
  ];
  return stamps.length === 0 ? undefined : stamps.reduce(later);
}

/** The life-cycle state that the facts amount to; that of the newest raising. */
export function stateOf({ latching, raisings, shelved, outOfService }: AlarmReplica): AlarmState {
  if (outOfService?.value === true && !latching) return "out-of-service";
  const newest = raisings.findLast(({ raised }) => raised !== undefined);
  if (newest === undefined) return "normal";
  const { reset, suppressed } = newest;
  const acknowledged = isAcknowledged(newest);
  if (typeof shelved?.value === "number" && !latching) return "shelved";
  if (!isReturned(newest)) {
    if (suppressed?.value === true && !latching) return "suppressed-by-design";
    return acknowledged ? "acknowledged" : "unacknowledged";
  }
  if (latching) return reset === undefined ? "latched" : "normal";
  if (suppressed?.value === true) return "normal";
  return acknowledged ? "normal" : "returned-unacknowledged";
}

const isAcknowledged = ({ acknowledged, again }: Raising): boolean => isLater(acknowledged, again);

/** Its condition is over. */
export const isReturned = ({ again, returned }: Raising): boolean => isLater(returned, again);

/** Something was done, and the alarm did not ring again after it. */
function isLater(deed: Deed | undefined, again: Deed | undefined): boolean {
  if (deed === undefined) return false;
  return again === undefined || compareStamps(deed.stamp, again.stamp) > 0;
}

function mergeRaisings(a: Raising, b: Raising): Raising {
  return {
    raisedAt: a.raisedAt,
    ...only("raised", firstOf(a.raised, b.raised)),
    ...only("returned", newestOf(a.returned, b.returned)),
    ...only("acknowledged", newestOf(a.acknowledged, b.acknowledged)),
    ...only("again", newestOf(a.again, b.again)),
    ...only("reset", firstOf(a.reset, b.reset)),
    ...only("suppressed", newestOf(a.suppressed, b.suppressed)),
    ...only("assigned", newestOf(a.assigned, b.assigned)),
  };
}

function firstOf(a: Deed | undefined, b: Deed | undefined): Deed | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareStamps(a.stamp, b.stamp) <= 0 ? a : b;
}

function newestOf<S extends { readonly stamp: Stamp }>(a: S | undefined, b: S | undefined): S | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareStamps(a.stamp, b.stamp) >= 0 ? a : b;
}

function only<K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [P in K]?: V });
}
