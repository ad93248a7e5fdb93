import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attribute, failuresOf, NO_HEALTH, ratiosOf, standingOf, totalsOf } from "./figures.ts";
import {
  blindSpans,
  foldHealth,
  type HealthFact,
  PRESENCE,
  REACHABLE,
  REGISTERED,
  SEEN_MS,
} from "./history.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const reach = (at: number, value: boolean): HealthFact => ({ what: REACHABLE, at, value });
const fault = (at: number, value: boolean, what = "Video/Loss"): HealthFact => ({ what, at, value });
const states = (intervals: ReturnType<typeof foldHealth>) =>
  intervals.map(({ state, from, to }) => [state, from / HOUR, to / HOUR]);

describe("the health of a device over time", () => {
  test("is what it said, in the order in which it was so; a fault that cannot be asked after does not count", () => {
    const said = [
      reach(0, true),
      fault(2 * HOUR, true),
      reach(3 * HOUR, false),
      fault(4 * HOUR, false),
      reach(5 * HOUR, true),
    ];
    expect(states(foldHealth(said, [], 10 * HOUR))).toEqual([
      ["working", 0, 2],
      ["faulty", 2, 3],
      ["unreachable", 3, 5],
      ["working", 5, 10],
    ]);
  });

  test("is unknown while its box is away, and before it told whether it can be reached", () => {
    const said = [{ what: PRESENCE, at: 0, value: true }, reach(HOUR, true), reach(3 * HOUR, false)];
    const away = [{ from: 2 * HOUR, to: 4 * HOUR }];
    expect(states(foldHealth(said, away, 6 * HOUR))).toEqual([
      ["unknown", 0, 1],
      ["working", 1, 2],
      ["unknown", 2, 4],
      ["unreachable", 4, 6],
    ]);
  });

  test("rests on births and deaths where a device never tells more", () => {
    const said = [
      { what: PRESENCE, at: 0, value: true },
      { what: PRESENCE, at: HOUR, value: false },
    ];
    expect(states(foldHealth(said, [], 2 * HOUR))).toEqual([
      ["working", 0, 1],
      ["unreachable", 1, 2],
    ]);
  });

  test("has no gap and no overlap, and ends where it should, whatever was said and whenever boxes were away", () => {
    const what = fc.constantFrom(REACHABLE, PRESENCE, "Video/Loss", "Video/Tamper");
    const at = fc.nat(1_000);
    const facts = fc.array(fc.record({ what, at, value: fc.boolean() }), { minLength: 1 });
    const blind = fc.uniqueArray(fc.nat(1_200), { maxLength: 10 });
    fc.assert(
      fc.property(facts, blind, (all, edges) => {
        const said = all.toSorted((a, b) => a.at - b.at);
        const sorted = edges.toSorted((a, b) => a - b);
        const spans = sorted.flatMap((from, index) => {
          const to = sorted[index + 1];
          return index % 2 === 0 && to !== undefined ? [{ from, to }] : [];
        });
        const intervals = foldHealth(said, spans, 1_500);
        expect(intervals[0]?.from).toBe(said[0]?.at);
        expect(intervals.at(-1)?.to).toBe(1_500);
        for (const [index, each] of intervals.entries()) {
          expect(each.to).toBeGreaterThan(each.from);
          if (index > 0) expect(each.from).toBe(intervals[index - 1]?.to);
          const isBlind = spans.some(({ from, to }) => from <= each.from && each.to <= to);
          if (isBlind) expect(each.state).toBe("unknown");
        }
      }),
    );
  });
});

