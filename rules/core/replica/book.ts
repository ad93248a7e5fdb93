/**
 * What this hub and others know of each alarm, kept as facts. An alarm is this hub's own, raised by its engine, or told by
 * a hub below. Facts of either side merge; an own alarm is then moved by the engine, a told one stands as the facts say.
 */
import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmView, TransitionView } from "../../api.ts";
import type { Effect, TransitionEffect } from "../effect.ts";
import type { ActionInput, Input } from "../input.ts";
import type { Rule } from "../rule.ts";
import type { AlarmRecord } from "../view.ts";
import {
  type AlarmReplica,
  type Fact,
  isReturned,
  merge,
  newestStamp,
  newReplica,
  stateOf,
  withFact,
} from "./alarm-replica.ts";
import { correctionsOf } from "./corrections.ts";
import { type Heard, hearing, newFacts, unheard } from "./difference.ts";
import { type Errand, errandsOf, factsOfAction, refusal } from "./errands.ts";
import { factsOf } from "./facts.ts";
import { HybridClock, type Stamp } from "./hybrid-clock.ts";
import { ALARM_CHANGED, readTold, stepsOf, type ToldAlarm, toldRecord } from "./told-alarm.ts";
import { personAt } from "./upward.ts";

export interface BookEntry {
  readonly replica: AlarmReplica;
  /** Whose facts have come here. */
  readonly heard: Heard;
  /** Absent of an own alarm. */
  readonly told?: ToldEntry;
}

interface ToldEntry {
  readonly alarm: ToldAlarm;
  /** Key of the hub's device that told it: `group/node/campus`. */
  readonly via: string;
  /** Whose facts that hub has heard, as it said last. */
  readonly heard: Heard;
  /** Since when the hub has been cut off. */
  readonly lastKnown?: Timestamp;
}

/** Where entries are kept between two commits. */
export interface Shelf {
  entry(alarm: string): BookEntry | undefined;
  /** Ids of the alarms, not normal, that a hub (`group/node`) or one of its devices has told. */
  standingOf(hub: string): readonly string[];
}

export interface BookOptions {
  /** What this hub is called among hubs. */
  readonly hub: string;
  readonly shelf: Shelf;
  readonly campusPath: (campus: string) => AssetPath;
  readonly rule: (id: string) => Rule | undefined;
  /** Where its clock stood. */
  readonly clock: Stamp;
}

export interface BookChanges {
  readonly entries: ReadonlyMap<string, BookEntry>;
  readonly clock: Stamp;
}

export class AlarmBook {
  readonly #options: BookOptions;
  readonly #clock: HybridClock;
  #dirty = new Map<string, BookEntry>();
  /** Told and not taken, by why. */
  readonly refused = new Map<string, number>();

  constructor(options: BookOptions) {
    this.#options = options;
    this.#clock = new HybridClock(options.hub, options.clock);
  }

  entry(alarm: string): BookEntry | undefined {
    return this.#dirty.get(alarm) ?? this.#options.shelf.entry(alarm);
  }

  isTold(alarm: string): boolean {
    return this.entry(alarm)?.told !== undefined;
  }

