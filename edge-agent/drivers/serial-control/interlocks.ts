/**
 * Commands that wait until something is so: the mains behind a projector is cut when the projector has cooled. Whatever
 * is not known is not so: nothing is cut because a projector does not answer.
 */
import type { Interlock } from "@campus-ops/device-profiles/profiles/serial-control-profile";
import type { MetricName, SampleValue } from "@campus-ops/device-profiles/vocabulary";

/** A command that could not be given for so long is out of date. */
export const INTERLOCK_MS_MAX = 300_000;

export interface Command {
  readonly metric: MetricName;
  readonly value: SampleValue;
}

export class Interlocks {
  readonly #interlocks: readonly Interlock[];
  readonly #waiting = new Map<Interlock, { readonly since: number }>();

  constructor(interlocks: readonly Interlock[]) {
    this.#interlocks = interlocks;
  }

  /**
   * What has to be told to the device before this command, which then waits for {@link due}; undefined when it can be
   * given now. A command that says otherwise about the same metric takes the waiting one's place.
   */
  before(
    metric: MetricName,
    value: SampleValue,
    latest: ReadonlyMap<MetricName, SampleValue>,
    now: number,
  ): Command | undefined {
    for (const interlock of this.#interlocks) {
      if (interlock.metric === metric || interlock.first.metric === metric) this.#waiting.delete(interlock);
    }
    const lock = this.#interlocks.find((each) => each.metric === metric && each.value === value);
    if (lock === undefined || latest.get(lock.first.metric) === lock.until) return undefined;
    this.#waiting.set(lock, { since: now });
    return lock.first;
  }

  /** Commands that have waited long enough; each is told once. */
  due(latest: ReadonlyMap<MetricName, SampleValue>, now: number): readonly Command[] {
    return [...this.#waiting].flatMap(([lock, { since }]) => {
      const outdated = now - since > INTERLOCK_MS_MAX;
      const ready = latest.get(lock.first.metric) === lock.until;
      if (outdated || ready) this.#waiting.delete(lock);
      return ready && !outdated ? [{ metric: lock.metric, value: lock.value }] : [];
    });
  }
}