describe("what a box saw while it was away", () => {
  test("is known from what it delivered afterwards; what it was silent about, it was switched off for", () => {
    const away = [{ from: HOUR, to: 3 * HOUR }];
    const seen = [0, 1, 2, 3].map((index) => HOUR + index * SEEN_MS);
    expect(blindSpans(away, seen)).toEqual([{ from: HOUR + 4 * SEEN_MS, to: 3 * HOUR }]);
    expect(blindSpans(away, [])).toEqual(away);
    const all = Array.from({ length: 24 }, (_, index) => HOUR + index * SEEN_MS);
    expect(blindSpans(away, all)).toEqual([]);
    // One silent stretch of five minutes is a quiet campus, two are not.
    expect(blindSpans(away, all.toSpliced(6, 1))).toEqual([]);
    expect(blindSpans(away, all.toSpliced(6, 2))).toEqual([
      { from: HOUR + 6 * SEEN_MS, to: HOUR + 8 * SEEN_MS },
    ]);
  });
});

describe("figures", () => {
  /**
   * A camera, watched from 00:00 to 24:00. Working until 06:00; lost until 08:00; working; picture lost from 10:00 to
   * 10:30; a restart of two minutes at 12:00; its box away from 14:00 to 16:00; lost at 22:00, and not back.
   */
  const DAY_OF_A_CAMERA = foldHealth(
    [
      reach(0, true),
      reach(6 * HOUR, false),
      reach(8 * HOUR, true),
      fault(10 * HOUR, true),
      fault(10.5 * HOUR, false),
      reach(12 * HOUR, false),
      reach(12 * HOUR + 2 * MINUTE, true),
      reach(22 * HOUR, false),
    ],
    [{ from: 14 * HOUR, to: 16 * HOUR }],
    DAY,
  );
  const failures = failuresOf("c1", DAY_OF_A_CAMERA, DAY);

  test("of a day, reckoned by hand", () => {
    const totals = totalsOf(DAY_OF_A_CAMERA, failures, { from: 0, to: DAY });
    expect(totals).toEqual({
      devices: 1,
      expected_ms: 24 * HOUR,
      // 24 h less 2 h, 2 min and 2 h lost, and 2 h unknown.
      reachable_ms: 24 * HOUR - 4 * HOUR - 2 * MINUTE - 2 * HOUR,
      // Less half an hour without a picture.
      working_ms: 24 * HOUR - 4 * HOUR - 2 * MINUTE - 2 * HOUR - 30 * MINUTE,
      unknown_ms: 2 * HOUR,
      failures: 3,
      interruptions: 1,
      upstream: 0,
      repairs: 2,
      repair_ms: 2.5 * HOUR,
      open: 1,
      inexact: 0,
    });
    const { availability, availabilityHigh, completeness, meanTimeToRepair_ms } = ratiosOf(totals);
    expect(availability).toBeCloseTo((24 - 4 - 1 / 30 - 2) / 24, 12);
    expect(availabilityHigh).toBeCloseTo((24 - 4 - 1 / 30) / 24, 12);
    expect(completeness).toBeCloseTo(22 / 24, 12);
    expect(meanTimeToRepair_ms).toBe(1.25 * HOUR);
  });

  test("of school hours count no night", () => {
    const hours = [{ from: 7 * HOUR, to: 17 * HOUR }];
    const totals = totalsOf(DAY_OF_A_CAMERA, failures, { from: 0, to: DAY }, hours);
    // 07:00 to 17:00: an hour and two minutes lost, two hours unknown.
    expect(totals).toMatchObject({
      expected_ms: 10 * HOUR,
      reachable_ms: 7 * HOUR - 2 * MINUTE,
      unknown_ms: 2 * HOUR,
    });
  });

  test("count a repair when it ends, and say where nobody knows how long it took", () => {
    const repairedLater = totalsOf(DAY_OF_A_CAMERA, failures, { from: 7 * HOUR, to: 9 * HOUR });
    expect(repairedLater).toMatchObject({ failures: 0, repairs: 1, repair_ms: 2 * HOUR, open: 0 });
    const away = [{ from: 5 * HOUR, to: 7 * HOUR }];
    const seenLost = foldHealth([reach(0, true), reach(6 * HOUR, false), reach(9 * HOUR, true)], away, DAY);
    const inexact = failuresOf("c1", seenLost, DAY);
    expect(inexact).toMatchObject([{ from: 7 * HOUR, to: 9 * HOUR, exact: false }]);
    const totals = totalsOf(seenLost, inexact, { from: 0, to: DAY });
    expect(totals).toMatchObject({ failures: 1, repairs: 0, repair_ms: 0, inexact: 1 });
    expect(ratiosOf(totals).meanTimeToRepair_ms).toBeUndefined();
  });

  test("end with the device's service: what was broken then is not repaired, and not open", () => {
    const watched = (at: number, value: boolean): HealthFact => ({ what: REGISTERED, at, value });
    const said = [reach(0, true), reach(6 * HOUR, false), watched(9 * HOUR, false)];
    const gone = foldHealth(said, [{ from: 10 * HOUR, to: 12 * HOUR }], DAY);
    expect(states(gone)).toEqual([
      ["working", 0, 6],
      ["unreachable", 6, 9],
    ]);
    const counted = {
      expected_ms: 9 * HOUR,
      reachable_ms: 6 * HOUR,
      failures: 1,
      open: 0,
      repairs: 0,
      inexact: 0,
    };
    const ended = failuresOf("c1", gone, DAY);
    expect(ended).toMatchObject([{ from: 6 * HOUR, to: 9 * HOUR, retired: true }]);
    expect(totalsOf(gone, ended, { from: 0, to: DAY })).toMatchObject(counted);
    expect(totalsOf(gone, ended, { from: 10 * HOUR, to: DAY }).devices).toBe(0);

    // It returns: nothing is known of it until it says so, and its history goes on.
    const back = foldHealth([...said, watched(20 * HOUR, true), reach(21 * HOUR, true)], [], DAY);
    expect(states(back).slice(2)).toEqual([
      ["unknown", 20, 21],
      ["working", 21, 24],
    ]);
    expect(totalsOf(back, failuresOf("c1", back, DAY), { from: 0, to: DAY })).toMatchObject({
      ...counted,
      expected_ms: 13 * HOUR,
      reachable_ms: 9 * HOUR,
    });
  });

  test("do not blame a camera for the switch that it hangs from", () => {
    const lost = (from: number, to: number) =>
      failuresOf("x", foldHealth([reach(0, true), reach(from, false), reach(to, true)], [], DAY), DAY);
    const byDevice = new Map([
      ["switch", lost(6 * HOUR, 7 * HOUR)],
      ["camera", lost(6 * HOUR - MINUTE, 7 * HOUR + MINUTE)],
      ["other", lost(9 * HOUR, 10 * HOUR)],
    ]);
    const attributed = attribute(byDevice, (device) => (device === "switch" ? undefined : "switch"));
    expect(attributed.get("camera")).toMatchObject([{ upstream: "switch" }]);
    expect(attributed.get("other")?.[0]?.upstream).toBeUndefined();
    expect(attributed.get("switch")?.[0]?.upstream).toBeUndefined();
    const totals = totalsOf([], attributed.get("camera") ?? [], { from: 0, to: DAY });
    expect(totals).toMatchObject({ failures: 0, upstream: 1, repairs: 0 });
  });

  test("of nothing expected are no figures", () => {
    expect(ratiosOf(NO_HEALTH)).toEqual({ completeness: 1 });
    expect(standingOf(NO_HEALTH)).toEqual({ deviceDays: 0, enough: false });
  });

  test("compare a model only where enough of it was seen", () => {
    const seen = { ...NO_HEALTH, devices: 3, expected_ms: 100 * DAY, unknown_ms: 10 * DAY, failures: 9 };
    // 9 failures in 90 device-days: 36.5 in 365.
    expect(standingOf(seen)).toEqual({ deviceDays: 90, failuresPerYear: 36.5, enough: true });
    expect(standingOf({ ...seen, devices: 2 }).enough).toBe(false);
    expect(standingOf({ ...seen, failures: 2 }).enough).toBe(false);
    expect(standingOf({ ...seen, unknown_ms: 10 * DAY + 1 }).enough).toBe(false);
  });
});
