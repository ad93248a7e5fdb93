/** A scenario is data: what happens to which device, and when. Everything it does, it does to a simulated device. */

import type { SimulatedFault } from "@campus-ops/device-profiles/simulator";
import type { EventName, LocalText, MetricName, SampleValue } from "@campus-ops/device-profiles/vocabulary";

export type Act =
  | { readonly do: "set"; readonly device: string; readonly metric: MetricName; readonly value: SampleValue }
  | {
      readonly do: "raise";
      readonly device: string;
      readonly event: EventName;
      readonly fields: Readonly<Record<string, SampleValue>>;
    }
  | { readonly do: "fault"; readonly device: string; readonly fault: SimulatedFault | null }
  /** Tells who watches what the next acts mean. */
  | { readonly do: "tell"; readonly text: LocalText };

export interface Step {
  /** Since the beginning of the loop. */
  readonly at_ms: number;
  readonly act: Act;
}

/** In order of time; begins again after `length_ms`. */
export interface Timeline {
  readonly length_ms: number;
  readonly steps: readonly Step[];
}

export class InvalidTimelineError extends Error {
  override readonly name = "InvalidTimelineError";
}

/** Sorts the steps. Throws {@link InvalidTimelineError} for a step outside of the loop. */
export function timeline(length_ms: number, steps: readonly Step[]): Timeline {
  const outside = steps.find(({ at_ms }) => at_ms < 0 || at_ms >= length_ms);
  if (outside !== undefined) {
    throw new InvalidTimelineError(`a step at ${outside.at_ms} ms lies outside of a loop of ${length_ms} ms`);
  }
  return { length_ms, steps: steps.toSorted((a, b) => a.at_ms - b.at_ms) };
}

/** The acts due from `from_ms` (included) to `to_ms` (excluded), both counted since the first loop began. */
export function actsBetween({ length_ms, steps }: Timeline, from_ms: number, to_ms: number): readonly Act[] {
  const due: Act[] = [];
  for (let loop = Math.floor(from_ms / length_ms); loop * length_ms < to_ms; loop += 1) {
    for (const { at_ms, act } of steps) {
      const at = loop * length_ms + at_ms;
      if (at >= from_ms && at < to_ms) due.push(act);
    }
  }
  return due;
}

/** When the next act after `from_ms` (included) is due, on the same count; undefined when nothing ever happens. */
export function nextDue({ length_ms, steps }: Timeline, from_ms: number): number | undefined {
  const [first] = steps;
  if (first === undefined) return undefined;
  const loop = Math.floor(from_ms / length_ms);
  const inThisLoop = steps.find(({ at_ms }) => loop * length_ms + at_ms >= from_ms);
  return inThisLoop === undefined
    ? (loop + 1) * length_ms + first.at_ms
    : loop * length_ms + inThisLoop.at_ms;
}

/** What hangs from `device`, through any number of others, itself first. */
export function withDependants(device: string, dependsOn: ReadonlyMap<string, string>): readonly string[] {
  const reached = [device];
  for (const each of reached) {
    for (const [child, parent] of dependsOn)
      if (parent === each && !reached.includes(child)) reached.push(child);
  }
  return reached;
}
