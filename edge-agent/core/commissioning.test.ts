import { GOOD, type Quality, type Sample } from "@campus-ops/device-profiles/vocabulary";
import { describe, expect, test } from "vitest";
import type { Instant } from "./clock.ts";
import { Commissioning, PLAUSIBLE_LOOKS, wrongReadings } from "./commissioning.ts";
import { DeviceModel } from "./device.ts";

const at = (uptime_ms: number): Instant => ({ wall: 1_000_000 + uptime_ms, uptime_ms });
const MARKED: Quality = { status: "uncertain", reason: "commissioning" };
const sample = (metric: string, value: Sample["value"], quality: Quality = GOOD): Sample => ({
  metric,
  value,
  quality,
  eventTime: 1_000_000,
});
const warm = sample("Environment/Temperature", 21.5);
const absurd = sample("Environment/Temperature", 6_553.5, { status: "bad", reason: "out-of-range" });

describe("a device that has to be confirmed", () => {
  test("waits for a person after several plausible looks in a row, and falls back at a wrong reading", () => {
    const commissioning = new Commissioning(false);
    const states = [warm, warm, absurd, ...Array<Sample>(PLAUSIBLE_LOOKS).fill(warm), absurd].map((each) =>
      commissioning.look([each]),
    );
    expect(states).toEqual([
      "checking",
      "checking",
      "checking",
      "checking",
      "checking",
      "waiting",
      "checking",
    ]);
    commissioning.confirm();
    expect(commissioning.look([absurd])).toBe("confirmed");
    commissioning.reopen();
    expect(commissioning.state).toBe("checking");
  });

  test("is not wrong because it is silent, or away", () => {
    const silent = sample("Video/Loss", null, { status: "bad", reason: "not-read" });
    const away = sample("Environment/CO2", 620, { status: "bad", reason: "unreachable" });
    expect(wrongReadings([silent, away, warm])).toEqual([]);
    expect(wrongReadings([absurd])).toEqual([
      { metric: "Environment/Temperature", value: 6_553.5, quality: absurd.quality },
    ]);
  });

  test("marks what it says, keeps what is bad bad, and leaves alone what the box says of it", () => {
    const commissioning = new Commissioning(false);
    expect(commissioning.doubt(warm, warm.metric).quality).toEqual(MARKED);
    expect(commissioning.doubt(absurd, absurd.metric)).toBe(absurd);
    const title = sample("Properties/TitleZh", "传感器");
    expect(commissioning.doubt(title, title.metric)).toBe(title);
    commissioning.confirm();
    expect(commissioning.doubt(warm, warm.metric)).toBe(warm);
  });
});

describe("what a model reports of it", () => {
  const reading = (value: number) => ({ samples: [sample("Environment/CO2", value)], events: [] });
  const samplesOf = (reports: ReturnType<DeviceModel["accept"]>) =>
    reports.flatMap(({ samples }) => samples.map(({ metric, quality, value }) => [metric, value, quality]));

  test("is marked until it is confirmed, then told again without the mark", () => {
    const model = new DeviceModel(["Environment/CO2"], [], false);
    expect(samplesOf(model.accept(reading(600), at(0)))).toContainEqual(["Environment/CO2", 600, MARKED]);
    model.accept(reading(601), at(1));
    expect(samplesOf(model.accept(reading(602), at(2)))).toContainEqual([
      "Commissioning/State",
      "waiting",
      GOOD,
    ]);
    const confirmed = samplesOf(model.confirm(at(3)));
    expect(confirmed).toContainEqual(["Environment/CO2", 602, GOOD]);
    expect(confirmed).toContainEqual(["Connectivity/Online", true, GOOD]);
    expect(confirmed).toContainEqual(["Commissioning/State", "confirmed", GOOD]);
    expect(samplesOf(model.reopen(at(4)))).toContainEqual(["Environment/CO2", 602, MARKED]);
  });

  test("events are marked too", () => {
    const model = new DeviceModel([], [], false);
    const fields = { serial: 1, credential: "x", direction: "in" };
    const event = { event: "Access/Passage", id: "1", eventTime: 1, quality: GOOD, fields };
    const told = model.accept({ samples: [], events: [event] }, at(0)).flatMap(({ events }) => events);
    expect(told.map(({ quality }) => quality)).toEqual([MARKED]);
  });

  test("one that need not be confirmed knows nothing of it", () => {
    const model = new DeviceModel(["Environment/CO2"], []);
    const reported = samplesOf(model.accept(reading(600), at(0)));
    expect(reported).toContainEqual(["Environment/CO2", 600, GOOD]);
    expect(reported.map(([metric]) => metric)).not.toContain("Commissioning/State");
  });
});
