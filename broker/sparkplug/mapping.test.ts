import {
  DataType,
  type DeviceEvent,
  eventDefinition,
  GOOD,
  type Quality,
  type Sample,
} from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AliasTable } from "./aliases.ts";
import { decodePayload, encodePayload } from "./codec.ts";
import { RANGE_DECLARATION, rangeMetric } from "./handoff.ts";
import {
  eventBirthMetric,
  eventToMetric,
  QualityCode,
  readMetrics,
  sampleToMetric,
  templateDefinitions,
} from "./mapping.ts";
import type { Metric } from "./payload.ts";

const time = 1_764_000_000_000;

function overTheWire(metrics: readonly Metric[]): readonly Metric[] {
  const result = decodePayload(encodePayload({ metrics }));
  if (!result.ok) throw new Error(result.error.message);
  return result.payload.metrics;
}

const quality = fc.constantFrom<Quality>(
  GOOD,
  { status: "bad", reason: "sentinel" },
  { status: "uncertain", reason: "no-event-time" },
);
const eventTime = fc.integer({ min: 0, max: 2 ** 42 });
const sample: fc.Arbitrary<Sample> = fc.oneof(
  fc.record({ metric: fc.constant("Environment/Temperature"), value: fc.double(), quality, eventTime }),
  fc.record({ metric: fc.constant("Door/Open"), value: fc.boolean(), quality, eventTime }),
  fc.record({
    metric: fc.constant("Port/3/Oper"),
    value: fc.constantFrom("up", "down", null),
    quality,
    eventTime,
  }),
  fc.record({
    metric: fc.constant("Port/3/InOctets"),
    value: fc.constantFrom(0, 2 ** 40, 2n ** 63n),
    quality,
    eventTime,
  }),
);
const swipe: fc.Arbitrary<DeviceEvent> = fc.record(
  {
    event: fc.constant("Access/Swipe"),
    id: fc.string(),
    eventTime,
    quality,
    fields: fc.record(
      {
        serial: fc.integer({ min: 0, max: 0xffff_ffff }),
        credential: fc.option(fc.string()),
        result: fc.constantFrom("granted", "refused"),
        reason: fc.constantFrom("none", "revoked"),
        direction: fc.constant(null),
        method: fc.constant(null),
      },
      { noNullPrototype: true },
    ),
  },
  { noNullPrototype: true },
);

