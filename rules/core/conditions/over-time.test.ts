import { describe, expect, test } from "vitest";
import { BOX, Journal } from "../../testing/campus.ts";
import { movesOf, ruleOf } from "../../testing/one-rule.ts";
import type { ConditionDocument, RuleDocument } from "../pack-document.ts";

const AIR = `${BOX}/air`;
const SCANNER = `${BOX}/scanner`;
const TEMPERATURE = "Environment/Temperature";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNREACHABLE = { quality: { status: "bad", reason: "unreachable" } } as const;

const begin = (value = 20): Journal =>
  new Journal().birth(0, BOX, "edge-box").birth(0, AIR, "environment-sensor", { [TEMPERATURE]: value });

/** The same whether the rules run through or are restarted all the time. */
function moves(condition: ConditionDocument, journal: Journal, more: Partial<RuleDocument> = {}) {
  const rules = [ruleOf(condition, { selector: {}, ...more })];
  const whole = movesOf(rules, journal);
  expect(movesOf(rules, journal, 3)).toEqual(whole);
  return whole;
}

describe("rate of change", () => {
  const rising: ConditionDocument = { rate: { metric: TEMPERATURE, over: "32m", rises: 8 } };
  test("a rise within the window raises, and is over when the low has left the window", () => {
    const journal = begin()
      .set(10 * MINUTE, AIR, TEMPERATURE, 24)
      .set(20 * MINUTE, AIR, TEMPERATURE, 28);
    journal.quiet(20 * MINUTE + 1_000, 60 * MINUTE);
    // 20 °C was left at minute 10, 24 °C at minute 20; a slot is one minute.
    expect(moves(rising, journal)).toEqual(["1200 unacknowledged", "2520 returned-unacknowledged"]);
  });
  test("the same rise over a longer time is none", () => {
    const journal = begin();
    for (let step = 1; step <= 8; step += 1) journal.set(step * 10 * MINUTE, AIR, TEMPERATURE, 20 + step);
    expect(moves(rising, journal)).toEqual([]);
  });
  test("a fall is not a rise, and has a word of its own", () => {
    const journal = begin(30).set(5 * MINUTE, AIR, TEMPERATURE, 21);
    expect(moves(rising, journal)).toEqual([]);
    expect(moves({ rate: { metric: TEMPERATURE, over: "32m", falls: 8 } }, journal)).toEqual([
      "300 unacknowledged",
    ]);
  });
  test("a reading of bad quality is no step", () => {
    const journal = begin()
      .set(5 * MINUTE, AIR, TEMPERATURE, 99, UNREACHABLE)
      .quiet(301_000, 320_000);
    expect(moves(rising, journal)).toEqual([]);
  });
});

describe("a mean over a window", () => {
  const warm: ConditionDocument = {
    window: { metric: TEMPERATURE, statistic: "mean", over: "32m", above: 30, deadband: 1 },
  };
  test("weighs by time, so that one high reading is not a high mean", () => {
    const journal = begin().clock(40 * MINUTE);
    journal.set(40 * MINUTE, AIR, TEMPERATURE, 60).set(41 * MINUTE, AIR, TEMPERATURE, 20);
    expect(moves(warm, journal.quiet(42 * MINUTE, 70 * MINUTE))).toEqual([]);
  });
  test("is unknown until nine tenths of the window were seen", () => {
    // At minute 28 the window reaches back to minute −3: 28 of its 31 minutes were seen.
    const journal = begin(40).quiet(1_000, 40 * MINUTE);
    expect(moves(warm, journal)).toEqual([`${28 * 60} unacknowledged`]);
  });
  test("does not count the time during which nobody saw the device", () => {
    const journal = begin(40)
      .clock(20 * MINUTE)
      .death(20 * MINUTE, AIR)
      .clock(30 * MINUTE);
    journal.birth(30 * MINUTE, AIR, "environment-sensor", { [TEMPERATURE]: 40 });
    expect(moves(warm, journal.quiet(31 * MINUTE, 50 * MINUTE))).toEqual([]);
  });
});

