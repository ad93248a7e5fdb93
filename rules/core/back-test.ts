/**
 * What a rule that is changed, or new, would have made of the past: two engines read the same journal, one with the
 * rules in force and one with the candidate's, and their alarms are compared. It is the engine of the live rules, fed
 * with the same inputs, so what it says is what would have happened.
 */
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Priority } from "../api.ts";
import type { Effect } from "./effect.ts";
import { Engine } from "./engine.ts";
import type { EngineOptions } from "./engine-state.ts";
import type { Input } from "./input.ts";
import type { Rule } from "./rule.ts";
import { partsNearBy } from "./selection.ts";

/** Alarms listed on each side of a difference; beyond it they are only counted. */
export const LISTED_MAX = 1_000;
/** Raisings remembered of one side. */
export const OCCURRENCES_KEPT_MAX = 200_000;

/** One raising of an alarm. */
export interface Occurrence {
  readonly alarm: string;
  readonly rule: string;
  readonly device: string;
  readonly deviceTitle: LocalText;
  readonly instance?: string;
  readonly priority: Priority;
  readonly raisedAt: Timestamp;
  /** Absent when it never ended. */
  readonly returnedAt?: Timestamp;
  /** It was explained by another alarm when it began, so nobody was told. */
  readonly suppressed: boolean;
  readonly explanation: LocalText;
}

export interface AlarmDifference {
  /** Raisings of the rules that differ, with the rules in force and with the candidate. */
  readonly before: number;
  readonly after: number;
  readonly same: number;
  readonly new: Listed<Occurrence>;
  readonly gone: Listed<Occurrence>;
  /** The same alarm at about the same time, with another beginning, end, priority or reason. */
  readonly changed: Listed<{ readonly before: Occurrence; readonly after: Occurrence }>;
  /** More raisings than are remembered: the comparison is of the first of them. */
  readonly cut: boolean;
}

export interface Listed<T> {
  readonly count: number;
  readonly first: readonly T[];
}

export interface Candidate {
  readonly inForce: readonly Rule[];
  readonly candidate: readonly Rule[];
}

/** `changes` put in the place of rules of the same id, or added. */
export function withRules(inForce: readonly Rule[], changes: readonly Rule[]): readonly Rule[] {
  const byId = new Map(changes.map((rule) => [rule.id, rule]));
  const kept = inForce.map((rule) => byId.get(rule.id) ?? rule);
  const known = new Set(inForce.map(({ id }) => id));
  return [...kept, ...changes.filter(({ id }) => !known.has(id))];
}

/** Ids of rules that are not the same on both sides. */
export function differing({ inForce, candidate }: Candidate): ReadonlySet<string> {
  const texts = (rules: readonly Rule[]) => new Map(rules.map((rule) => [rule.id, JSON.stringify(rule)]));
  const [before, after] = [texts(inForce), texts(candidate)];
  const ids = new Set([...before.keys(), ...after.keys()]);
  return new Set([...ids].filter((id) => before.get(id) !== after.get(id)));
}

/** Of `rules`, those that have a say in `wanted`: themselves, causes that may explain them, and alarms they look at. */
export function concernedBy(rules: readonly Rule[], wanted: ReadonlySet<string>): readonly Rule[] {
  const needed = new Set(wanted);
  // A set grows while it is walked: alarms that are looked at may look at others.
  for (const id of needed) {
    const rule = rules.find((each) => each.id === id);
    for (const part of rule === undefined ? [] : partsNearBy(rule.condition)) {
      if (part.kind === "alarm") for (const other of part.rules) needed.add(other);
    }
  }
  return rules.filter(({ id, cause }) => cause || needed.has(id));
}

export class BackTest {
  readonly #wanted: ReadonlySet<string>;
  readonly #before: Side;
  readonly #after: Side;

