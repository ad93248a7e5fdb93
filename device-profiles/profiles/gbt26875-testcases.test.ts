import { describe, expect, test } from "vitest";
import { Gbt26875Splitter } from "../codecs/gbt26875-frame.ts";
import { type FireObject, parseFireObjects } from "../codecs/gbt26875-objects.ts";
import type { Reading } from "../vocabulary/index.ts";
import { PROFILES } from "./catalogue.ts";
import { genericGbt26875 } from "./fire-host/generic-gbt26875.ts";
import type { Gbt26875Profile } from "./gbt26875-profile.ts";
import { COMPONENTS_MAX, FireHost } from "./gbt26875-reading.ts";
import type { FireTestcase } from "./testcase.ts";
import { testcasesOf } from "./testing/testcases.ts";

const profiles = PROFILES.filter((profile): profile is Gbt26875Profile => profile.protocol === "gbt26875");

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

describe.each(profiles)("$id", async (profile) => {
  const testcases = await testcasesOf<FireTestcase>(profile.id);

  test("it has testcases", () => {
    expect(testcases.length).toBeGreaterThan(0);
  });

  test.each(testcases)("$title", ({ events, frames, now, samples }) => {
    const splitter = new Gbt26875Splitter();
    const host = new FireHost(profile);
    const readings = frames
      .flatMap((frame) => splitter.push(hex(frame)))
      .flatMap(({ data, serial }) =>
        parseFireObjects(data).map((object) =>
          host.read(object, { receivedAt: now, clockOffset_ms: 0, serial }),
        ),
      );
    expect(splitter.bad).toBe(0);
    const told = readings.flatMap((reading) => reading.samples);
    expect(Object.fromEntries(told.map(({ metric, value }) => [metric, value]))).toEqual(samples);
    expect(
      readings
        .flatMap((reading) => reading.events)
        .map(({ eventTime, fields, quality }) => ({ eventTime, quality, fields })),
    ).toEqual(events);
  });
});

test("there is a profile of GB/T 26875.3", () => {
  expect(profiles.length).toBeGreaterThanOrEqual(1);
});

const NOW = Date.UTC(2026, 8, 1);
const system = { type: 1, address: 1 };
const smoke = (address: number, word: number, time = NOW): FireObject => ({
  kind: "component-state",
  system,
  component: { type: 40, address },
  word,
  text: "",
  textBytes: new Uint8Array(),
  time,
});

function telling(objects: readonly FireObject[], clockOffset_ms = 0): readonly Reading[] {
  const host = new FireHost(genericGbt26875);
  return objects.map((object, serial) => host.read(object, { receivedAt: NOW, clockOffset_ms, serial }));
}

const alarm = (reading: Reading | undefined) =>
  reading?.samples.find(({ metric }) => metric === "Fire/Alarm")?.value;

describe("the fire alarm", () => {
  const normal: FireObject = { kind: "system-state", system, word: 1, time: NOW };

  test("stands until the last of its detectors is normal", () => {
    const told = telling([normal, smoke(1, 3), smoke(2, 3), smoke(1, 1), smoke(2, 1)]);
    expect(told.map(alarm)).toEqual([false, true, true, true, false]);
  });

  test("is over when the panel was reset, and stands again when a detector says so again", () => {
    const reset: FireObject = { kind: "system-operation", system, flags: 1, operator: 1, time: NOW };
    expect(telling([normal, smoke(1, 3), reset, smoke(1, 3)]).map(alarm)).toEqual([false, true, false, true]);
  });

  test("of one system does not end because another one is well", () => {
    const other: FireObject = { ...normal, system: { type: 12, address: 9 } };
    expect(telling([normal, smoke(1, 3), other]).map(alarm)).toEqual([false, true, true]);
  });

  test("of a host with endless components still stands, and eats no more memory", () => {
    const flood = Array.from({ length: COMPONENTS_MAX + 10 }, (_, address) => smoke(address, 3));
    expect(alarm(telling(flood).at(-1))).toBe(true);
  });
});

describe("times of a transmitter", () => {
  test("are corrected by what its frames say of its clock", () => {
    const [reading] = telling([smoke(1, 3, NOW - 8 * 3_600_000 - 5_000)], -8 * 3_600_000);
    expect(reading?.events[0]).toMatchObject({
      eventTime: NOW - 5_000,
      deviceTime: NOW - 8 * 3_600_000 - 5_000,
      quality: { status: "good" },
    });
  });

  test("that cannot be true leave two alarms two", () => {
    const told = telling([smoke(1, 3, 0), smoke(1, 3, 0)]).flatMap(({ events }) => events);
    expect(new Set(told.map(({ id }) => id)).size).toBe(2);
    expect(told[0]).toMatchObject({ eventTime: NOW, quality: { reason: "device-clock" } });
  });
});
