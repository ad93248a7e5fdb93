/**
 * Which alarm explains which. A failing device is a symptom while something it depends on has an active alarm of a rule
 * that is a cause; the farthest such alarm is the root.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmState } from "../api.ts";
import type { Device } from "./device.ts";
import type { Monitor } from "./monitor.ts";
import { upstreamOf } from "./topology.ts";
import { learnUpstream } from "./wiring.ts";

export interface Topology {
  readonly devices: ReadonlyMap<string, Device>;
  /** Devices of an edge box, the box itself included, in the order they were first seen. */
  devicesOf(node: string): readonly Device[];
  monitorsOf(device: Device): readonly Monitor[];
}

export type Upstream = { readonly active: Monitor } | { readonly pending: Monitor };

export class RootCause {
  readonly #topology: Topology;
  readonly #symptoms = new Map<string, number>();
  readonly #recounted = new Set<string>();
  /** What the switches of each edge box told, worked out when it is asked for. */
  readonly #learned = new Map<string, ReadonlyMap<string, string>>();

  constructor(topology: Topology) {
    this.#topology = topology;
  }

  /** A switch of this edge box told something new of its ports, or a device was born. */
  rewired(node: string): void {
    this.#learned.delete(node);
  }

  #upstreamOf(device: Device): readonly Device[] {
    const { devices, devicesOf } = this.#topology;
    let learned = this.#learned.get(device.node);
    if (learned === undefined) {
      learned = learnUpstream(devicesOf(device.node));
      this.#learned.set(device.node, learned);
    }
    return upstreamOf(device, devices, learned);
  }

  /** How many alarms are symptoms of this one now. */
  symptomsOf(alarm: string): number {
    return this.#symptoms.get(alarm) ?? 0;
  }

  /** What upstream explains a failure of `device`, or is about to. */
  causeOf(device: Device): Upstream | undefined {
    let active: Monitor | undefined;
    let pending: Monitor | undefined;
    // The nearest come first: a dead switch behind a dead switch explains nothing by itself.
    for (const upstream of this.#upstreamOf(device)) {
      for (const monitor of this.#topology.monitorsOf(upstream)) {
        if (!monitor.rule.cause) continue;
        if (monitor.active) active = monitor;
        else if (monitor.pending) pending = monitor;
      }
    }
    if (active !== undefined) return { active };
    return pending === undefined ? undefined : { pending };
  }

  /** A cause became active: what fails behind it is its symptom. Or it ended: its symptoms have until `graceUntil`. */
  changed(cause: Monitor, graceUntil: Timestamp): void {
    const { devicesOf, monitorsOf } = this.#topology;
    for (const device of devicesOf(cause.device.node)) {
      if (device === cause.device || !this.#upstreamOf(device).includes(cause.device)) continue;
      for (const monitor of monitorsOf(device)) {
        if (!monitor.rule.symptom || !monitor.active) continue;
        if (cause.active) {
          const root = this.causeOf(device);
          if (root !== undefined && "active" in root) monitor.becomeSymptomOf(root.active);
        } else if (monitor.alarm.causeId === cause.id) {
          monitor.graceUntil(graceUntil);
        }
      }
    }
  }

  /** Keeps the count when an alarm is suppressed, or no longer is; then nothing explains it any more. */
  moved({ alarm }: Monitor, from: AlarmState): void {
    if (alarm.causeId === null) return;
    const was = from === "suppressed-by-design";
    const is = alarm.state === "suppressed-by-design";
    if (is && !was) this.recount(undefined, alarm.causeId);
    if (was && !is) {
      this.recount(alarm.causeId, undefined);
      alarm.causeId = null;
    }
  }

  recount(before: string | undefined, after: string | undefined): void {
    if (before === after) return;
    if (before !== undefined) this.#count(before, -1);
    if (after !== undefined) this.#count(after, 1);
    for (const id of [before, after]) if (id !== undefined) this.#recounted.add(id);
  }

  /** A symptom as it was stored: counted, and no news. */
  restored({ alarm }: Monitor): void {
    if (alarm.causeId !== null && alarm.state === "suppressed-by-design") this.#count(alarm.causeId, 1);
  }

  /** Alarms whose number of symptoms changed since it was last asked for. */
  takeRecounted(): readonly string[] {
    if (this.#recounted.size === 0) return NOTHING;
    const ids = [...this.#recounted];
    this.#recounted.clear();
    return ids;
  }

  #count(cause: string, by: number): void {
    this.#symptoms.set(cause, this.symptomsOf(cause) + by);
  }
}

const NOTHING: readonly string[] = [];
