import type { DecodedEntry } from "@campus-ops/broker/journal/decoder";
import { type DeviceEvent, GOOD } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BUCKET_MS,
  eventCounts,
  type RollupDelta,
  receivedCounts,
  secondsOn,
  type Transition,
} from "./rollup.ts";

function event(name: string, fields: DeviceEvent["fields"], eventTime = 0): DeviceEvent {
  return { event: name, id: "1", eventTime, quality: GOOD, fields };
}

describe("counts of events", () => {
  const counted = (name: string, fields: DeviceEvent["fields"]) =>
    eventCounts(event(name, fields)).map(({ count, by }) => [count, by]);

  test("a swipe counts by its result", () => {
    expect(counted("Access/Swipe", { result: "granted" })).toEqual([["access.granted", 1]]);
    expect(counted("Access/Swipe", { result: "refused" })).toEqual([["access.refused", 1]]);
    expect(counted("Access/Swipe", { result: null })).toEqual([]);
  });

  test.each([
    [37.2, false],
    [37.3, true],
    [42, true],
    [42.1, false],
    [33, false],
    [null, false],
  ])("a screening of %s °C is suspect: %s", (celsius, suspect) => {
    const expected = [["screening.total", 1], ...(suspect ? [["screening.suspect", 1]] : [])];
    expect(counted("Temperature/Screening", { celsius })).toEqual(expected);
  });

  test("a loss counts in the bucket in which the lost samples begin", () => {
    const loss = event("Edge/Loss", { count: 40, from: BUCKET_MS + 1, to: 9 * BUCKET_MS }, 10 * BUCKET_MS);
    expect(eventCounts(loss)).toEqual([{ bucket: BUCKET_MS, count: "samples.lost", by: 40 }]);
  });
});

test("received samples count in the bucket of their own time, births not at all", () => {
  const samples = [0, 1, BUCKET_MS].map((eventTime) => ({
    metric: "Door/Open",
    value: true,
    quality: GOOD,
    eventTime,
    historical: false,
  }));
  const entry: DecodedEntry = {
    seq: 1,
    receivedAt: 9,
    kind: "DDATA",
    samples,
    events: [],
    presence: [],
    leftOut: 0,
  };
  expect(receivedCounts(entry)).toEqual([
    { bucket: 0, count: "samples.received", by: 2 },
    { bucket: BUCKET_MS, count: "samples.received", by: 1 },
  ]);
  expect(receivedCounts({ ...entry, kind: "DBIRTH" })).toEqual([]);
});

test("the order in which events arrive makes no difference to any bucket", () => {
  const swipes = fc.array(
    fc.record({
      time: fc.integer({ min: 0, max: 3 * BUCKET_MS }),
      result: fc.constantFrom("granted", "refused"),
    }),
  );
  const total = (deltas: readonly RollupDelta[]) => {
    const sums = new Map<string, number>();
    for (const { bucket, count, by } of deltas)
      sums.set(`${bucket} ${count}`, (sums.get(`${bucket} ${count}`) ?? 0) + by);
    return [...sums].sort();
  };
  fc.assert(
    fc.property(swipes, fc.infiniteStream(fc.nat()), (made, random) => {
      const events = made.map(({ time, result }) => event("Access/Swipe", { result }, time));
      const shuffled = events
        .map((each) => ({ each, at: random.next().value }))
        .sort((a, b) => a.at - b.at)
        .map(({ each }) => each);
      expect(total(shuffled.flatMap(eventCounts))).toEqual(total(events.flatMap(eventCounts)));
    }),
  );
});

test("time in a state is that of looking at every second, and adds up over adjacent ranges", () => {
  const transitions = fc
    .array(fc.record({ time: fc.integer({ min: 0, max: 60 }), on: fc.constantFrom(true, false, null) }))
    .map((made): Transition[] =>
      [...new Map(made.map((each) => [each.time, each])).values()]
        .sort((a, b) => a.time - b.time)
        .map(({ time, on }) => ({ time: time * 1000, on })),
    );
  fc.assert(
    fc.property(
      transitions,
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 0, max: 60 }),
      (made, a, b) => {
        const from = Math.min(a, b);
        const to = Math.max(a, b);
        let seconds = 0;
        for (let at = from; at < to; at += 1) {
          if (made.filter(({ time }) => time <= at * 1000).at(-1)?.on === true) seconds += 1;
        }
        expect(secondsOn(made, from * 1000, to * 1000)).toBe(seconds);
      },
    ),
  );
});
