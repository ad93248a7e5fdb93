/**
 * Who listens to whom across devices: conditions that compare one device with those near by, or look at another alarm.
 *
 * Devices and listeners are kept by the places that they are in, so that one device more costs the same in a campus of ten
 * thousand as in one of ten.
 */
import type { MetricName, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Calendar } from "./calendar.ts";
import type { OtherAlarm, Subject } from "./conditions/condition.ts";
import type { Device } from "./device.ts";
import type { Monitor } from "./monitor.ts";
import { type Nearness, PLACES, type Place, type Rule } from "./rule.ts";
import { partsNearBy } from "./selection.ts";

/** Segments of `city/county/campus/building/floor/space` that two devices of one place share. */
const DEPTH: Readonly<Record<Exclude<Place, "device">, number>> = {
  campus: 3,
  building: 4,
  floor: 5,
  space: 6,
};

export interface Neighbours {
  readonly devices: ReadonlyMap<string, Device>;
  monitorsOf(device: Device): readonly Monitor[];
  /** Somebody near by looks at this metric of the device. */
  watch(device: Device, name: MetricName): void;
  readonly calendar: Calendar;
}

/** By place, the key that all devices share who are in it together. */
type Places = Readonly<Record<Place, string>>;

interface Listener {
  readonly monitor: Monitor;
  readonly near: Nearness;
}

/** By name of what is listened to, and by place. */
type Listeners = Map<string, Map<string, Listener[]>>;

export class Neighbourhood {
  readonly #neighbours: Neighbours;
  /** Where each device is; a retired one is nowhere. */
  readonly #places = new Map<Device, Places>();
  readonly #devices = new Map<string, Device[]>();
  readonly #metrics: Listeners = new Map();
  readonly #events: Listeners = new Map();
  readonly #alarms: Listeners = new Map();

  constructor(neighbours: Neighbours) {
    this.#neighbours = neighbours;
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

  /** In the order in which they were first seen, which is the same after a restart. */
  peers(device: Device, near: Nearness): readonly Device[] {
    if (near.place === "device") return [device];
    const there = this.#devices.get(placesOf(device)[near.place]) ?? [];
    return there.filter((other) => isMeant(other, near));
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

  /** A device is new, has moved, or has been retired or taken back. */
  place(device: Device): void {
    const before = this.#places.get(device);
    const monitors = this.#neighbours.monitorsOf(device);
    if (before !== undefined) {
      for (const monitor of monitors) this.forget(monitor);
      for (const key of Object.values(before)) remove(this.#devices.get(key), device);
      this.#places.delete(device);
    }
    if (device.retired) return;
    const places = placesOf(device);
    this.#places.set(device, places);
    for (const key of Object.values(places)) insert(listIn(this.#devices, key), device);
    for (const monitor of monitors) this.listen(monitor);
    for (const [name, listeners] of this.#metrics)
      if (this.#heardIn(listeners, device).length > 0) this.#neighbours.watch(device, name);
  }

  /** A monitor is new, or its device is back. */
  listen(monitor: Monitor): void {
    const places = this.#places.get(monitor.device);
    if (places === undefined) return;
    for (const part of partsNearBy(monitor.rule.condition)) {
      for (const [listeners, name] of this.#topicsOf(part)) {
        const byPlace = listeners.get(name) ?? new Map<string, Listener[]>();
        listeners.set(name, byPlace);
        listIn(byPlace, places[part.near.place]).push({ monitor, near: part.near });
      }
      if (part.kind === "imbalance" && "metric" in part.than)
        for (const peer of this.peers(monitor.device, part.near))
          this.#neighbours.watch(peer, part.than.metric);
    }
  }

  /** Nobody is told of anything for this monitor any more. */
  forget(monitor: Monitor): void {
    const places = this.#places.get(monitor.device);
    if (places === undefined) return;
    for (const part of partsNearBy(monitor.rule.condition)) {
      for (const [listeners, name] of this.#topicsOf(part)) {
        const list = listeners.get(name)?.get(places[part.near.place]);
        const index = list?.findIndex((listener) => listener.monitor === monitor) ?? -1;
        if (index >= 0) list?.splice(index, 1);
      }
    }
  }

  /** Who is told of what the device says of this metric. */
  onSample(device: Device, name: MetricName): readonly Monitor[] {
    return this.#heard(this.#metrics, device, name);
  }

  onEvent(device: Device, name: string): readonly Monitor[] {
    return this.#heard(this.#events, device, name);
  }

  /** Who looks at alarms of this rule on this device. */
  onAlarm(device: Device, rule: string): readonly Monitor[] {
    return this.#heard(this.#alarms, device, rule);
  }

  #heard(listeners: Listeners, device: Device, name: string): readonly Monitor[] {
    const byPlace = listeners.get(name);
    return byPlace === undefined ? NOBODY : this.#heardIn(byPlace, device);
  }

  #heardIn(byPlace: ReadonlyMap<string, readonly Listener[]>, device: Device): readonly Monitor[] {
    const places = this.#places.get(device);
    if (places === undefined) return NOBODY;
    const found = PLACES.flatMap((place) => byPlace.get(places[place]) ?? [])
      .filter(({ near }) => near.place === "device" || isMeant(device, near))
      .map(({ monitor }) => monitor);
    return found.length < 2 ? found : [...new Set(found)].sort((a, b) => a.ordinal - b.ordinal);
  }

  #topicsOf(
    part: ReturnType<typeof partsNearBy>[number],
  ): readonly (readonly [listeners: Listeners, name: string])[] {
    if (part.kind === "alarm") return part.rules.map((rule) => [this.#alarms, rule]);
    if ("metric" in part.than) return [[this.#metrics, part.than.metric]];
    return [[this.#events, part.than.event.event]];
  }
}

const NOBODY: readonly Monitor[] = [];

function placesOf({ campus, facts, key }: Device): Places {
  const segments = facts.path.split("/");
  const within = (place: keyof typeof DEPTH): string =>
    `${place} ${campus} ${segments.slice(0, DEPTH[place]).join("/")}`;
  return {
    device: `device ${key}`,
    space: within("space"),
    floor: within("floor"),
    building: within("building"),
    campus: within("campus"),
  };
}

const isMeant = (device: Device, { classes }: Nearness): boolean =>
  classes?.includes(device.facts.class) ?? true;

function listIn<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

/** In the order of their ordinals; most come last. */
function insert(devices: Device[], device: Device): void {
  const after = devices.findLastIndex(({ ordinal }) => ordinal < device.ordinal);
  devices.splice(after + 1, 0, device);
}

function remove(devices: Device[] | undefined, device: Device): void {
  const index = devices?.indexOf(device) ?? -1;
  if (index >= 0) devices?.splice(index, 1);
}