  takeChanges(): BookChanges {
    const changes = { entries: this.#dirty, clock: this.#clock.last };
    this.#dirty = new Map();
    return changes;
  }

  /** Writes down what the engine did to own alarms; `foreign` are names of people at other hubs who had it done. */
  observe(effects: readonly Effect[], foreign: ReadonlySet<string> = new Set()): void {
    for (const effect of effects) {
      if (effect.kind !== "transition" || effect.alarm.hub !== undefined) continue;
      const { alarm, transition } = effect;
      const by = foreign.has(transition.by) ? transition.by : personAt(transition.by, this.#options.hub);
      const known = this.entry(alarm.id);
      let replica = known?.replica ?? this.#begin(alarm, transition);
      for (const fact of factsOf(transition, alarm)) {
        if (saysNothingNew(replica, fact, by, by === transition.by)) continue;
        replica = withFact(replica, fact, by, this.#clock.tick(transition.at));
      }
      // Told anew although no fact was added: how many symptoms it has is news as well.
      this.#put(alarm.id, { heard: known?.heard ?? {}, replica });
    }
  }

  /** Own alarms that were there before there was a book; how many there were. */
  adopt(alarms: Iterable<AlarmRecord>): number {
    let adopted = 0;
    for (const alarm of alarms) {
      if (alarm.hub !== undefined || this.entry(alarm.id) !== undefined) continue;
      this.#put(alarm.id, { heard: {}, replica: this.#begin(alarm, { event: "adopt" }) });
      this.settle(alarm, alarm.updatedAt);
      adopted += 1;
    }
    return adopted;
  }

  /** What a journal entry says of told alarms. */
  take(input: Input, seq: number): readonly Effect[] {
    if (input.kind === "death") return this.#cutOff(input.address, seq, input.receivedAt);
    if (input.kind === "birth") return this.#reconnected(input.address, seq, input.receivedAt);
    if (input.kind !== "data") return [];
    return input.events.flatMap((event) => {
      if (event.name !== ALARM_CHANGED) return [];
      const told = readTold(event, input.address, this.#options.campusPath, input.receivedAt);
      if (typeof told === "string") return this.#refuse(told);
      const { alarm, facts, lastKnown } = told;
      const known = this.entry(alarm.id);
      if (known !== undefined && known.told === undefined) return this.#refuse("own-alarm");
      this.#seen(facts.replica, input.receivedAt);
      const before = known?.replica ?? newReplica(alarm.id, facts.replica.latching);
      const same = known?.told?.alarm.occurrence === alarm.occurrence;
      const receivedAt = same ? (known?.told?.alarm.receivedAt ?? input.receivedAt) : input.receivedAt;
      const is: ToldEntry = {
        alarm: { ...alarm, receivedAt },
        via: input.address,
        heard: facts.heard,
        ...onlyTime(lastKnown),
      };
      const entry: BookEntry = {
        replica: merge(before, facts.replica),
        heard: hearing(known?.heard ?? {}, facts.replica),
        told: is,
      };
      this.#put(alarm.id, entry);
      const steps = this.#steps(entry, before, seq, input.receivedAt);
      const was = known?.told;
      if (was === undefined) return steps;
      if (steps.length === 0 && was.lastKnown !== lastKnown)
        return [
          this.#note(entry, lastKnown === undefined ? "reconnected" : "cut-off", seq, input.receivedAt),
        ];
      // Some of it moves nothing, and is to be seen all the same: a raising while it is out of service, a cause.
      const shown = steps.at(-1)?.alarm ?? this.#record(was, before, input.receivedAt);
      const current = this.#record(is, entry.replica, input.receivedAt);
      return isSame(shown, current)
        ? steps
        : [...steps, this.#note(entry, "symptoms", seq, input.receivedAt)];
    });
  }

  /** What a person of this hub does to a told alarm. */
  act(input: ActionInput): readonly Effect[] {
    const entry = this.entry(input.alarm);
    if (entry?.told === undefined) return [refusal("unknown-alarm", `there is no alarm ${input.alarm}`)];
    const by = personAt(input.by, this.#options.hub);
    const facts = factsOfAction(entry.replica, { ...input, by });
    if ("reason" in facts) return [facts];
    return this.#change(entry, facts.facts, by, input.seq, input.receivedAt);
  }

  /**
   * What another hub has done to an alarm. Of an own alarm: what the engine is to do, after which {@link observe} and
   * {@link settle} follow. Of a told one: its transitions. Undefined where the alarm is unknown.
   */
  hear(
    alarm: string,
    said: AlarmReplica,
    seq: number,
    at: Timestamp,
  ): { readonly errands: readonly Errand[]; readonly effects: readonly Effect[] } | undefined {
    const known = this.entry(alarm);
    if (known === undefined || said.id !== alarm) return undefined;
    this.#seen(said, at);
    const replica = merge(known.replica, { ...said, latching: known.replica.latching });
    const entry = { ...known, replica, heard: hearing(known.heard, said) };
    this.#put(alarm, entry);
    if (entry.told !== undefined) return { errands: [], effects: this.#steps(entry, known.replica, seq, at) };
    const facts = newFacts(known.replica, replica);
    return { errands: facts.flatMap((fact) => errandsOf(alarm, replica, fact, at)), effects: [] };
  }

  /** Has the last word on an own alarm: what the engine could not follow is taken back. */
  settle(alarm: AlarmView, at: Timestamp): void {
    const known = this.entry(alarm.id);
    if (known === undefined || known.told !== undefined) return;
    let { replica } = known;
    for (const fact of correctionsOf(replica, alarm, at))
      replica = withFact(replica, fact, "rule", this.#clock.tick(at));
    if (replica !== known.replica) this.#put(alarm.id, { ...known, replica });
  }

  #steps(entry: BookEntry, before: AlarmReplica, seq: number, at: Timestamp): readonly TransitionEffect[] {
    const { told } = entry;
    if (told === undefined) return [];
    const steps = stepsOf(before, newFacts(before, entry.replica), told.alarm.occurrence);
    return steps.map(({ replica, transition }) => this.#effect(entry, replica, transition, seq, at));
  }

  #change(
    entry: BookEntry,
    facts: readonly Fact[],
    by: string,
    seq: number,
    at: Timestamp,
  ): readonly Effect[] {
    let { replica } = entry;
    for (const fact of facts) replica = withFact(replica, fact, by, this.#clock.tick(at));
    const changed = { ...entry, replica };
    this.#put(replica.id, changed);
    return this.#steps(changed, entry.replica, seq, at);
  }

  #cutOff(address: string, seq: number, at: Timestamp): readonly Effect[] {
    return this.#standing(address).flatMap((entry) => {
      if (entry.told === undefined || entry.told.lastKnown !== undefined) return [];
      const changed = { ...entry, told: { ...entry.told, lastKnown: at } };
      this.#put(entry.replica.id, changed);
      return [this.#note(changed, "cut-off", seq, at)];
    });
  }

  #reconnected(address: string, seq: number, at: Timestamp): readonly Effect[] {
    return this.#standing(address).flatMap((entry) => {
      if (entry.told?.lastKnown === undefined) return [];
      const { lastKnown: _, ...told } = entry.told;
      const changed = { ...entry, told };
      this.#put(entry.replica.id, changed);
      return [this.#note(changed, "reconnected", seq, at)];
    });
  }

  #standing(address: string): readonly BookEntry[] {
    const isOf = ({ told }: BookEntry): boolean =>
      told?.via === address || told?.via.startsWith(`${address}/`) === true;
    const ids = new Set([...this.#options.shelf.standingOf(address), ...this.#dirty.keys()]);
    return [...ids].flatMap((id) => {
      const entry = this.entry(id);
      return entry !== undefined && isOf(entry) && stateOf(entry.replica) !== "normal" ? [entry] : [];
    });
  }

  #note(entry: BookEntry, event: string, seq: number, at: Timestamp): Effect {
    const state = stateOf(entry.replica);
    const occurrence = entry.told?.alarm.occurrence ?? 0;
    return this.#effect(
      entry,
      entry.replica,
      { at, from: state, to: state, event, occurrence, by: "rule" },
      seq,
      at,
    );
  }

  #effect(
    { told }: BookEntry,
    replica: AlarmReplica,
    transition: TransitionView,
    seq: number,
    at: Timestamp,
  ): TransitionEffect {
    if (told === undefined) throw new TypeError("an own alarm is moved by the engine");
    return { kind: "transition", seq, transition, alarm: this.#record(told, replica, at) };
  }

  #record({ alarm, lastKnown, via }: ToldEntry, replica: AlarmReplica, at: Timestamp): AlarmRecord {
    return toldRecord(alarm, replica, via, this.#options.rule(alarm.rule), at, lastKnown);
  }

  /** An alarm that was there before there were facts: what can be told of it by what it is now. */
  #begin(alarm: AlarmRecord, { event }: Pick<TransitionView, "event">): AlarmReplica {
    const replica = newReplica(alarm.id, this.#options.rule(alarm.rule)?.latching ?? false);
    if (alarm.occurrence === 0 || event === "raise" || event === "suppress") return replica;
    const { raisedAt } = alarm;
    return withFact(replica, { kind: "raised", raisedAt, at: raisedAt }, "rule", this.#clock.tick(raisedAt));
  }

  #seen(replica: AlarmReplica, at: Timestamp): void {
    const newest = newestStamp(replica);
    if (newest !== undefined) this.#clock.seen(newest, at);
  }

  #put(alarm: string, entry: BookEntry): void {
    this.#dirty.set(alarm, entry);
  }

  #refuse(why: string): readonly Effect[] {
    this.refused.set(why, (this.refused.get(why) ?? 0) + 1);
    return [];
  }
}

const onlyTime = (lastKnown: Timestamp | undefined): { readonly lastKnown?: Timestamp } =>
  lastKnown === undefined ? {} : { lastKnown };

/** But for when that was. */
const isSame = (one: AlarmRecord, other: AlarmRecord): boolean =>
  JSON.stringify({ ...one, updatedAt: 0 }) === JSON.stringify({ ...other, updatedAt: 0 });

/** What the hub that told an alarm has not heard of it. */
export function owedTo({ replica, told }: BookEntry): AlarmReplica | undefined {
  return told === undefined ? undefined : unheard(replica, told.heard);
}

/** With its own newest stamp among them: whoever is told this knows what this hub had said by then. */
export const heardBy = ({ heard, replica }: BookEntry): Heard => hearing(heard, replica);

function saysNothingNew(replica: AlarmReplica, fact: Fact, by: string, isForeign: boolean): boolean {
  const raising =
    "raisedAt" in fact ? replica.raisings.find(({ raisedAt }) => raisedAt === fact.raisedAt) : undefined;
  switch (fact.kind) {
    case "raised":
    case "reset":
      return raising?.[fact.kind] !== undefined;
    case "returned":
      return raising !== undefined && isReturned(raising);
    case "acknowledged": {
      const before = raising?.acknowledged;
      return before?.by === by && withFactLeaves(replica, fact);
    }
    case "assigned":
      return raising?.assigned?.value === fact.to && raising.assigned.by === by;
    case "comment":
      return replica.comments.some(
        (each) => each.by === by && each.text === fact.text && (isForeign || each.at === fact.at),
      );
    case "shelved":
      return (
        by !== "rule" && replica.shelved?.by === by && typeof replica.shelved.value === typeof fact.until
      );
    case "out-of-service":
      return replica.outOfService?.value === fact.value && replica.outOfService.by === by;
    default:
      return false;
  }
}

/** An acknowledgement that counts already. */
function withFactLeaves(replica: AlarmReplica, { raisedAt }: { readonly raisedAt: Timestamp }): boolean {
  const raising = replica.raisings.find((each) => each.raisedAt === raisedAt);
  const alone = raising === undefined ? replica : { ...replica, raisings: [raising] };
  return stateOf(alone) !== "unacknowledged" && stateOf(alone) !== "returned-unacknowledged";
}
