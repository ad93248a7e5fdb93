import { fixedZone } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, type SchoolYearData, schoolCalendar } from "../calendar.ts";
import { addTotals, totalsOf, useRecords, utilisation } from "./class-hours.ts";
import { lessonsBetween } from "./lessons.ts";
import { CARD_METRIC, foldSessions, type Utterance } from "./sessions.ts";
import { Timetable, type TimetableEntry } from "./timetable.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OFFSET = 8 * HOUR;
/** Monday, 7 September 2026, local midnight. */
const MONDAY = Date.UTC(2026, 8, 7) - OFFSET;
const day = (date: string) => Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY_MS);

/** Four lessons of 40 minutes: 8:00, 8:50, 10:00, 14:00; one week of term, Wednesday off, Saturday worked instead. */
const year: SchoolYearData = {
  zone: fixedZone(OFFSET),
  schoolDays: [1, 2, 3, 4, 5],
  terms: [[day("2026-09-07"), day("2026-09-13")]],
  holidays: [[day("2026-09-09"), day("2026-09-09")]],
  makeUpDays: [[day("2026-09-12"), day("2026-09-12")]],
  schoolDay: {
    lesson: [
      [8 * HOUR, 8 * HOUR + 40 * MINUTE],
      [8 * HOUR + 50 * MINUTE, 9 * HOUR + 30 * MINUTE],
      [10 * HOUR, 10 * HOUR + 40 * MINUTE],
      [14 * HOUR, 14 * HOUR + 40 * MINUTE],
    ],
  },
  offDay: {},
};
const calendar = schoolCalendar(year);
const localDay = (at: number) => Math.floor((at + OFFSET) / DAY_MS);
const lessons = lessonsBetween(calendar, MONDAY, MONDAY + 7 * DAY_MS);

const at = (weekday: number, hour: number, minute = 0) =>
  MONDAY + (weekday - 1) * DAY_MS + hour * HOUR + minute * MINUTE;
const power = (time: number, value: string | null, device = "p1"): Utterance => ({
  device,
  at: time,
  metric: "Projector/Power",
  value,
});
const entry = (weekday: number, period: number, classes: string[], more: Partial<TimetableEntry> = {}) => ({
  room: "a/3/301",
  weekday,
  period,
  classes,
  ...more,
});

function records(
  utterances: Utterance[],
  entries: TimetableEntry[],
  options: { now?: number; since?: number } = {},
) {
  const now = options.now ?? MONDAY + 7 * DAY_MS;
  const history = foldSessions(
    utterances.toSorted((a, b) => a.at - b.at),
    now,
  );
  return useRecords(
    { room: "a/3/301", ...history, now, since: options.since ?? MONDAY },
    lessons,
    new Timetable(entries, localDay),
  );
}

const brief = (all: ReturnType<typeof records>) =>
  all.map(({ from, period, use, classHours }) => [(from - MONDAY) / HOUR, period ?? "-", use, classHours]);

describe("the lessons of a school", () => {
  test("are those of its term: a holiday has none, and a Saturday worked for it has all", () => {
    const days = [...new Set(lessons.map((lesson) => (lesson.day - MONDAY) / DAY_MS))];
    expect(days).toEqual([0, 1, 3, 4, 5]);
    expect(lessons).toHaveLength(20);
    expect(lessons[1]).toMatchObject({ from: at(1, 8, 50), to: at(1, 9, 30), period: 2 });
  });
});

describe("a session", () => {
  test("lasts from power on until it has been off for ten minutes, and ends when it went off", () => {
    const off = [power(at(1, 8), "warming"), power(at(1, 8, 1), "on"), power(at(1, 8, 40), "cooling")];
    expect(foldSessions(off, at(1, 8, 49)).sessions).toEqual([
      { from: at(1, 8), evidence: ["power"], devices: ["p1"] },
    ]);
    expect(foldSessions(off, at(1, 8, 50)).sessions[0]?.to).toBe(at(1, 8, 40));
  });

  test("goes on when it was off for less, and while another device of the room is on", () => {
    const short = [power(at(1, 8), "on"), power(at(1, 8, 40), "off"), power(at(1, 8, 49), "on")];
    expect(foldSessions(short, at(1, 9)).sessions).toHaveLength(1);
    const two = [power(at(1, 8), "on"), power(at(1, 8, 5), "on", "p2"), power(at(1, 8, 10), "off")];
    expect(foldSessions(two, at(1, 9)).sessions).toEqual([
      { from: at(1, 8), evidence: ["power"], devices: ["p1", "p2"] },
    ]);
  });

  test("knows a teacher's card, a choice of input and presence; walking through opens nothing", () => {
    const say = (time: number, metric: string, value: Utterance["value"]) => ({
      device: "c",
      at: time,
      metric,
      value,
    });
    const all = [
      say(at(1, 7), "Presence/Occupied", true),
      say(at(1, 8), CARD_METRIC, true),
      say(at(1, 8, 1), "Controller/Source", "computer"),
      say(at(1, 8, 2), "Controller/Source", "laptop"),
      say(at(1, 8, 3), "Presence/Occupied", true),
      say(at(1, 8, 30), CARD_METRIC, false),
    ];
    expect(foldSessions(all, at(1, 9)).sessions).toEqual([
      { from: at(1, 8), to: at(1, 8, 30), evidence: ["card", "signal", "presence"], devices: [] },
    ]);
  });

  test("is blind while a device that would tell cannot be asked", () => {
    const lost = [power(at(1, 8), "off"), power(at(1, 8, 10), null), power(at(1, 9), "off")];
    expect(foldSessions(lost, at(1, 10)).blind).toEqual([{ from: at(1, 8, 10), to: at(1, 9) }]);
  });
});