describe("a value that never varies", () => {
  const stuck: ConditionDocument = { stuck: { metric: TEMPERATURE, for: "6h", within: 0.1 } };
  test("raises once it has been watched for so long, and is over when it moves", () => {
    const journal = begin();
    for (let hour = 1; hour <= 8; hour += 1) journal.set(hour * HOUR, AIR, TEMPERATURE, 20.05);
    journal.set(9 * HOUR, AIR, TEMPERATURE, 20.4);
    const [raised, over] = moves(stuck, journal);
    expect(raised).toMatch(/^(19|20|21)\d{3} unacknowledged$/);
    expect(over).toBe(`${9 * 3_600} returned-unacknowledged`);
  });
  test("a sensor that moves now and then is well", () => {
    const journal = begin();
    for (let hour = 1; hour <= 12; hour += 1) journal.set(hour * HOUR, AIR, TEMPERATURE, 20 + (hour % 3) / 5);
    expect(moves(stuck, journal)).toEqual([]);
  });
  test("of an event's field asks for enough readings", () => {
    const screen = (journal: Journal, count: number, celsius: (index: number) => number): Journal => {
      for (let index = 0; index < count; index += 1) {
        const fields = { celsius: celsius(index), retest: 0 };
        journal.event(1_000 + index * 2_000, SCANNER, "Temperature/Screening", fields);
      }
      return journal;
    };
    const born = (): Journal =>
      new Journal().birth(0, BOX, "edge-box").birth(0, SCANNER, "temperature-scanner");
    const never: ConditionDocument = {
      stuck: {
        event: { name: "Temperature/Screening" },
        field: "celsius",
        for: "1d",
        within: 0.05,
        atLeast: 30,
      },
    };
    expect(
      moves(
        never,
        screen(born(), 29, () => 36.5),
      ),
    ).toEqual([]);
    expect(
      moves(
        never,
        screen(born(), 30, () => 36.5),
      ),
    ).toEqual(["59 unacknowledged"]);
    expect(
      moves(
        never,
        screen(born(), 60, (index) => 36.2 + (index % 5) / 10),
      ),
    ).toEqual([]);
  });
});

test("an increase is a counter's own: it starts again at 0 without counting backwards", () => {
  const octets: ConditionDocument = {
    window: { metric: "Port/*/InErrors", statistic: "increase", over: "32m", above: 100 },
  };
  const port = "Port/1/InErrors";
  const journal = new Journal().birth(0, BOX, "edge-box").birth(0, AIR, "switch", { [port]: 900 });
  journal.set(MINUTE, AIR, port, 950).set(2 * MINUTE, AIR, port, 40);
  expect(moves(octets, journal, { instance: "*" })).toEqual([]);
  journal.set(3 * MINUTE, AIR, port, 51);
  expect(moves(octets, journal, { instance: "*" })).toEqual(["180 unacknowledged"]);
});

describe("drift", () => {
  const drift: ConditionDocument = {
    drift: {
      event: { name: "Temperature/Screening" },
      field: "celsius",
      over: "1d",
      baseline: 7,
      by: 0.3,
      atLeast: 20,
    },
  };
  const days = (medians: readonly number[], each = 20): Journal => {
    const journal = new Journal().birth(0, BOX, "edge-box").birth(0, SCANNER, "temperature-scanner");
    for (const [day, celsius] of medians.entries()) {
      for (let index = 0; index < each; index += 1) {
        const spread = ((index % 5) - 2) / 20;
        journal.event(day * DAY + index * 5_000 + 1_000, SCANNER, "Temperature/Screening", {
          celsius: celsius + spread,
        });
      }
    }
    return journal;
  };
  test("a daily median that moved by more than the tolerance, once there are readings enough", () => {
    const [raised] = moves(drift, days([36.4, 36.4, 36.5, 36.9]));
    expect(raised).toBe(`${3 * 86_400 + 96} unacknowledged`);
  });
  test("a day that differs by less, or has too few readings, is none", () => {
    expect(moves(drift, days([36.4, 36.5, 36.3, 36.6]))).toEqual([]);
    expect(moves(drift, days([36.4, 36.4, 36.9], 19))).toEqual([]);
  });
});

