import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  AssetPath,
  addRollups,
  addressKey,
  ancestorAt,
  assetLevel,
  CAPABILITIES,
  CampusId,
  type CapabilityDefinition,
  campusPath,
  completeness,
  DATA_CLASSES,
  DataType,
  DeviceId,
  dataClassRank,
  EMPTY_ROLLUP,
  eventDefinition,
  foldRollups,
  InvalidAssetPathError,
  InvalidIdError,
  intactRate,
  isWithin,
  metricDefinition,
  NodeId,
  parseAddressKey,
  parseMetricName,
  ROLLUP_COUNTS,
  type Rollup,
  type RollupCount,
} from "./index.ts";

const id = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,63}$/);
const path = fc.array(id, { minLength: 1, maxLength: 6 }).map((segments) => segments.join("/"));
const rollup = fc.dictionary(
  fc.constantFrom(...(Object.keys(ROLLUP_COUNTS) as RollupCount[])),
  fc.integer({ min: 0, max: 1e9 }),
) as fc.Arbitrary<Rollup>;

describe("ids", () => {
  test("an address reads back from its key", () => {
    fc.assert(
      fc.property(id, id, fc.option(id, { nil: undefined }), (campus, node, device) => {
        const address = { campus: CampusId(campus), node: NodeId(node) };
        const whole = device === undefined ? address : { ...address, device: DeviceId(device) };
        expect(parseAddressKey(addressKey(whole))).toEqual(whole);
      }),
    );
  });

  test.each(["", "-a", "A", "a b", "a/b", "a+", "#", "闸机", "a".repeat(65)])(
    "%j is no id, because it could not travel in a topic and a URL",
    (text) => {
      expect(() => DeviceId(text)).toThrow(InvalidIdError);
    },
  );

  test.each(["", "a", "a/b/c/d"])("%j is no address", (text) => {
    expect(() => parseAddressKey(text)).toThrow(InvalidIdError);
  });
});

describe("asset paths", () => {
  test("every path lies within itself, its ancestors and the whole, and not within a sibling that begins alike", () => {
    fc.assert(
      fc.property(path, (text) => {
        const checked = AssetPath(text);
        expect(isWithin(checked, "")).toBe(true);
        expect(isWithin(checked, checked)).toBe(true);
        expect(isWithin(`${checked}x`, checked)).toBe(false);
        const city = ancestorAt(checked, "city");
        expect(city).toBe(text.split("/")[0]);
        expect(isWithin(checked, city ?? "")).toBe(true);
      }),
    );
  });

  test("a path that does not reach a level has no ancestor there", () => {
    expect(ancestorAt("990100/990102", "campus")).toBeUndefined();
    expect(assetLevel("990100/990102")).toBe("county");
  });

  test.each(["", "a//b", "/a", "a/b/c/d/e/f/g", "a/B"])("%j is refused, with the reason", (text) => {
    expect(() => AssetPath(text)).toThrow(InvalidAssetPathError);
  });

  test("a campus is found in its county, and an unknown one is not made up", () => {
    const title = { zh: "市", en: "city" };
    const campuses = [{ id: CampusId("first"), title }];
    const site = { city: { code: "990100", title }, counties: [{ code: "990102", title, campuses }] };
    expect(campusPath(site, "first")).toBe("990100/990102/first");
    expect(campusPath(site, "second")).toBeUndefined();
  });
});

describe("the capability dictionary", () => {
  const entries: [string, CapabilityDefinition][] = Object.entries(CAPABILITIES);
  const metrics = entries.flatMap(([capability, definition]) =>
    Object.entries(definition.metrics).map(([metric, each]) => {
      const instance = definition.instance === undefined ? "" : "/1";
      return { name: `${capability}${instance}/${metric}`, definition: each };
    }),
  );

  test("every metric is found under its own name, with an instance exactly where its capability has instances", () => {
    for (const { name, definition } of metrics) expect(metricDefinition(name)).toBe(definition);
    expect(metricDefinition("Port/Oper")).toBeUndefined();
    expect(metricDefinition("Door/1/Open")).toBeUndefined();
  });

  test("a gauge has a unit, a plausible range and a deadband smaller than that range", () => {
    for (const { name, definition } of metrics.filter((each) => each.definition.kind === "gauge")) {
      const [min, max] = definition.plausible ?? [Number.NaN, Number.NaN];
      expect(definition.unit, name).toBeDefined();
      expect(min, name).toBeLessThan(max);
      expect(definition.deadband, name).toBeGreaterThan(0);
      expect(definition.deadband, name).toBeLessThan(max - min);
    }
  });

  test("everything has a title in both languages", () => {
    const titles = entries.flatMap(([, { title, metrics: all, events = {} }]) => [
      title,
      ...Object.values(all).map((each) => each.title),
      ...Object.values(events).flatMap((each) => [
        each.title,
        ...Object.values(each.fields).map((field) => field.title),
      ]),
    ]);
    for (const { zh, en } of titles) {
      expect(zh).toMatch(/\S/);
      expect(en).toMatch(/\S/);
    }
  });

  test("a person's temperature and card are marked as personal", () => {
    expect(eventDefinition("Temperature/Screening")?.fields.celsius?.personal).toBe(true);
    expect(eventDefinition("Access/Swipe")?.fields.credential?.personal).toBe(true);
  });

  test.each([
    "constructor/name",
    "__proto__/x",
    "Door/__proto__",
    "Door/constructor",
    "",
    "/",
    "Door/",
    "/Open",
    "a/b/c/d",
  ])("%j, which came from the wire, is not in it", (name) => {
    expect(metricDefinition(name)).toBeUndefined();
    expect(eventDefinition(name)).toBeUndefined();
  });

  test("a name splits into what it was put together from", () => {
    expect(parseMetricName("Port/7/Oper")).toEqual({ capability: "Port", instance: "7", metric: "Oper" });
    expect(parseMetricName("Door/Open")).toEqual({ capability: "Door", metric: "Open" });
  });

  test("panic is of the most precious class and raw octets of a lesser one", () => {
    expect(dataClassRank(metricDefinition("Panic/Pressed")?.dataClass ?? "bulk")).toBe(0);
    expect(dataClassRank("telemetry")).toBeGreaterThan(dataClassRank("access"));
    expect(DATA_CLASSES.map(dataClassRank)).toEqual([0, 1, 2, 3, 4]);
  });

  test("datatype numbers are those of the specification's table, each once", () => {
    expect(Object.values(DataType)).toEqual(Array.from({ length: 35 }, (_, index) => index));
  });
});

describe("roll-ups", () => {
  test("a parent is the fold of its children, in whatever order and grouping they come", () => {
    fc.assert(
      fc.property(fc.array(rollup, { maxLength: 8 }), fc.nat(8), (children, cut) => {
        const left = foldRollups(children.slice(0, cut));
        const right = foldRollups(children.slice(cut));
        expect(addRollups(left, right)).toEqual(foldRollups(children));
        expect(foldRollups(children.toReversed())).toEqual(foldRollups(children));
        expect(addRollups(EMPTY_ROLLUP, left)).toEqual(left);
      }),
    );
  });

  test("where nothing was expected or registered there is no ratio, not a perfect one", () => {
    expect(completeness(EMPTY_ROLLUP)).toBeUndefined();
    expect(intactRate(EMPTY_ROLLUP)).toBeUndefined();
    expect(completeness({ "samples.expected": 4, "samples.received": 3 })).toBe(0.75);
    expect(intactRate({ "devices.registered": 4 })).toBe(0);
  });
});
