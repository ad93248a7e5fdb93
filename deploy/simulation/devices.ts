/** What one edge box watches: a gate, a panic button and a switch, each value of which can be told from every other. */
import { eventBirthMetric, eventToMetric, type Metric, sampleToMetric } from "@campus-ops/broker/sparkplug";
import {
  type DataClass,
  GOOD,
  type Quality,
  type SampleValue,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { NewRecord } from "@campus-ops/edge-agent/core/record";
import type { Random } from "./random.ts";

export const SWITCH = "switch-1";
export const GATE = "gate-1";
export const BUTTON = "button-1";

const CLASSES: Readonly<Record<string, string>> = {
  [SWITCH]: "switch",
  [GATE]: "access-gate",
  [BUTTON]: "panic-button",
};

export const ONLINE = "Connectivity/Online";
export const DEVICES = [SWITCH, GATE, BUTTON];

export class Devices {
  readonly #name: string;
  readonly #random: Random;
  /** Current values: `device` → metric → value and event time. They outlive the box: they are the devices'. */
  readonly #values = new Map<string, Map<string, { value: SampleValue; eventTime: Timestamp }>>();
  /** Who does not answer. */
  readonly #out = new Set<string>();
  /** How often each was reported to be out. */
  readonly #outages = new Map<string, number>();
  #count = 0;

  constructor(name: string, random: Random) {
    this.#name = name;
    this.#random = random;
    for (const device of Object.keys(CLASSES)) this.#values.set(device, new Map());
  }

  /** Undefined: it was the turn of one that does not answer. */
  next(at: Timestamp): NewRecord | undefined {
    const which = this.#random.next();
    const ports = this.#random.between(1, 4);
    const device = which < 0.75 ? SWITCH : which < 0.9 ? GATE : BUTTON;
    if (this.isOut(device)) return undefined;
    if (device === GATE) return this.#swipe(at);
    if (device === BUTTON) return this.#toggle(at, BUTTON, "Panic/Pressed", "alarm", true, false);
    if (which < 0.6) return this.#counters(at, ports);
    return this.#toggle(at, SWITCH, "Port/1/Oper", "state", "up", "down");
  }

  isOut(device: string): boolean {
    return this.#out.has(device);
  }

  /** Stops answering, or answers again. */
  turn(device: string): void {
    if (!this.#out.delete(device)) this.#out.add(device);
  }

  /** What its box has found out about it. */
  found(device: string, online: boolean, at: Timestamp): NewRecord {
    const before = this.#values.get(device)?.get(ONLINE)?.value;
    if (!online && before !== false) this.#outages.set(device, this.outagesOf(device) + 1);
    return { device, dataClass: "state", metrics: [this.#set(device, ONLINE, online, at)] };
  }

  outagesOf(device: string): number {
    return this.#outages.get(device) ?? 0;
  }

  /** The newest value of everything. */
  all(at: Timestamp): readonly NewRecord[] {
    return [
      this.#counters(at, 4),
      this.#toggle(at, SWITCH, "Port/1/Oper", "state", "up", "down"),
      this.#toggle(at, BUTTON, "Panic/Pressed", "alarm", true, false),
    ];
  }

  /** `found`: what the box knows of who answers; it has not tried the others yet. */
  births(
    at: Timestamp,
    found: ReadonlyMap<string, boolean>,
  ): readonly { readonly device: string; readonly metrics: readonly Metric[] }[] {
    return [...this.#values].map(([device, values]) => {
      const properties = { Class: CLASSES[device] ?? "", Path: "990100/990101/qiyun-no1" };
      const metrics = Object.entries(properties).map(([name, value]) =>
        sampleToMetric({ metric: `Properties/${name}`, value, quality: GOOD, eventTime: at }),
      );
      metrics.push(
        sampleToMetric(
          found.has(device)
            ? { metric: ONLINE, value: found.get(device) ?? false, quality: GOOD, eventTime: at }
            : { metric: ONLINE, value: false, quality: NOT_READ, eventTime: at },
        ),
      );
      for (const metric of METRICS[device] ?? []) {
        const known = values.get(metric);
        metrics.push(
          known === undefined
            ? sampleToMetric({ metric, value: null, quality: NOT_READ, eventTime: at })
            : sampleToMetric({ metric, ...known, quality: GOOD }),
        );
      }
      if (device === GATE) metrics.push(eventBirthMetric("Access/Swipe", at));
      return { device, metrics };
    });
  }

  /** What a registry that has heard everything must know. */
  *current(): Generator<{ readonly device: string; readonly metric: string; readonly value: SampleValue }> {
    for (const [device, values] of this.#values)
      for (const [metric, { value }] of values) yield { device, metric, value };
  }

  #counters(at: Timestamp, metrics: number): NewRecord {
    const names = (METRICS[SWITCH] ?? []).filter((name) => name.endsWith("Octets")).slice(0, metrics);
    const samples = names.map((metric) => {
      this.#count += 1;
      return this.#set(SWITCH, metric, this.#count, at);
    });
    return { device: SWITCH, dataClass: "telemetry", metrics: samples };
  }

  #toggle(
    at: Timestamp,
    device: string,
    metric: string,
    dataClass: DataClass,
    on: SampleValue,
    off: SampleValue,
  ): NewRecord {
    const value = this.#values.get(device)?.get(metric)?.value === on ? off : on;
    return { device, dataClass, metrics: [this.#set(device, metric, value, at)] };
  }

  #swipe(at: Timestamp): NewRecord {
    this.#count += 1;
    const id = `${this.#name}-${this.#count}`;
    const fields = {
      serial: this.#count,
      credential: id,
      result: "refused",
      reason: "unknown",
      direction: "in",
    };
    const event = eventToMetric({ event: "Access/Swipe", id, eventTime: at, quality: GOOD, fields });
    return { device: GATE, dataClass: "access", metrics: [event] };
  }

  #set(device: string, metric: string, value: SampleValue, eventTime: Timestamp): Metric {
    this.#values.get(device)?.set(metric, { value, eventTime });
    return sampleToMetric({ metric, value, quality: GOOD, eventTime });
  }
}

const NOT_READ: Quality = { status: "bad", reason: "not-read" };

const METRICS: Readonly<Record<string, readonly string[]>> = {
  [SWITCH]: ["Port/1/InOctets", "Port/1/OutOctets", "Port/2/InOctets", "Port/2/OutOctets", "Port/1/Oper"],
  [GATE]: [],
  [BUTTON]: ["Panic/Pressed"],
};