describe("fewer than there should be", () => {
  const rounds: ConditionDocument = { fewer: { name: "Patrol/Point", than: 3, within: "24h" } };
  const begun = (): Journal => new Journal().birth(0, BOX, "edge-box").birth(0, AIR, "card-reader");
  const visits = (journal: Journal, hours: readonly number[], age_ms = 0): Journal => {
    for (const hour of hours) journal.event(hour * HOUR, AIR, "Patrol/Point", { point: "east" }, age_ms);
    return journal;
  };
  test("says nothing before the window was watched once, then counts", () => {
    const journal = visits(begun(), [1, 9, 17, 23, 26, 40, 41]).clock(42 * HOUR);
    // Each visit leaves the window when a third one of the newer ones has come.
    expect(moves(rounds, journal, { instance: "point" })).toEqual([]);
    const missed = visits(begun(), [1, 9, 17]).quiet(25 * HOUR, 25 * HOUR + 2_000);
    expect(moves(rounds, missed, { instance: "point" })).toEqual([`${25 * 3_600 + 1} unacknowledged`]);
  });
  test("a point of the plan that nobody ever visits is missed, and one that is visited is not", () => {
    const planned = (...points: string[]) => [
      { ...ruleOf(rounds, { instance: "point", selector: {} }), expected: { [AIR]: points } },
    ];
    const walked = (): Journal => visits(begun(), [1, 9, 17, 23]).clock(24 * HOUR);
    const missed = [`${24 * 3_600} unacknowledged`];
    expect(movesOf(planned("east", "west"), walked())).toEqual(missed);
    expect(movesOf(planned("east", "west"), walked(), 2)).toEqual(missed);
    expect(movesOf(planned("east"), walked())).toEqual([]);
    const found = walked();
    for (const hour of [25, 26, 27]) found.event(hour * HOUR, AIR, "Patrol/Point", { point: "west" });
    expect(movesOf(planned("west"), found)).toEqual([...missed, `${27 * 3_600} returned-unacknowledged`]);
  });
  test("a visit that is told late ends what its absence had raised", () => {
    const journal = visits(begun(), [1, 9, 17]).clock(26 * HOUR);
    visits(journal, [27], 3 * HOUR);
    expect(moves(rounds, journal, { instance: "point" })).toEqual([
      `${26 * 3_600} unacknowledged`,
      `${27 * 3_600} returned-unacknowledged`,
    ]);
  });
  test("is unknown while the edge box is away", () => {
    const journal = visits(begun(), [1, 2, 3])
      .death(20 * HOUR, BOX)
      .clock(60 * HOUR);
    expect(moves(rounds, journal, { instance: "point" })).toEqual([]);
  });
});

test("a station that was never there while the port was being learned, for as long as it is news", () => {
  const rogue: ConditionDocument = { newcomer: { metric: "Port/*/Stations", learn: "7d", holds: "1h" } };
  const port = "Port/3/Stations";
  const journal = new Journal().birth(0, BOX, "edge-box").birth(0, AIR, "switch", { [port]: "aa:01" });
  journal.set(DAY, AIR, port, "aa:01 aa:02").set(2 * DAY, AIR, port, "aa:01");
  journal.set(8 * DAY, AIR, port, "aa:01 aa:02").set(9 * DAY, AIR, port, "aa:01 bb:09");
  journal.clock(9 * DAY + HOUR).clock(10 * DAY);
  expect(moves(rogue, journal, { instance: "*" })).toEqual([
    `${9 * 86_400} unacknowledged`,
    `${9 * 86_400 + 3_600} returned-unacknowledged`,
  ]);
});
