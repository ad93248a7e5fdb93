import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CAPABILITIES,
  type CapabilityDefinition,
  eventDefinition,
  metricDefinition,
} from "./capabilities.ts";
import { GOOD } from "./sample.ts";
import { eventMayGoUp, mayGoUp, UPWARD, upwardOf } from "./upward.ts";

const dictionary: Readonly<Record<string, CapabilityDefinition>> = CAPABILITIES;
const metrics = Object.entries(dictionary).flatMap(([capability, { instance, metrics: its }]) =>
  Object.keys(its).map((name) => `${capability}/${instance === undefined ? "" : "1/"}${name}`),
);
const events = Object.entries(dictionary).flatMap(([capability, { events: its }]) =>
  Object.keys(its ?? {}).map((name) => `${capability}/${name}`),
);

describe("what leaves a hub for the one above", () => {
  test("names only what the dictionary has", () => {
    for (const [capability, { events: told = [], metrics: its }] of Object.entries(UPWARD)) {
      for (const name of its === "all" || its === undefined ? [] : its)
        expect([name, metricDefinition(`${capability}/${name}`)?.title.zh]).not.toContain(undefined);
      for (const name of told) expect(eventDefinition(`${capability}/${name}`)).toBeDefined();
    }
  });

  test("is nothing of a person and no reading of a device, whatever the dictionary holds", () => {
    expect(new Set(metrics.filter(mayGoUp).map((name) => name.split("/")[0]))).toEqual(
      new Set(["Properties", "Connectivity", "Rollup", "HubAlarm", "Edge"]),
    );
    const personal = events.filter((name) =>
      Object.values(eventDefinition(name)?.fields ?? {}).some((field) => field.personal === true),
    );
    expect(personal.length).toBeGreaterThan(3);
    for (const event of personal) expect(eventMayGoUp({ event, fields: {} })).toBe(false);
  });

  test("is of any reading what is listed, and how much was withheld is counted", () => {
    const sample = fc
      .constantFrom(...metrics, "constructor/x", "Rollup", "Vendor/Thing")
      .map((metric) => ({ metric, value: 1, quality: GOOD, eventTime: 0 }));
    const event = fc
      .tuple(fc.constantFrom(...events, "__proto__/Changed"), fc.constantFrom("alarm", "celsius", "extra"))
      .map(([name, field]) => ({
        event: name,
        id: "1",
        eventTime: 0,
        quality: GOOD,
        fields: { [field]: 1 },
      }));
    fc.assert(
      fc.property(
        fc.array(sample, { maxLength: 30 }),
        fc.array(event, { maxLength: 30 }),
        (samples, happened) => {
          const { reading, withheld } = upwardOf({ samples, events: happened, cursor: "7" });
          expect(reading.samples).toEqual(samples.filter(({ metric }) => mayGoUp(metric)));
          expect(reading.events.every(({ fields }) => !("celsius" in fields) && !("extra" in fields))).toBe(
            true,
          );
          expect([reading.cursor, withheld]).toEqual([
            "7",
            samples.length + happened.length - reading.samples.length - reading.events.length,
          ]);
        },
      ),
    );
  });
});
