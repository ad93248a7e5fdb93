/** The inside of a device that is controlled by a table of bytes: what it holds, and what it says. No line. */
import { frameFor, type Saying, type SerialControlProfile } from "../../profiles/serial-control-profile.ts";
import { type MetricName, metricDefinition, type SampleValue } from "../../vocabulary/index.ts";
import type { SimulatedFault } from "../simulated-device.ts";

/** What somebody presses on the panel is said twice by some; a storm says it so often. */
const STORM_COPIES = 200;
const RECEIVED_BYTES_MAX = 1_024;

export class SimulatedController {
  readonly #profile: SerialControlProfile;
  readonly #held = new Map<MetricName, SampleValue>();
  readonly #listeners = new Set<(frame: Uint8Array) => void>();
  #fault: SimulatedFault | null = null;

  constructor(profile: SerialControlProfile) {
    this.#profile = profile;
    for (const [metric, { sayings }] of Object.entries(profile.points)) {
      const said = sayings[0]?.value;
      const first = typeof said === "boolean" ? false : said;
      this.#held.set(metric, first ?? metricDefinition(metric)?.plausible?.[0] ?? 0);
    }
  }

  get(metric: MetricName): SampleValue {
    const value = this.#held.get(metric);
    if (value === undefined) throw new RangeError(`${this.#profile.id} has no ${metric}`);
    return value;
  }

  /** Throws a RangeError for what this device has no way to say. */
  set(metric: MetricName, value: SampleValue): void {
    this.get(metric);
    const frame = this.#saying(metric, value);
    if (frame === undefined)
      throw new RangeError(`${this.#profile.id} cannot say ${metric} ${String(value)}`);
    this.#held.set(metric, value);
    if (this.#profile.tellsChanges !== true || this.#fault === "stuck") return;
    for (let copy = 0; copy < (this.#fault === "storm" ? STORM_COPIES : 1); copy++) {
      for (const tell of this.#listeners) tell(frame);
    }
  }

  fault(fault: SimulatedFault | null): void {
    this.#fault = fault;
  }

  /** Takes what comes on one line and answers by `send`; the function returned ends that. */
  attach(send: (frame: Uint8Array) => void): { hear(bytes: Uint8Array): void; leave(): void } {
    this.#listeners.add(send);
    let received: number[] = [];
    return {
      hear: (bytes) => {
        received = [...received, ...bytes].slice(-RECEIVED_BYTES_MAX);
        received = this.#hear(Uint8Array.from(received), send);
      },
      leave: () => void this.#listeners.delete(send),
    };
  }

  /** Gives back what may be the beginning of a frame. */
  #hear(received: Uint8Array, send: (frame: Uint8Array) => void): number[] {
    let at = 0;
    while (at < received.length) {
      const taken = this.#takeAt(received, at, send);
      if (taken === "short") return [...received.subarray(at)];
      at += taken === 0 ? 1 : taken;
    }
    return [];
  }

  #takeAt(received: Uint8Array, at: number, send: (frame: Uint8Array) => void): number | "short" {
    const { deviceNumber: id, points } = this.#profile;
    let short = false;
    for (const [metric, { commands = [], query }] of Object.entries(points)) {
      // The question first: FF for “tell me” would pass for a number in a command.
      const asked = query === undefined ? [] : [{ pattern: query }];
      for (const { pattern, scale = 1, value } of [...asked, ...commands] as readonly Saying[]) {
        const match = pattern.match(received, at, { id });
        if (match === "short") short = true;
        if (match === undefined || match === "short") continue;
        if (pattern === query) this.#answer(metric, send);
        else this.#obey(metric, value ?? (match.value ?? 0) * scale, send);
        return match.length;
      }
    }
    return short ? "short" : 0;
  }

  #answer(metric: MetricName, send: (frame: Uint8Array) => void): void {
    const frame = this.#saying(metric, this.get(metric));
    if (frame !== undefined) send(frame);
  }

  #obey(metric: MetricName, value: SampleValue, send: (frame: Uint8Array) => void): void {
    const [accepted] = this.#profile.accepted;
    if (accepted !== undefined) send(accepted.make({ id: this.#profile.deviceNumber }));
    else {
      const frame = this.#saying(metric, value);
      if (frame !== undefined) send(frame);
    }
    if (this.#fault !== "not-done") this.#held.set(metric, value);
  }

  #saying(metric: MetricName, value: SampleValue): Uint8Array | undefined {
    return frameFor(this.#profile.points[metric]?.sayings ?? [], value, this.#profile.deviceNumber);
  }
}
