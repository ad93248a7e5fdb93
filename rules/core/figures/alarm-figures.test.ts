import { describe, expect, test } from "vitest";
import type { Priority } from "../../api.ts";
import { AlarmFigures, ANSWER_MS_MAX, BUCKET_MS, type FigureTransition, LEAD_MS } from "./alarm-figures.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The range of every example: an hour. */
const FROM = 10 * 3_600_000;
const TO = FROM + 60 * MINUTE;

const transition = (
  id: string,
  at: number,
  event = "raise",
  more: { priority?: Priority; campus?: string; drill?: string; receivedAt?: number } = {},
): FigureTransition => ({
  at,
  event,
  alarm: {
    id,
    priority: more.priority ?? 3,
    title: { zh: id, en: id },
    receivedAt: more.receivedAt ?? at,
    device: {
      key: id,
      title: { zh: id, en: id },
      class: "camera",
      path: `990100/990102/${more.campus ?? "one"}/gate`,
      campus: more.campus ?? "one",
    },
    ...(more.drill === undefined ? {} : { drill: more.drill }),
  },
});

function figures(transitions: readonly FigureTransition[], places: readonly string[] = [], at = TO) {
  const folded = new AlarmFigures({ from: FROM, to: TO }, places);
  for (const each of transitions) folded.add(each);
  return folded.figures(at);
}

const series = (count: number, from: number, apart: number): FigureTransition[] =>
  Array.from({ length: count }, (_, i) => transition(`a${i}`, from + i * apart));

describe("alarms in ten minutes", () => {
  test("nine in an hour are 1.5 on average, and the fullest ten minutes are named", () => {
    const { raised, mean, worst, buckets } = figures([
      ...series(2, FROM, MINUTE),
      ...series(6, FROM + 25 * MINUTE, 30 * SECOND),
      transition("last", TO - 1),
    ]);
    expect({ raised, mean }).toEqual({ raised: 9, mean: 1.5 });
    expect(worst).toEqual({ from: FROM + 2 * BUCKET_MS, raised: 6 });
    expect(buckets).toEqual([
      [FROM, 2],
      [FROM + 2 * BUCKET_MS, 6],
      [FROM + 5 * BUCKET_MS, 1],
    ]);
  });

  test("nothing outside of the range, elsewhere, or of a drill is counted", () => {
    const { raised, worst } = figures(
      [
        transition("before", FROM - 1),
        transition("elsewhere", FROM, "raise", { campus: "two" }),
        transition("drill", FROM, "raise", { drill: "d1" }),
        transition("symptom", FROM, "suppress"),
        transition("after", TO),
      ],
      ["990100/990102/one"],
    );
    expect({ raised, worst }).toEqual({ raised: 0, worst: undefined });
  });

  test("the shares of the priorities add up to all of them", () => {
    const one = (priority: Priority) => transition(`p${priority}`, FROM, "raise", { priority });
    expect(figures([one(1), one(3), one(3), one(4)]).byPriority).toEqual({ 1: 1, 2: 0, 3: 2, 4: 1 });
  });
});

describe("time in a flood", () => {
  test("begins with the eleventh in ten minutes and ends when the fifth from the end is ten minutes old", () => {
    // Eleven, a minute apart: at minute 10 the first leaves as the eleventh comes, so there are ten and no flood.
    expect(figures(series(11, FROM, MINUTE)).floods).toEqual([]);
    // Eleven, half a minute apart, from minute 0 to 5. The seventh (minute 3) leaves at 13: four are left.
    const flooded = figures(series(11, FROM, 30 * SECOND));
    expect(flooded.floods).toEqual([{ from: FROM + 5 * MINUTE, to: FROM + 13 * MINUTE }]);
    expect(flooded.floodShare).toBeCloseTo(8 / 60);
  });

  test("one that is under way at the beginning counts from there, and one at the end up to there", () => {
    const early = figures(series(12, FROM - 2 * MINUTE, 10 * SECOND));
    expect(early.floods).toEqual([{ from: FROM, to: FROM - 2 * MINUTE + 70 * SECOND + 10 * MINUTE }]);
    expect(early.raised).toBe(0);
    expect(LEAD_MS).toBeGreaterThan(2 * MINUTE);
    const late = figures(series(12, TO - 2 * MINUTE, 10 * SECOND));
    expect(late.floods).toEqual([{ from: TO - 2 * MINUTE + 100 * SECOND, to: TO }]);
  });
});

