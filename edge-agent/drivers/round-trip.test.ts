/**
 * Every profile of the catalogue, played by its simulator over its real protocol and read by its driver: what is set
 * arrives, what happens arrives once, what is written is held, and what was down comes back.
 */
import { PROFILES, type Profile } from "@campus-ops/device-profiles/profiles";
import { declaredBy } from "@campus-ops/device-profiles/profiles/declared";
import type { SimulatedDevice } from "@campus-ops/device-profiles/simulator";
import {
  type EventName,
  eventDefinition,
  type MetricName,
  metricDefinition,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBackConfirms } from "../core/command.ts";
import { isAskedAtOnce, ObservedSession, startDevice } from "../testing/observed-session.ts";
import { plausibleValues } from "../testing/plausible-values.ts";
import { DriverError } from "./driver.ts";

/** The two ends of what a metric does are enough; a switch has a thousand metrics. */
const VALUES_TRIED = 2;
/** Opening a session with a device that is not there may take as long as its protocol allows. */
const DOWN_MS_MAX = 500;
const WRITE_MS_MAX = 3_000;

/** A register of whole units shows 21.5 as 21 or 22. */
const RESOLUTION = 0.05;

/** What has to be so before a metric can show a value. */
const FIRST: Readonly<Record<MetricName, (value: SampleValue) => readonly [MetricName, SampleValue]>> = {
  "Projector/Input": () => ["Projector/Power", "on"],
  // Nobody forces an open door shut, and a door that was shut is forced no more.
  "Door/Forced": (value) => ["Door/Open", value],
  "Door/HeldOpen": (value) => ["Door/Open", value],
};

describe.each(PROFILES.filter(isAskedAtOnce))("$id", (profile) => {
  const { events, families = [], metrics } = declaredBy(profile);
  let device: SimulatedDevice;
  let observed: ObservedSession;

  beforeAll(async () => {
    device = await startDevice(profile);
    observed = await ObservedSession.open(profile, device);
    await observed.look(true);
  });
  afterAll(async () => {
    await observed?.close();
    await device?.close();
  });

  /** The first and the last instance of a family that the device has; the first of all where it tells only changes. */
  const ends = (family: string): readonly MetricName[] => {
    const [before = "", after = ""] = family.split("*");
    const all = [...observed.latest.keys()].filter(
      (metric) => metric.startsWith(before) && metric.endsWith(after),
    );
    const [first = family.replace("*", "1")] = all;
    return [...new Set([first, all.at(-1) ?? first])];
  };

  test("every metric that is set in the simulator arrives, with that value and good quality", async () => {
    // What the driver itself knows of the connection is nothing that a device shows.
    const followed = [...metrics, ...families.flatMap(ends)].filter(
      (metric) => !metric.startsWith("Connectivity/"),
    );
    expect(followed.length + events.length).toBeGreaterThan(0);
    for (const metric of followed) await follow(metric, device, observed, profile);
  });

  if (events.length > 0) {
    test("every event that is raised arrives once", async () => {
      for (const event of events) await raise(event, device, observed);
    });
  }

  if ([...metrics, ...families].some(isWritable)) {
    test("every metric that can be written is held by the device and read back", async () => {
      const writable = [...metrics.filter(isWritable), ...families.filter(isWritable).flatMap(ends)];
      for (const metric of writable) await write(metric, device, observed, profile);
    });
  }

  test("down is unreachable, and it mends", async () => {
    if (!device.faults.includes("down")) {
      // Who only posts cannot be seen to be gone: only that nothing comes.
      expect(profile.protocol).toBe("webhook");
      return;
    }
    await observed.close();
    await device.fault("down");
    const refused = await look(profile, device).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DriverError);
    expect(["unreachable", "timeout"]).toContain((refused as DriverError).kind);
    await device.fault(null);
    const again = await ObservedSession.open(profile, device);
    try {
      await again.until("anything at all", () => again.latest.size > 0, true);
    } finally {
      await again.close();
    }
  });
});

/** As the agent's supervisor: a session that opens over a line others hold shows only when it is asked. */
async function look(profile: Profile, device: SimulatedDevice): Promise<void> {
  const observed = await ObservedSession.open(profile, device, DOWN_MS_MAX);
  try {
    await observed.look(true);
  } finally {
    await observed.close();
  }
}

const isWritable = (metric: string): boolean => metricDefinition(metric.replace("*", "1"))?.writable === true;

async function follow(
  metric: MetricName,
  device: SimulatedDevice,
  observed: ObservedSession,
  profile: Profile,
): Promise<void> {
  const definition = metricDefinition(metric);
  if (definition === undefined) throw new Error(`the dictionary has no ${metric}`);
  let followed = 0;
  for (const value of [...named(profile, metric), ...plausibleValues(definition, device.get(metric))]) {
    const before = device.get(metric);
    const first = FIRST[metric]?.(value);
    if (first !== undefined) playable(() => device.set(...first));
    if (!playable(() => device.set(metric, value))) continue;
    const held = device.get(metric);
    if (held === before || !isNear(held, value)) continue;
    const what = `${metric} to become ${String(held)}, and it is ${JSON.stringify(String(observed.latest.get(metric)?.value))}`;
    await observed.until(what, () => shows(observed, metric, held), definition.kind === "attribute");
    followed += 1;
    if (followed === VALUES_TRIED) return;
  }
  // A meter's address is its serial number: nothing moves it.
  if (followed === 0 && definition.kind === "attribute") {
    const held = device.get(metric);
    await observed.until(`${metric} to be ${String(held)}`, () => shows(observed, metric, held), true);
  } else {
    expect(followed, `${metric} can be moved`).toBeGreaterThan(0);
  }
}