describe("mapping", () => {
  test("samples and events come back over the wire as they were, and say whether they are historical", () => {
    fc.assert(
      fc.property(fc.array(sample), fc.array(swipe), fc.boolean(), (samples, events, historical) => {
        const metrics = [
          ...samples.map((each) => sampleToMetric(each, { historical })),
          ...events.map((each) => eventToMetric(each, { historical })),
        ];
        const read = readMetrics(overTheWire(metrics), { time });
        expect(read.samples).toEqual(samples.map((each) => ({ ...each, historical })));
        expect(read.events).toEqual(events.map((each) => ({ ...each, historical })));
        expect([...read.unknown, ...read.mistyped]).toEqual([]);
      }),
    );
  });

  test.each<[Quality, number | undefined]>([
    [GOOD, undefined],
    [{ status: "bad", reason: "sentinel" }, QualityCode.Bad],
    [{ status: "uncertain", reason: "device-clock" }, QualityCode.Good],
  ])(
    "%o travels as an Int32 code that the specification has [tck-id-payloads-propertyset-quality-value-type] [tck-id-payloads-propertyset-quality-value-value]",
    (each, code) => {
      const metric = sampleToMetric({ metric: "Door/Open", value: true, quality: each, eventTime: 1 });
      expect(metric.properties?.Quality).toEqual(
        code === undefined ? undefined : { type: DataType.Int32, value: code },
      );
    },
  );

  test.each<[number, Quality]>([
    [192, GOOD],
    [64, { status: "uncertain", reason: "sentinel" }],
    [0, { status: "bad", reason: "not-read" }],
    [500, { status: "bad", reason: "unreachable" }],
  ])("a third party's quality %i is understood", (code, expected) => {
    const properties = { Quality: { type: DataType.Int32, value: code } };
    const { samples } = readMetrics([{ name: "Door/Open", value: true, properties }], { time });
    expect(samples).toEqual([
      { metric: "Door/Open", value: true, quality: expected, eventTime: time, historical: false },
    ]);
  });

  test("a value that is not of its metric's datatype is sent as no value, with a reason", () => {
    const metric = sampleToMetric({ metric: "Port/3/InOctets", value: -1, quality: GOOD, eventTime: 1 });
    const { samples } = readMetrics(overTheWire([metric]), { time });
    expect(samples[0]).toMatchObject({ value: null, quality: { status: "bad", reason: "out-of-range" } });
  });

  test("a metric or event outside the dictionary is never sent", () => {
    expect(() => sampleToMetric({ metric: "Made/Up", value: 1, quality: GOOD, eventTime: 1 })).toThrow(
      "Made/Up",
    );
    expect(() => eventBirthMetric("Made/Up", 1)).toThrow("Made/Up");
  });

  test("what cannot be read is listed and costs nothing else", () => {
    const read = readMetrics(
      [
        { name: "Made/Up", value: 1 },
        { name: "constructor/__proto__", value: 1 },
        { name: "Door/Open", value: "yes" },
        {
          name: "Access/Swipe",
          value: {
            kind: "template",
            metrics: [
              { name: "id", value: "7" },
              { name: "serial", value: "seven" },
              { name: "colour", value: "red" },
              { name: "result", value: "granted" },
            ],
          },
        },
        { name: "bdSeq", value: 0 },
        { name: "Node Control/Rebirth", value: false },
        { name: "Handoff/Range", value: [1, 5, 2] },
        { name: "Door/Tamper", value: true, timestamp: 5 },
      ],
      { time },
    );
    expect(read.unknown).toEqual(["Made/Up", "constructor/__proto__", "Access/Swipe.colour"]);
    expect(read.mistyped).toEqual(["Door/Open", "Access/Swipe.serial", "Handoff/Range"]);
    expect(read.samples.map(({ metric }) => metric)).toEqual(["Door/Tamper"]);
    expect(read.events[0]?.fields).toEqual({
      serial: null,
      credential: null,
      result: "granted",
      reason: null,
      direction: null,
      method: null,
    });
    expect(read.handoff).toBeUndefined();
  });

  test("the hand-off's range is read", () => {
    const read = readMetrics(overTheWire([rangeMetric({ epoch: time, first: 5, last: 9 })]), { time: 0 });
    expect(read.handoff).toEqual({ epoch: time, first: 5, last: 9 });
  });

  test("every event has a definition with all its members, which is no event [tck-id-payloads-template-definition-members] [tck-id-payloads-template-definition-is-definition] [tck-id-payloads-template-definition-ref]", () => {
    const definitions = templateDefinitions();
    expect(definitions.length).toBeGreaterThan(3);
    for (const { name, value } of definitions) {
      if (typeof value !== "object" || value === null || !("kind" in value) || value.kind !== "template") {
        throw new Error("not a template");
      }
      expect(value.isDefinition).toBe(true);
      expect(value.templateRef).toBeUndefined();
      const fields = Object.keys(eventDefinition(name?.replace("_types_/", "") ?? "")?.fields ?? {});
      expect(value.metrics.map((member) => member.name)).toEqual(["id", ...fields]);
    }
    const read = readMetrics(overTheWire(definitions), { time });
    expect(read).toEqual({ samples: [], events: [], unknown: [], mistyped: [] });
  });

  test("a birth declares an event without one having happened [tck-id-payloads-template-instance-members-birth] [tck-id-payloads-template-instance-ref]", () => {
    const metric = eventBirthMetric("Access/Swipe", time);
    expect(metric.value).toMatchObject({ templateRef: "_types_/Access/Swipe", isDefinition: false });
    expect(readMetrics(overTheWire([metric]), { time }).events).toEqual([]);
  });
});

describe("the alias table", () => {
  const birth = {
    metrics: [
      { name: "Connectivity/Online", alias: 1, datatype: DataType.Boolean, value: true },
      { name: "Edge/DiskFree", alias: 2, datatype: DataType.Int32, value: 0 },
      { ...RANGE_DECLARATION, alias: 3 },
    ],
  };

  test("gives DATA the names and datatypes of the birth, and its values their meaning", () => {
    const table = new AliasTable();
    table.learn(undefined, birth);
    const { metrics, unresolved, undeclared } = table.resolve(undefined, {
      metrics: [
        { alias: 2, timestamp: 5, value: 4_294_967_295 },
        { name: "Edge/DiskFree", value: 7 },
        { alias: 3, value: Uint8Array.from([9, 0, 0, 0, 0, 0, 0, 0]) },
        { alias: 1, value: "not a flag" },
        { alias: 99, value: 1 },
        { name: "Edge/Memory", value: 1 },
      ],
    });
    expect(metrics).toEqual([
      { name: "Edge/DiskFree", alias: 2, timestamp: 5, datatype: DataType.Int32, value: -1 },
      { name: "Edge/DiskFree", datatype: DataType.Int32, value: 7 },
      { name: "Handoff/Range", alias: 3, datatype: DataType.UInt64Array, value: [9] },
      { name: "Connectivity/Online", alias: 1, datatype: DataType.Unknown, value: "not a flag" },
      { name: "Edge/Memory", value: 1 },
    ]);
    expect(unresolved).toEqual([99]);
    expect(undeclared).toEqual(["Edge/Memory"]);
  });

  test("a device's birth is its own, and ends with the node's next birth or its death", () => {
    const table = new AliasTable();
    const data = { metrics: [{ alias: 2, value: 1 }] };
    table.learn(undefined, { metrics: [] });
    table.learn("gate", birth);
    expect(table.knowsAliases("gate", data)).toBe(true);
    expect(table.knowsAliases(undefined, data)).toBe(false);
    table.forget("gate");
    expect(table.isBorn("gate")).toBe(false);
    table.learn("gate", birth);
    table.learn(undefined, birth);
    expect(table.isBorn("gate")).toBe(false);
    expect(table.knowsAliases(undefined, data)).toBe(true);
  });
});
