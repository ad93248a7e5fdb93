/** What one hub knows of an alarm and another does not. */
import {
  type AlarmReplica,
  type Comment,
  type Deed,
  type Fact,
  newReplica,
  type Raising,
} from "./alarm-replica.ts";
import { BEGINNING, compareStamps, later, type Stamp } from "./hybrid-clock.ts";

/** By hub, the newest of its stamps that has come; what it had said before has come too. */
export type Heard = Readonly<Record<string, Stamp>>;

export interface StampedFact {
  readonly fact: Fact;
  readonly by: string;
  readonly stamp: Stamp;
}

const DEEDS = ["raised", "returned", "acknowledged", "again", "reset"] as const;

/** All that a replica holds, in the order in which it was done. */
export function factsIn({ comments, outOfService, raisings, shelved }: AlarmReplica): readonly StampedFact[] {
  const facts: StampedFact[] = raisings.flatMap(factsOfRaising);
  for (const { at, by, stamp, text } of comments)
    facts.push({ fact: { kind: "comment", text, at }, by, stamp });
  if (shelved !== undefined)
    facts.push({ fact: { kind: "shelved", until: shelved.value }, by: shelved.by, stamp: shelved.stamp });
  if (outOfService !== undefined) {
    const { by, stamp, value } = outOfService;
    facts.push({ fact: { kind: "out-of-service", value }, by, stamp });
  }
  return facts.sort((a, b) => compareStamps(a.stamp, b.stamp));
}

function factsOfRaising(raising: Raising): readonly StampedFact[] {
  const { assigned, raisedAt, suppressed } = raising;
  const deeds = DEEDS.flatMap((kind): readonly StampedFact[] => {
    const deed = raising[kind];
    if (deed === undefined) return [];
    const { at, by, comment, stamp } = deed;
    return [{ fact: { kind, raisedAt, at, ...(comment === undefined ? {} : { comment }) }, by, stamp }];
  });
  const decisions: StampedFact[] = [];
  if (suppressed !== undefined) {
    const { by, stamp, value } = suppressed;
    decisions.push({ fact: { kind: "suppressed", raisedAt, value }, by, stamp });
  }
  if (assigned !== undefined) {
    const { by, stamp, value } = assigned;
    decisions.push({ fact: { kind: "assigned", raisedAt, to: value }, by, stamp });
  }
  return [...deeds, ...decisions];
}

/** What is in `replica` and was not in `before`, in order. */
export function newFacts(before: AlarmReplica, replica: AlarmReplica): readonly StampedFact[] {
  const known = new Set(factsIn(before).map(nameOf));
  return factsIn(replica).filter((each) => !known.has(nameOf(each)));
}

const nameOf = ({ fact, stamp }: StampedFact): string =>
  `${fact.kind} ${stamp.wall} ${stamp.count} ${stamp.hub}`;

/** The part of a replica that somebody has not heard of; undefined when that is nothing. */
export function unheard(replica: AlarmReplica, heard: Heard): AlarmReplica | undefined {
  const isNew = ({ stamp }: { readonly stamp: Stamp }): boolean =>
    compareStamps(stamp, heard[stamp.hub] ?? BEGINNING) > 0;
  const raisings = replica.raisings.flatMap((raising) => {
    const { raisedAt, ...rest } = raising;
    const kept = Object.entries(rest).filter(([, said]) => isNew(said as Deed));
    return kept.length === 0 ? [] : [{ raisedAt, ...Object.fromEntries(kept) } as Raising];
  });
  const comments: readonly Comment[] = replica.comments.filter(isNew);
  const { outOfService, shelved } = replica;
  const part: AlarmReplica = {
    ...newReplica(replica.id, replica.latching),
    raisings,
    comments,
    ...(shelved !== undefined && isNew(shelved) ? { shelved } : {}),
    ...(outOfService !== undefined && isNew(outOfService) ? { outOfService } : {}),
  };
  return factsIn(part).length === 0 ? undefined : part;
}

/** With all that `replica` says heard as well. */
export function hearing(heard: Heard, replica: AlarmReplica): Heard {
  const all: Record<string, Stamp> = { ...heard };
  for (const { stamp } of factsIn(replica)) all[stamp.hub] = later(all[stamp.hub] ?? BEGINNING, stamp);
  return all;
}