/** What a device holds is what was set, to the resolution of its registers. */
function isNear(held: SampleValue, value: SampleValue): boolean {
  if (typeof held === "bigint" || typeof held === "number") {
    return Math.abs(Number(held) - Number(value)) <= RESOLUTION * Math.abs(Number(value));
  }
  return held === value;
}

/** Words that a profile, and not the dictionary, has for a metric. */
function named(profile: Profile, metric: MetricName): readonly string[] {
  if (profile.protocol === "pjlink") return metric === "Projector/Input" ? Object.values(profile.inputs) : [];
  if (profile.protocol !== "serial-control") return [];
  const sayings = profile.points[metric]?.sayings ?? [];
  return sayings.flatMap(({ value }) => (typeof value === "string" ? [value] : []));
}

/** False for a value that this device has no way to say. */
function playable(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

function shows(observed: ObservedSession, metric: MetricName, held: SampleValue): boolean {
  const sample = observed.latest.get(metric);
  if (sample?.quality.status !== "good") return false;
  const grows = metricDefinition(metric)?.kind === "counter" || metric === "System/Uptime";
  if (grows && typeof sample.value === "number") return sample.value >= Math.floor(Number(held));
  return isNear(sample.value, held);
}

/** Numbers are as near as 24 bits of a float32 bring them. */
function same(a: SampleValue | undefined, b: SampleValue): boolean {
  if (typeof a !== "number" || typeof b !== "number") return a === b;
  return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));
}

async function raise(event: EventName, device: SimulatedDevice, observed: ObservedSession): Promise<void> {
  const definition = eventDefinition(event);
  if (definition === undefined) throw new Error(`the dictionary has no ${event}`);
  const fields = Object.fromEntries(
    Object.entries(definition.fields).map(([name, field]) => [name, plausibleValues(field, null)[0] ?? null]),
  );
  const raisedBefore = observed.events.length;
  device.raise(event, { ...fields, ...IN_THE_FIELD[event] });
  const arrived = () => observed.events.slice(raisedBefore).filter((each) => each.event === event);
  await observed.until(event, () => arrived().length > 0);
  await observed.look();
  // Told again is told under the same id: the agent takes it once.
  expect(new Set(arrived().map(({ id }) => id)).size).toBe(1);
  const [found] = arrived();
  expect(Object.keys(found?.fields ?? {}).toSorted()).toEqual(Object.keys(definition.fields).toSorted());
  for (const [name, value] of Object.entries(found?.fields ?? {})) {
    const raised = { ...fields, ...IN_THE_FIELD[event] }[name] ?? null;
    // Its serial number is the device's own; what a device cannot say it leaves out.
    if (name !== "serial" && value !== null) expect([name, same(value, raised)]).toEqual([name, true]);
  }
}

/** What is physically shown to a device, where the dictionary's words are too wide. */
const IN_THE_FIELD: Readonly<Record<EventName, Readonly<Record<string, SampleValue>>>> = {
  "Fire/Component": { type: "感烟火灾探测器", address: "17", state: "fire", text: "三层走廊" },
  "Fire/Measurement": { type: "消防水泵", address: "7" },
  "Button/Pressed": { action: "short" },
  "Access/Swipe": { credential: "04a1b2c3", result: "granted", reason: "none", direction: "in" },
  "Temperature/Screening": { celsius: 36.6, raw: 36.1, correction: 0.5, ambient: 21.5, distance: 50 },
};

async function write(
  metric: MetricName,
  device: SimulatedDevice,
  observed: ObservedSession,
  profile: Profile,
): Promise<void> {
  const definition = metricDefinition(metric);
  const { session } = observed;
  expect(session.write, `${metric} is writable`).toBeDefined();
  if (definition === undefined || session.write === undefined) return;
  for (const value of [...named(profile, metric), ...plausibleValues(definition, device.get(metric))]) {
    try {
      await session.write(metric, value, AbortSignal.timeout(WRITE_MS_MAX));
    } catch (error) {
      // A state that only the device can bring about, as a projector's cooling.
      if (error instanceof DriverError && error.kind === "unsupported") continue;
      throw error;
    }
    await observed.until(`${metric} to be read back as ${String(value)}`, () =>
      readBackConfirms(metric, value, observed.latest.get(metric)?.value ?? null),
    );
    expect(readBackConfirms(metric, value, device.get(metric))).toBe(true);
    return;
  }
  throw new Error(`${metric} can be written by the dictionary, and to no value of it on this device`);
}
