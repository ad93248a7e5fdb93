import { describe, expect, test } from "vitest";
import { Jt808Splitter } from "../codecs/jt808-frame.ts";
import { Jt808Message, parseDriverCard } from "../codecs/jt808-messages.ts";
import type { Reading } from "../vocabulary/index.ts";
import { PROFILES } from "./catalogue.ts";
import type { Jt808Profile } from "./jt808-profile.ts";
import { type BusState, type Jt808Receipt, readDriverCard, readLocation } from "./jt808-reading.ts";
import type { Jt808Testcase } from "./testcase.ts";
import { eventsOf, expectedSamples, samplesOf, testcasesOf } from "./testing/testcases.ts";

const profiles = PROFILES.filter((profile): profile is Jt808Profile => profile.protocol === "jt808");

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

function read(profile: Jt808Profile, { frames, now }: Jt808Testcase): readonly Reading[] {
  const splitter = new Jt808Splitter();
  let newest: BusState | undefined;
  const readings = frames.flatMap((frame) =>
    splitter.push(hex(frame)).map(({ body, message, serial }) => {
      const receipt: Jt808Receipt = {
        receivedAt: now,
        live: true,
        serial,
        pseudonym: (text) => `credential of ${text}`,
      };
      if (message === Jt808Message.Driver) return readDriverCard(parseDriverCard(body), receipt);
      const step = readLocation(profile, body, receipt, newest);
      newest = step.newest;
      return step.reading;
    }),
  );
  expect(splitter.bad).toBe(0);
  return readings;
}

describe.each(profiles)("$id", async (profile) => {
  const testcases = await testcasesOf<Jt808Testcase>(profile.id);

  test("it has testcases", () => {
    expect(testcases.length).toBeGreaterThan(0);
  });

  test.each(testcases)("$title", (testcase) => {
    const readings = read(profile, testcase);
    expect(samplesOf(...readings)).toEqual(expectedSamples(testcase.samples));
    expect(eventsOf(readings)).toEqual(testcase.events);
  });
});

test("there are profiles of JT/T 808", () => {
  expect(profiles.length).toBeGreaterThanOrEqual(2);
});

describe("locations that come out of order", () => {
  test("tell where the bus was; of its states only the alarms, and what holds now after them", async () => {
    const [profile] = profiles;
    if (profile === undefined) throw new Error("no profile");
    const { encodeLocation } = await import("../codecs/jt808-messages.ts");
    const now = Date.UTC(2026, 8, 1, 8);
    const receipt: Jt808Receipt = {
      receivedAt: now,
      live: true,
      serial: 1,
      pseudonym: (text) => text,
    };
    const at = (minutesAgo: number, alarm: number): Uint8Array =>
      encodeLocation({
        alarm,
        status: 3,
        latitude: 30,
        longitude: 104,
        altitude_m: 500,
        speed_km_h: 10,
        heading: 0,
        time: now - minutesAgo * 60_000,
        items: new Map(),
      });
    const live = readLocation(profile, at(0, 0), receipt, undefined);
    const late = readLocation(profile, at(5, 1), { ...receipt, live: false }, live.newest);
    expect(late.newest).toBe(live.newest);
    expect(late.reading.events).toMatchObject([{ eventTime: now - 300_000 }]);
    expect(late.reading.samples.map(({ eventTime, metric, value }) => [metric, value, eventTime])).toEqual([
      ["Bus/SOS", true, now - 300_000],
      ["Bus/SOS", false, now],
    ]);
  });
});
