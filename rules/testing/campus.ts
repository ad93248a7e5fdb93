/** A small campus for the core's tests: inputs in one line, and an engine over the built-in packs. */
import { GOOD, type Quality } from "@campus-ops/device-profiles/vocabulary";
import { cycleCalendar } from "../core/calendar.ts";
import type { Effect, TransitionEffect } from "../core/effect.ts";
import { Engine, type EngineState } from "../core/engine.ts";
import type { ActionInput, EventInput, Input, PersonAction, SampleInput, Scalar } from "../core/input.ts";
import { BUILT_IN_PACKS, loadPacks, packFiles } from "../packs/load.ts";
import { TRACE_WINDOWS } from "../packs/trace.ts";

export const BEGIN = Date.UTC(2026, 8, 7);
export const BOX = "school/box-1";

const calendar = cycleCalendar({
  period_ms: 600_000,
  anchor: BEGIN,
  windows: { lesson: [[100_000, 300_000]], closed: [[500_000, 600_000]], arrival: [], departure: [] },
});
export const RULES = loadPacks(
  BUILT_IN_PACKS.flatMap((name) => packFiles(name, "")),
  {},
  new Set(TRACE_WINDOWS),
);

export function newEngine(state?: EngineState): Engine {
  return new Engine({ rules: RULES, calendar, campusPath: (campus) => campus, grace_ms: 30_000 }, state);
}

/** Numbers entries and keeps their time from going back, as a journal does. */
export class Journal {
  readonly inputs: Input[] = [];
  #at = BEGIN;

  clock(offset_ms: number): this {
    return this.#add(offset_ms, (from) => ({ ...from, kind: "clock" }));
  }

  /** A CLOCK entry a second. */
  quiet(from_ms: number, to_ms: number): this {
    for (let at = from_ms; at <= to_ms; at += 1_000) this.clock(at);
    return this;
  }

  birth(
    offset_ms: number,
    address: string,
    deviceClass: string,
    values: Readonly<Record<string, Scalar>> = {},
  ): this {
    const own = { "Properties/Class": deviceClass, "Properties/Path": "990100/990101/school", ...values };
    return this.#add(offset_ms, (from) => ({
      ...from,
      kind: "birth",
      address,
      samples: Object.entries(own).map(([name, value]) => sample(name, value, from.receivedAt)),
    }));
  }

  /** The birth of an edge box in another session than before. */
  connectedAnew(offset_ms: number, address: string): this {
    this.birth(offset_ms, address, "edge-box");
    const birth = this.inputs.pop();
    if (birth?.kind === "birth") this.inputs.push({ ...birth, newSession: true });
    return this;
  }

  death(offset_ms: number, address: string): this {
    return this.#add(offset_ms, (from) => ({ ...from, kind: "death", address }));
  }

  /** What an NBIRTH of another session says of a device that was there in the last one. */
  goneWithBox(offset_ms: number, address: string): this {
    return this.#add(offset_ms, (from) => ({ ...from, kind: "death", address, withBox: true }));
  }

  set(
    offset_ms: number,
    address: string,
    name: string,
    value: Scalar,
    more: { quality?: Quality; historical?: boolean; age_ms?: number } = {},
  ): this {
    return this.#add(offset_ms, (from) => ({
      ...from,
      kind: "data",
      address,
      samples: [{ ...sample(name, value, from.receivedAt - (more.age_ms ?? 0)), ...more }],
      events: [],
    }));
  }

  event(
    offset_ms: number,
    address: string,
    name: string,
    fields: Readonly<Record<string, Scalar>>,
    age_ms = 0,
  ): this {
    return this.#add(offset_ms, (from): Input => {
      const event: EventInput = {
        name,
        id: `${from.seq}`,
        fields,
        quality: GOOD,
        eventTime: from.receivedAt - age_ms,
        historical: age_ms > 0,
      };
      return { ...from, kind: "data", address, samples: [], events: [event] };
    });
  }

  act(
    offset_ms: number,
    alarm: string,
    action: PersonAction,
    more: Pick<ActionInput, "comment" | "duration_ms" | "assignee"> = {},
  ): this {
    const seq = this.inputs.length;
    this.inputs.push({
      kind: "action",
      seq,
      receivedAt: BEGIN + offset_ms,
      alarm,
      action,
      by: "desk-1",
      ...more,
    });
    return this;
  }

  #add(offset_ms: number, make: (from: { seq: number; receivedAt: number }) => Input): this {
    this.#at = Math.max(this.#at, BEGIN + offset_ms);
    this.inputs.push(make({ seq: this.inputs.length + 1, receivedAt: this.#at }));
    return this;
  }
}

function sample(name: string, value: Scalar, eventTime: number): SampleInput {
  return { name, value, quality: GOOD, eventTime, historical: false };
}

export function play(engine: Engine, inputs: readonly Input[]): Effect[] {
  return inputs.flatMap((input) => engine.step(input));
}

/** Transitions worth a person's attention, without changes of symptom counts. */
export function transitionsOf(effects: readonly Effect[]): readonly TransitionEffect[] {
  return effects.filter(
    (effect): effect is TransitionEffect =>
      effect.kind === "transition" && effect.transition.from !== effect.transition.to,
  );
}

/** `device rule from → to`, one a transition. */
export function lines(effects: readonly Effect[]): readonly string[] {
  return transitionsOf(effects).map(
    ({ alarm, transition: { from, to } }) =>
      `${alarm.device.key.split("/").at(-1)} ${alarm.rule} ${from} → ${to}`,
  );
}
