/**
 * Who listens to whom across devices: conditions that compare one device with those near by, or look at another alarm.
 * Worked out anew for a campus when one of its devices is born with something new to say of itself.
 */
import type { MetricName, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Calendar } from "./calendar.ts";
import type { OtherAlarm, Subject } from "./conditions/condition.ts";
import type { Device } from "./device.ts";
import type { Monitor } from "./monitor.ts";
import type { Nearness, Place, Rule } from "./rule.ts";
import { partsNearBy } from "./selection.ts";

/** Segments of `city/county/campus/building/floor/space` that two devices of one place share. */
const DEPTH: Readonly<Record<Exclude<Place, "device">, number>> = {
  campus: 3,
  building: 4,
  floor: 5,
  space: 6,
};

/** Who is told of what one device says. */
interface Audience {
  readonly samples: Map<MetricName, Monitor[]>;
  readonly events: Map<string, Monitor[]>;
  readonly alarms: Map<string, Monitor[]>;
}

export interface Neighbours {
  readonly devices: ReadonlyMap<string, Device>;
  monitorsOf(device: Device): readonly Monitor[];
  /** Somebody near by looks at this metric of the device. */
  watch(device: Device, name: MetricName): void;
  readonly rules: readonly Rule[];
  readonly calendar: Calendar;
}

export class Neighbourhood {
  readonly #neighbours: Neighbours;
  readonly #audiences = new Map<Device, Audience>();
  readonly #ofCampus = new Map<string, Device[]>();
  readonly #stale = new Set<string>();
  /** Some rule compares a metric with one of a device near by, so a birth's own readings matter to others at once. */
  readonly watches: boolean;

  constructor(neighbours: Neighbours) {
    this.#neighbours = neighbours;
    this.watches = neighbours.rules.some(({ condition }) =>
      partsNearBy(condition).some((part) => part.kind === "imbalance" && "metric" in part.than),
    );
  }

  /** What a condition on this device is bound to. */
  subject(rule: Rule, device: Device, instance: string | undefined, expectedSince?: Timestamp): Subject {
    let box: Device | undefined;
    const boxOf = (): Device | undefined => {
      box ??= this.#neighbours.devices.get(device.node);
      return box;
    };
    const nodeOnline = (): boolean => boxOf()?.online ?? false;
    const route = rule.routes?.[device.key];
    return {
      device,
      instance,
      calendar: this.#neighbours.calendar,
      ...(route === undefined ? {} : { route }),
      ...(expectedSince === undefined ? {} : { expectedSince }),
      nodeOnline,
      nodeSince: () => boxOf()?.changedAt ?? 0,
      reachable: () => device.online && nodeOnline(),
      peers: (near) => this.peers(device, near),
      alarms: (rules, near) => this.alarms(device, rules, near),
    };
  }

  peers(device: Device, near: Nearness): readonly Device[] {
    if (near.place === "device") return [device];
    this.refresh();
    return (this.#ofCampus.get(device.campus) ?? []).filter((other) => isNear(device, other, near));
  }

  alarms(device: Device, rules: readonly string[], near: Nearness): readonly OtherAlarm[] {
    return this.peers(device, near).flatMap((other) =>
      this.#neighbours
        .monitorsOf(other)
        .filter(({ rule, alarm }) => alarm.occurrence > 0 && rules.includes(rule.id))
        .map(({ active, rule, alarm }) => ({
          active: active && alarm.state !== "out-of-service",
          state: alarm.state,
          title: rule.title,
          device: other.facts.title,
          evidence: alarm.evidence,
        })),
    );
  }

  /** A campus has a device more, or one that moved: everybody there finds everybody anew, when it next matters. */
  stale(campus: string): void {
    this.#stale.add(campus);
  }

  refresh(): void {
    if (this.#stale.size === 0) return;
    const campuses = [...this.#stale];
    this.#stale.clear();
    for (const campus of campuses) this.#link(campus);
  }

  #link(campus: string): void {
    const devices = [...this.#neighbours.devices.values()].filter(
      (device) => device.campus === campus && !device.retired,
    );
    this.#ofCampus.set(campus, devices);
    for (const device of devices) this.#audiences.delete(device);
    const listening = devices
      .flatMap((device) => this.#neighbours.monitorsOf(device))
      .filter(({ rule }) => partsNearBy(rule.condition).length > 0)
      .sort((a, b) => a.ordinal - b.ordinal);
    for (const monitor of listening) this.#listen(monitor);
  }

  onSample(device: Device, name: MetricName): readonly Monitor[] {
    if (this.#audiences.size === 0) return NOBODY;
    return this.#audiences.get(device)?.samples.get(name) ?? NOBODY;
  }

  onEvent(device: Device, name: string): readonly Monitor[] {
    return this.#audiences.get(device)?.events.get(name) ?? NOBODY;
  }

  /** Who looks at alarms of this rule on this device. */
  onAlarm(device: Device, rule: string): readonly Monitor[] {
    return this.#audiences.get(device)?.alarms.get(rule) ?? NOBODY;
  }

  #listen(monitor: Monitor): void {
    for (const part of partsNearBy(monitor.rule.condition)) {
      for (const peer of this.peers(monitor.device, part.near)) {
        const { samples, events, alarms } = this.#audience(peer);
        if (part.kind === "alarm") {
          for (const rule of part.rules) join(alarms, rule, monitor);
        } else if ("metric" in part.than) {
          this.#neighbours.watch(peer, part.than.metric);
          join(samples, part.than.metric, monitor);
        } else {
          join(events, part.than.event.event, monitor);
        }
      }
    }
  }

  #audience(device: Device): Audience {
    let audience = this.#audiences.get(device);
    if (audience === undefined) {
      audience = { samples: new Map(), events: new Map(), alarms: new Map() };
      this.#audiences.set(device, audience);
    }
    return audience;
  }
}

function isNear(device: Device, other: Device, { place, classes }: Nearness): boolean {
  if (classes !== undefined && !classes.includes(other.facts.class)) return false;
  if (place === "device") return device === other;
  const depth = DEPTH[place];
  const [a, b] = [device.facts.path.split("/"), other.facts.path.split("/")];
  return a.slice(0, depth).join("/") === b.slice(0, depth).join("/");
}

function join(lists: Map<string, Monitor[]>, name: string, monitor: Monitor): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [monitor]);
  else if (!list.includes(monitor)) list.push(monitor);
}

const NOBODY: readonly Monitor[] = [];