  constructor(candidate: Candidate, options: Omit<EngineOptions, "rules">) {
    this.#wanted = differing(candidate);
    const side = (rules: readonly Rule[]): Side =>
      new Side(new Engine({ ...options, rules: concernedBy(rules, this.#wanted) }), this.#wanted);
    this.#before = side(candidate.inForce);
    this.#after = side(candidate.candidate);
  }

  step(input: Input): void {
    this.#before.step(input);
    this.#after.step(input);
  }

  result(): AlarmDifference {
    return compare(
      this.#before.occurrences(),
      this.#after.occurrences(),
      this.#before.cut || this.#after.cut,
    );
  }
}

type Open = { -readonly [K in keyof Occurrence]: Occurrence[K] };

class Side {
  readonly #engine: Engine;
  readonly #wanted: ReadonlySet<string>;
  readonly #all: Open[] = [];
  readonly #open = new Map<string, Open>();
  cut = false;

  constructor(engine: Engine, wanted: ReadonlySet<string>) {
    this.#engine = engine;
    this.#wanted = wanted;
  }

  step(input: Input): void {
    for (const effect of this.#engine.step(input)) this.#take(effect);
  }

  occurrences(): readonly Occurrence[] {
    return this.#all;
  }

  #take(effect: Effect): void {
    if (effect.kind !== "transition" || !this.#wanted.has(effect.alarm.rule)) return;
    const { alarm, transition } = effect;
    const { event } = transition;
    if (event === "return" || event === "latch") {
      const open = this.#open.get(alarm.id);
      if (open !== undefined && alarm.returnedAt !== undefined) open.returnedAt = alarm.returnedAt;
      this.#open.delete(alarm.id);
      return;
    }
    if (event !== "raise" && !(event === "suppress" && !this.#open.has(alarm.id))) return;
    if (this.#all.length >= OCCURRENCES_KEPT_MAX) {
      this.cut = true;
      return;
    }
    const { id, rule, device, instance, priority, raisedAt, explanation } = alarm;
    const occurrence: Open = {
      alarm: id,
      rule,
      device: device.key,
      deviceTitle: device.title,
      ...(instance === undefined ? {} : { instance }),
      priority,
      raisedAt,
      suppressed: event === "suppress",
      explanation,
    };
    this.#all.push(occurrence);
    this.#open.set(id, occurrence);
  }
}

/** Pairs raisings of the same alarm: equal ones first, then those that overlap in time. */
function compare(before: readonly Occurrence[], after: readonly Occurrence[], cut: boolean): AlarmDifference {
  const old = new Map<string, Occurrence[]>();
  for (const each of before) {
    const list = old.get(each.alarm);
    if (list === undefined) old.set(each.alarm, [each]);
    else list.push(each);
  }
  let same = 0;
  const unmatched: Occurrence[] = [];
  for (const each of after) {
    const list = old.get(each.alarm) ?? [];
    const equal = list.findIndex((other) => JSON.stringify(other) === JSON.stringify(each));
    if (equal < 0) unmatched.push(each);
    else {
      list.splice(equal, 1);
      same += 1;
    }
  }
  const added: Occurrence[] = [];
  const changed: { before: Occurrence; after: Occurrence }[] = [];
  for (const each of unmatched) {
    const list = old.get(each.alarm) ?? [];
    const near = list.findIndex((other) => overlap(other, each));
    const [other] = near < 0 ? [] : list.splice(near, 1);
    if (other === undefined) added.push(each);
    else changed.push({ before: other, after: each });
  }
  const gone = [...old.values()].flat().sort((a, b) => a.raisedAt - b.raisedAt);
  return {
    before: before.length,
    after: after.length,
    same,
    new: listed(added),
    gone: listed(gone),
    changed: listed(changed),
    cut,
  };
}

function overlap(a: Occurrence, b: Occurrence): boolean {
  const end = ({ returnedAt }: Occurrence): Timestamp => returnedAt ?? Number.POSITIVE_INFINITY;
  return a.raisedAt <= end(b) && b.raisedAt <= end(a);
}

function listed<T>(all: readonly T[]): Listed<T> {
  return { count: all.length, first: all.slice(0, LISTED_MAX) };
}
