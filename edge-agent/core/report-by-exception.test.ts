import { GOOD, type Quality, type Sample, type SampleValue } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { COUNTER_INTERVAL_MS, ExceptionFilter, METRICS_MAX, SILENCE_MS_MAX } from "./report-by-exception.ts";

const sample = (metric: string, value: SampleValue, quality: Quality = GOOD): Sample => ({
  metric,
  value,
  quality,
  eventTime: 1_700_000_000_000,
});

describe("report by exception", () => {
  test("a state is reported when it changes and not again", () => {
    const filter = new ExceptionFilter();
    expect(filter.offer(sample("Door/Open", false), 0)).toBeDefined();
    expect(filter.offer(sample("Door/Open", false), SILENCE_MS_MAX * 10)).toBeUndefined();
    expect(filter.offer(sample("Door/Open", true), SILENCE_MS_MAX * 10)).toBeDefined();
  });

  test("a gauge is reported when it moved by its deadband, or has been silent for too long", () => {
    const filter = new ExceptionFilter();
    expect(filter.offer(sample("Environment/CO2", 600), 0)).toBeDefined();
    expect(filter.offer(sample("Environment/CO2", 619), 1)).toBeUndefined();
    expect(filter.offer(sample("Environment/CO2", 620), 2)).toBeDefined();
    expect(filter.offer(sample("Environment/CO2", 620), 1 + SILENCE_MS_MAX)).toBeUndefined();
    expect(filter.offer(sample("Environment/CO2", 620), 2 + SILENCE_MS_MAX)).toBeDefined();
  });

  test("a counter is reported at intervals while it grows", () => {
    const filter = new ExceptionFilter();
    expect(filter.offer(sample("Port/1/InOctets", 10), 0)).toBeDefined();
    expect(filter.offer(sample("Port/1/InOctets", 20), COUNTER_INTERVAL_MS - 1)).toBeUndefined();
    expect(filter.offer(sample("Port/1/InOctets", 20), COUNTER_INTERVAL_MS)).toBeDefined();
    expect(filter.offer(sample("Port/1/InOctets", 20), COUNTER_INTERVAL_MS * 2)).toBeUndefined();
  });

  test("an implausible value is kept, and its quality is bad and reported at once", () => {
    const filter = new ExceptionFilter();
    filter.offer(sample("Environment/Temperature", 84.9), 0);
    expect(filter.offer(sample("Environment/Temperature", 85.01), 1)).toMatchObject({
      value: 85.01,
      quality: { status: "bad", reason: "out-of-range" },
    });
    expect(filter.offer(sample("Environment/Temperature", 84.9), 2)).toMatchObject({ quality: GOOD });
  });

  test("what is no number has no value", () => {
    const found = new ExceptionFilter().offer(sample("Environment/CO2", Number.NaN), 0);
    expect(found).toMatchObject({ value: null, quality: { status: "bad" } });
  });

  test("names outside the dictionary and values of another type are refused and counted", () => {
    const filter = new ExceptionFilter();
    expect(filter.offer(sample("Vendor/Secret", 1), 0)).toBeUndefined();
    expect(filter.offer(sample("Door/Open", "yes"), 0)).toBeUndefined();
    expect(filter.offer(sample("Port/1/InOctets", -1), 0)).toBeUndefined();
    expect([filter.refused("unknown-metric"), filter.refused("wrong-type")]).toEqual([1, 2]);
  });

  test("a birth tells when the device was last seen so, and what it was seen as last", () => {
    const filter = new ExceptionFilter();
    const seen = [
      { ...sample("Door/Open", false), eventTime: 1_000, deviceTime: 900 },
      { ...sample("Door/Open", false), eventTime: 2_000, deviceTime: 1_900 },
      { ...sample("Door/Open", false), eventTime: 3_000 },
      { ...sample("Door/Open", false), eventTime: 4_000 },
      { ...sample("Door/Open", true), eventTime: 5_000 },
      { ...sample("Door/Open", true, { status: "bad", reason: "sentinel" }), eventTime: 5_000 },
    ];
    for (const each of seen) {
      filter.offer(each, each.eventTime);
      expect(filter.latest("Door/Open")).toEqual(each);
      expect([...filter.all()]).toEqual([each]);
    }
  });

  test("a device that invents metrics without end is stopped", () => {
    const filter = new ExceptionFilter();
    for (let port = 0; port < METRICS_MAX + 5; port += 1) filter.offer(sample(`Port/${port}/Oper`, "up"), 0);
    expect([...filter.all()]).toHaveLength(METRICS_MAX);
    expect(filter.refused("too-many-metrics")).toBe(5);
  });

  test("a reader of the reports never differs from the device by the deadband or more, nor in quality", () => {
    const steps = fc.array(
      fc.record({
        value: fc.double({ min: 0, max: 20_000, noNaN: true }),
        bad: fc.boolean(),
        wait_ms: fc.nat(30_000),
      }),
      { maxLength: 100 },
    );
    fc.assert(
      fc.property(steps, (values) => {
        const filter = new ExceptionFilter();
        let uptime_ms = 0;
        let reported: Sample | undefined;
        let reportedAt_ms = 0;
        for (const { bad, value, wait_ms } of values) {
          uptime_ms += wait_ms;
          const quality: Quality = bad ? { status: "bad", reason: "sentinel" } : GOOD;
          const report = filter.offer(sample("Environment/CO2", value, quality), uptime_ms);
          if (report !== undefined) {
            reported = report;
            reportedAt_ms = uptime_ms;
          }
          const expected = bad ? "bad" : value < 300 || value > 10_000 ? "bad" : "good";
          expect(reported?.quality.status).toBe(expected);
          expect(Math.abs(Number(reported?.value) - value)).toBeLessThan(20);
          expect(uptime_ms - reportedAt_ms).toBeLessThan(SILENCE_MS_MAX);
        }
      }),
    );
  });
});