describe("chatter", () => {
  test("is three raisings of one alarm within a minute", () => {
    const times = (id: string, ...at: number[]) => at.map((each) => transition(id, FROM + each));
    const { chattering, frequent } = figures(
      [...times("slow", 0, 40_000, 61_000), ...times("fast", 0, 30_000, 60_000, 200_000)].sort(
        (a, b) => a.at - b.at,
      ),
    );
    expect(chattering.map(({ id, times: count }) => [id, count])).toEqual([["fast", 4]]);
    expect(frequent.map(({ id, times: count }) => [id, count])).toEqual([
      ["fast", 4],
      ["slow", 3],
    ]);
  });
});

describe("time to acknowledge", () => {
  test("is the median and the 95th percentile by nearest rank", () => {
    const waits = Array.from({ length: 20 }, (_, i) => (i + 1) * SECOND);
    const raised = waits.map((_, i) => transition(`a${i}`, FROM));
    const answered = waits.map((wait, i) => transition(`a${i}`, FROM + wait, "acknowledge"));
    expect(figures([...raised, ...answered]).delays).toEqual({
      acknowledged: 20,
      unanswered: 0,
      p50_ms: 10 * SECOND,
      p95_ms: 19 * SECOND,
    });
  });

  test("an answer after the end of the range counts for a day; what nobody answered is told apart and waits on", () => {
    const { delays, slowest } = figures(
      [
        transition("soon", TO - MINUTE),
        transition("never", TO - MINUTE),
        transition("too-late", TO - MINUTE),
        transition("soon", TO + MINUTE, "acknowledge"),
        transition("too-late", TO + ANSWER_MS_MAX, "acknowledge"),
      ],
      [],
      TO + 2 * ANSWER_MS_MAX,
    );
    expect(delays).toEqual({ acknowledged: 1, unanswered: 2, p50_ms: 2 * MINUTE, p95_ms: 2 * MINUTE });
    expect(slowest.map(({ id }) => id)).toEqual(["never", "too-late", "soon"]);
    expect(slowest[2]?.waited_ms).toBe(2 * MINUTE);
  });

  test("one that rings again unanswered has waited since the first time; one put aside waits for nobody", () => {
    const { delays } = figures([
      transition("again", FROM),
      transition("aside", FROM),
      transition("aside", FROM + 1, "shelve"),
      transition("again", FROM + 2 * MINUTE),
      transition("again", FROM + 3 * MINUTE, "acknowledge"),
    ]);
    expect(delays).toEqual({ acknowledged: 1, unanswered: 0, p50_ms: 3 * MINUTE, p95_ms: 3 * MINUTE });
  });

  test("an answer that the wall clock puts before the ringing it answers has answered it at once", () => {
    const { delays } = figures([
      transition("ahead", FROM + MINUTE, "acknowledge", { receivedAt: FROM + 2 * MINUTE }),
      transition("ahead", FROM + 2 * MINUTE),
      transition("ahead", FROM + 3 * MINUTE),
    ]);
    expect(delays).toEqual({ acknowledged: 1, unanswered: 1, p50_ms: 0, p95_ms: 0 });
  });

  test("is told by priority", () => {
    const { delaysByPriority } = figures([
      transition("red", FROM, "raise", { priority: 1 }),
      transition("blue", FROM, "raise", { priority: 4 }),
      transition("red", FROM + SECOND, "acknowledge", { priority: 1 }),
    ]);
    expect(delaysByPriority[1]).toMatchObject({ acknowledged: 1, p50_ms: SECOND });
    expect(delaysByPriority[4]).toEqual({ acknowledged: 0, unanswered: 1 });
  });
});