/** Worked by hand; the sums stand beside the cases. */
describe("class-hours", () => {
  test("a planned lesson with the projector on counts once; one in which it stayed off counts nothing", () => {
    const all = records(
      [power(at(1, 8, 2), "on"), power(at(1, 8, 41), "off")],
      [entry(1, 1, ["7-1"]), entry(1, 2, ["7-1"])],
    );
    expect(brief(all)).toEqual([
      [8, 1, "used", 1],
      [8 + 50 / 60, 2, "unused", 0],
    ]);
  });

  test("merged classes count each, and a double period counts both lessons", () => {
    const all = records(
      [power(at(1, 7, 58), "on"), power(at(1, 9, 30), "off")],
      [entry(1, 1, ["7-1", "7-2"]), entry(1, 2, ["7-1"]), entry(1, 2, ["7-2"])],
    );
    expect(totalsOf(all).used).toBe(4);
  });

  test("less than ten minutes is somebody who looked in", () => {
    expect(
      brief(records([power(at(1, 8), "on"), power(at(1, 8, 9), "off")], [entry(1, 1, ["7-1"])])),
    ).toEqual([[8, 1, "unused", 0]]);
  });

  test("use outside of the timetable counts and is shown as such; power alone there is waste", () => {
    const card: Utterance = { device: "c", at: at(1, 14, 1), metric: CARD_METRIC, value: true };
    const used = records([card, power(at(1, 14, 2), "on"), power(at(1, 14, 40), "off")], []);
    expect(used).toMatchObject([{ planned: false, use: "used", classHours: 1, period: 4 }]);
    const forgotten = records([power(at(1, 14), "on"), power(at(1, 18), "off")], []);
    expect(brief(forgotten)).toEqual([
      [14, 4, "waste", 0],
      [14 + 40 / 60, "-", "waste", 0],
    ]);
    expect(totalsOf(forgotten).wasted_ms).toBe(4 * HOUR);
    const evening: Utterance = { ...card, at: at(1, 18) };
    const club = records([evening, power(at(1, 18), "on"), power(at(1, 20), "off")], []);
    expect(brief(club)).toEqual([[18, "-", "used", 3]]);
  });

  test("where nobody could tell, a planned lesson is unknown and lowers the completeness", () => {
    const all = records(
      [power(at(1, 7), "off"), power(at(1, 8, 5), null), power(at(1, 8, 45), "off")],
      [entry(1, 1, ["7-1"]), entry(1, 2, ["7-1"])],
    );
    expect(brief(all).map(([, , use]) => use)).toEqual(["unknown", "unused"]);
    expect(utilisation(totalsOf(all), 1, 20).completeness).toBe(0.5);
  });

  test("a room whose devices joined in the middle of the term is not blamed for what was before", () => {
    const since = at(4, 0);
    const all = records(
      [power(since, "off"), power(at(4, 8), "on"), power(at(4, 8, 40), "off")],
      [entry(1, 1, ["7-1"]), entry(4, 1, ["7-1"])],
      { since },
    );
    expect(brief(all).map(([, , use]) => use)).toEqual(["unknown", "used"]);
  });

  test("a holiday asks for nothing, and an entry counts only on its own days", () => {
    const wednesday = entry(3, 1, ["7-1"]);
    const another = entry(1, 1, ["7-1"], { days: [day("2026-09-14"), day("2026-09-20")] });
    expect(records([power(MONDAY, "off")], [wednesday, another])).toEqual([]);
  });
});

test("utilisation is class-hours used over classes times teaching class-hours, and no record is said", () => {
  const used = totalsOf(
    records(
      [power(at(1, 7, 58), "on"), power(at(1, 9, 30), "off")],
      [entry(1, 1, ["7-1", "7-2"]), entry(1, 2, ["7-1"])],
    ),
  );
  // 2 + 1 class-hours of 2 classes × 20 lessons.
  expect(utilisation(used, 2, lessons.length)).toEqual({
    ratio: 3 / 40,
    completeness: 1,
    withoutRecord: false,
  });
  expect(utilisation(totalsOf([]), 2, 20)).toEqual({ ratio: 0, completeness: 1, withoutRecord: true });
  expect(utilisation(totalsOf([]), 0, 20).ratio).toBeUndefined();
});

test("the sum over rooms is the same however they are put together", () => {
  const totals = fc.record({
    used: fc.nat(100),
    unplannedUsed: fc.nat(100),
    known: fc.nat(100),
    unknown: fc.nat(100),
    wasted_ms: fc.nat(),
    records: fc.nat(100),
  });
  fc.assert(
    fc.property(totals, totals, totals, (a, b, c) => {
      expect(addTotals(addTotals(a, b), c)).toEqual(addTotals(a, addTotals(b, c)));
      expect(addTotals(a, b)).toEqual(addTotals(b, a));
    }),
  );
});
