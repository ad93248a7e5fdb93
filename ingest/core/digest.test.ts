import fc from "fast-check";
import { expect, test } from "vitest";
import { Digest, differences } from "./digest.ts";
import type { SamplePoint } from "./points.ts";

const arbitraryPoints = fc.uniqueArray(
  fc.record({
    device: fc.constantFrom("a/box/one", "b/box/two"),
    metric: fc.constantFrom("Environment/CO2", "Door/Open"),
    time: fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
    value: fc.integer({ min: -1_000, max: 1_000 }),
  }),
  { minLength: 2, maxLength: 30, selector: ({ device, metric, time }) => `${device} ${metric} ${time}` },
);

const digestOf = (...pages: readonly (readonly SamplePoint[])[]): Digest => {
  const digest = new Digest();
  for (const page of pages) digest.add(page);
  return digest;
};

test("the order and the pages in which points come make no difference", () => {
  fc.assert(
    fc.property(arbitraryPoints, fc.nat(), (points, cut) => {
      const at = cut % points.length;
      const turned = digestOf(points.slice(at), points.slice(0, at));
      expect(differences(digestOf(points), turned)).toEqual([]);
    }),
  );
});

test("a point that is missing, moved by a millisecond, or of another value is found", () => {
  fc.assert(
    fc.property(arbitraryPoints, fc.nat(), (points, chosen) => {
      const at = chosen % points.length;
      const changed = (change: (point: SamplePoint) => SamplePoint[]) =>
        differences(
          digestOf(points),
          digestOf(points.flatMap((each, index) => (index === at ? change(each) : [each]))),
        );
      expect(changed(() => [])).toMatchObject([{ what: "points" }]);
      expect(changed((point) => [{ ...point, time: point.time + 1 }])).toMatchObject([{ what: "times" }]);
      expect(changed((point) => [{ ...point, value: point.value + 1 }])).toMatchObject([{ what: "values" }]);
    }),
  );
});

test("two values that changed places are found", () => {
  const point = (time: number, value: number): SamplePoint => ({
    device: "a/b/c",
    metric: "Door/Open",
    time,
    value,
  });
  const [a, b] = [digestOf([point(1, 5), point(2, 6)]), digestOf([point(1, 6), point(2, 5)])];
  expect(differences(a, b)).toEqual([{ series: "Door/Open a/b/c", expected: 2, found: 2, what: "values" }]);
});

test("of a day of a counter one value that is a hundred off is found, and the digits that an engine does not keep are none", () => {
  const day = (value: (minute: number) => number) =>
    digestOf(
      Array.from({ length: 1_440 }, (_, minute) => ({
        ...{ device: "a/b/c", metric: "Port/1/InOctets" },
        ...{ time: 1_700_000_000_000 + minute * 60_000, value: value(minute) },
      })),
    );
  const whole = (minute: number): number => 4e9 + minute * 1_234_567.89;
  const off = day((minute) => whole(minute) + (minute === 700 ? 100 : 0));
  expect(differences(day(whole), off)).toMatchObject([{ what: "values" }]);
  expect(
    differences(
      day(whole),
      day((minute) => Number(whole(minute).toPrecision(12))),
    ),
  ).toEqual([]);
});
