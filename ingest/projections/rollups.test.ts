import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DecodedEntry } from "@campus-ops/broker/journal";
import {
  type Address,
  CampusId,
  DeviceId,
  GOOD,
  NodeId,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type RollupDelta, receivedCounts } from "../core/rollup.ts";
import { openEmbeddedStore } from "../store/embedded.ts";
import type { Point, PointStore } from "../store/store.ts";
import { keeping } from "../store/testing/store-contract.ts";
import { pointsProjection } from "./points.ts";
import { RollupProjection } from "./rollups.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SUMS = /:seconds-|^Counts\//;
const midnight = (date: string): number => Date.parse(`${date}T00:00:00+08:00`);
const START = midnight("2026-03-02");
const FIRST_DAY = START / (24 * HOUR) + 1 / 3;
const TERM = { from: START, to: midnight("2026-07-11") };
const address = { campus: CampusId("qiyun-no1"), node: NodeId("box-1") };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollups-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Report {
  readonly device: string;
  readonly metric: string;
  readonly value: SampleValue;
  readonly time: number;
  readonly receivedAt: number;
  /** Of the box; the one of all tests unless said. */
  readonly by?: Address;
}

/** A hub's two projections of points, by a journal that ticks: the roll-ups that they leave behind, and how many folds. */
class Hub {
  readonly store: PointStore;
  readonly #points;
  readonly told: RollupProjection;
  readonly #rollups: RollupProjection;
  readonly #counts: RollupDelta[] = [];
  #seq = 0;
  #written = 0;

  static async open(name: string): Promise<Hub> {
    return new Hub(await openEmbeddedStore(join(folder, name)), join(folder, `${name}.sqlite`));
  }

  constructor(store: PointStore, file: string) {
    this.store = store;
    this.#points = pointsProjection(store);
    this.#rollups = new RollupProjection({
      file,
      store,
      writtenUntil: () => this.#written,
      counts: (_, from, to) => {
        const own = this.#counts.filter(({ bucket }) => bucket >= from && bucket < to);
        return { "samples.received": own.reduce((sum, { by }) => sum + by, 0) };
      },
      isOnline: () => true,
      retention: keeping(400 * 24 * HOUR),
      isAway: () => false,
      uptime_ms: () => performance.now(),
    });
    this.told = this.#rollups;
    void this.calendar("1".repeat(130));
  }

  /** From the first of March on, a character a day. */
  calendar(days: string, terms = [TERM], timeZone = "Asia/Shanghai"): Promise<void> {
    return this.told.tellSchoolTime({ timeZone, first: FIRST_DAY, days, terms });
  }

  async take(reports: readonly Report[], until: number, step: number): Promise<void> {
    const ordered = reports.toSorted((a, b) => a.receivedAt - b.receivedAt || a.time - b.time);
    let next = 0;
    for (let now = Math.max(START, this.#written) + step; now <= until; now += step) {
      const entries: DecodedEntry[] = [];
      for (let each = ordered[next]; each !== undefined && each.receivedAt < now; each = ordered[next]) {
        entries.push(this.#entry(each));
        next += 1;
      }
      const clock = { kind: "CLOCK", samples: [], events: [], presence: [], leftOut: 0 } as const;
      entries.push({ ...clock, seq: ++this.#seq, receivedAt: now });
      await this.#points.project(entries);
      this.#written = now;
      await this.#rollups.project(entries);
    }
  }

  async rollups(): Promise<string[]> {
    const found: Point[] = [];
    const { from, to } = (await this.store.bounds()) ?? { from: START, to: START };
    for await (const page of this.store.scan(from, to)) found.push(...page);
    return (
      found
        // No time in a state, no sample counted, and nothing said of it, are the same.
        .filter(({ metric, value }) => metric.includes(":") && !(SUMS.test(metric) && value === 0))
        .map(
          ({ device, metric, time, value }) =>
            `${metric} ${device} ${(time - START) / MINUTE} = ${value.toPrecision(9)}`,
        )
        .sort()
    );
  }

  /** One figure, by the minute that its period begins with. */
  async figure(metric: string, device: string, minute: number): Promise<number | undefined> {
    const from = START + minute * MINUTE;
    const groups = new Map([[device, device]]);
    const { series } = await this.store.query({ metric, groups, from, to: from + 1, limit: 1 });
    return series[0]?.points[0]?.[1];
  }

  async close(): Promise<void> {
    this.#rollups.close();
    await this.store.close();
  }

  #entry({ by = address, device, metric, value, time, receivedAt }: Report): DecodedEntry {
    const entry: DecodedEntry = {
      seq: ++this.#seq,
      receivedAt,
      kind: "DDATA",
      address: { ...by, device: DeviceId(device) },
      samples: [{ metric, value, quality: GOOD, eventTime: time, historical: receivedAt - time > MINUTE }],
      events: [],
      presence: [],
      leftOut: 0,
    };
    this.#counts.push(...receivedCounts(entry));
    return entry;
  }
}

/** CO2 every 20 minutes, a counter that starts again twice a day, a projector that is switched on for a lesson or two. */
function reports(hours: number, receivedAt: (time: number) => number): Report[] {
  const all: Report[] = [];
  const add = (device: string, metric: string, minute: number, value: SampleValue) => {
    const time = START + minute * MINUTE + 1_234;
    all.push({ device, metric, value, time, receivedAt: receivedAt(time) });
  };
  for (let minute = 0; minute < hours * 60; minute += 20) {
    add("air", "Environment/CO2", minute, 400 + ((minute * 7) % 613));
    add("air-2", "Environment/CO2", minute + 3, 900 - ((minute * 11) % 401));
    add("switch", "Port/1/InOctets", minute, (minute % 740) * 1_000);
  }
  for (let hour = 8; hour < hours; hour += 24) {
    add("projector", "Projector/Power", hour * 60 + 4, "on");
    add("projector", "Projector/Power", hour * 60 + 150, "cooling");
    add("projector", "Projector/Power", hour * 60 + 152, "off");
  }
  return all;
}

test("a back-fill after 72 hours offline gives the same roll-ups as if nothing had happened", {
  timeout: 300_000,
}, async () => {
  const HOURS = 76;
  const until = START + 99 * HOUR;
  const live = await Hub.open("live");
  await live.take(
    reports(HOURS, (time) => time + 200),
    until,
    30 * MINUTE,
  );
  // Away from the second hour on; back in the seventy-fourth, with live data first and the backlog behind it.
  const [cut, back] = [START + 2 * HOUR, START + 74 * HOUR];
  const late = await Hub.open("late");
  await late.take(
    reports(HOURS, (time) =>
      time < cut || time >= back ? time + 200 : back + MINUTE + Math.floor((time - cut) / 100),
    ),
    until,
    30 * MINUTE,
  );
  const expected = await live.rollups();
  expect(await late.rollups()).toEqual(expected);

  const value = (metric: string, device: string, minute: number) =>
    Number(expected.find((each) => each.startsWith(`${metric} ${device} ${minute} = `))?.split(" = ")[1]);
  const air = "qiyun-no1/box-1/air";
  const day = reports(24, (time) => time)
    .filter(({ device }) => device === "air")
    .map((each) => Number(each.value));
  expect(value("Environment/CO2:schoolDay:count", air, 0)).toBe(72);
  expect(value("Environment/CO2:schoolDay:mean", air, 0)).toBeCloseTo(
    day.reduce((sum, each) => sum + each) / 72,
    5,
  );
  expect(value("Environment/CO2:schoolDay:max", air, 0)).toBe(Math.max(...day));
  expect(value("Environment/CO2:term:count", air, 0)).toBe(76 * 3);
  // 720,000 up to each new start at 740 minutes, of which 20,000 lie between what is shown before and after it.
  expect(value("Port/1/InOctets:hour:increase", "qiyun-no1/box-1/switch", 60)).toBe(60_000);
  // Switched on at 8:04:01.234 for 146 minutes, an hour of which is silent.
  const projector = "qiyun-no1/box-1/projector";
  expect(value("Projector/Power:hour:seconds-1", projector, 9 * 60)).toBe(3_600);
  expect(value("Projector/Power:schoolDay:seconds-1", projector, 0)).toBe(146 * 60);
  expect(value("Projector/Power:schoolDay:seconds-2", projector, 0)).toBe(120);
  expect(value("Counts/samplesReceived:schoolDay:sum", "qiyun-no1", 24 * 60)).toBe(72 * 3 + 3);
  const all = [
    ...day,
    ...reports(24, (time) => time)
      .filter(({ device }) => device === "air-2")
      .map((each) => Number(each.value)),
  ];
  const median = all.sort((a, b) => a - b)[Math.floor((all.length - 1) / 2)] ?? Number.NaN;
  expect(Math.abs(value("Environment/CO2:schoolDay:p50", "qiyun-no1", 0) - median)).toBeLessThan(
    0.02 * median,
  );
  await live.close();
  await late.close();
});

test("a late point folds what it touches again, and nothing else", { timeout: 60_000 }, async () => {
  const hub = await Hub.open("one");
  await hub.take(
    reports(3, (time) => time + 200),
    START + 4 * HOUR,
    5 * MINUTE,
  );
  const before = await hub.rollups();
  const written: Point[] = [];
  const write = hub.store.write.bind(hub.store);
  hub.store.write = (points, checkpoint) => {
    written.push(...points.filter(({ metric }) => metric.includes(":")));
    return write(points, checkpoint);
  };
  const time = START + 61 * MINUTE;
  const late = { device: "air", metric: "Environment/CO2", value: 5_000, time, receivedAt: START + 4 * HOUR };
  await hub.take([late], START + 5 * HOUR, 5 * MINUTE);
  const after = await hub.rollups();
  const changed = after.filter((each) => !before.includes(each)).map((each) => each.split(" = ")[0]);
  const air = "qiyun-no1/box-1/air";
  expect(changed).toContain(`Environment/CO2:5m:max ${air} 60`);
  expect(changed).toContain(`Environment/CO2:hour:max ${air} 60`);
  expect(new Set(written.map(({ device }) => device))).toEqual(new Set([air, "qiyun-no1"]));
  expect(
    new Set(
      written
        .filter(({ metric }) => metric.startsWith("Environment/CO2:5m:"))
        .map((each) => (each.time - START) / MINUTE),
    ),
  ).toEqual(new Set([60]));
  await hub.close();
});

test("counts that others made are rolled up like all else, and telling them again changes nothing", {
  timeout: 60_000,
}, async () => {
  const hub = await Hub.open("told");
  const told = {
    campus: "qiyun-no1",
    family: "alarms",
    from: START,
    to: START + 2 * HOUR,
    counts: [
      { start: START, metric: "Counts/alarmsAnswered", value: 2 },
      { start: START + 5 * MINUTE, metric: "Counts/alarmsAnswered", value: 3 },
      { start: START + HOUR, metric: "Rooms/maker/ClassHours", value: 4 },
    ],
  };
  const step = async (until: number) => hub.take([], START + until, 30 * MINUTE);
  const kept = hub.told.tellCounts(told);
  await step(3 * HOUR);
  await kept;
  const of = () =>
    Promise.all([
      hub.figure("Counts/alarmsAnswered:5m:sum", "qiyun-no1", 0),
      hub.figure("Counts/alarmsAnswered:hour:sum", "qiyun-no1", 0),
      hub.figure("Rooms/maker/ClassHours:hour:sum", "qiyun-no1", 60),
    ]);
  expect(await of()).toEqual([2, 5, 4]);
  // Said again after a kill, and in the end with what became known late: one answer more, and no lesson after all.
  const waiting = hub.told.waiting();
  const again = hub.told.tellCounts(told);
  await step(3.5 * HOUR);
  await again;
  expect(hub.told.waiting()).toBe(waiting);
  const late = hub.told.tellCounts({
    ...told,
    counts: [{ ...told.counts[0], value: 7 } as never, told.counts[1] as never],
  });
  const other = hub.told.tellCounts({ ...told, family: "use", counts: [] });
  await step(5 * HOUR);
  await Promise.all([late, other]);
  expect(await of()).toEqual([7, 10, 0]);
  await hub.close();
});

test("when the calendar changes afterwards, what it touches is folded anew", {
  timeout: 60_000,
}, async () => {
  const hub = await Hub.open("calendar");
  const air = "qiyun-no1/box-1/air";
  const samples = reports(50, (time) => time + 200).filter(
    ({ device, time }) => device === "air" && (time - START) % (4 * HOUR) < 10_000,
  );
  await hub.take(samples, START + 76 * HOUR, 4 * HOUR);
  await hub.take([], START + 76 * HOUR + 10 * MINUTE, 10 * MINUTE);
  const days = (name: string) =>
    Promise.all([0, 24, 48].map((hour) => hub.figure(`Environment/CO2:schoolDay:${name}`, air, hour * 60)));
  const term = (hour = 0) => hub.figure("Environment/CO2:term:count", air, hour * 60);
  expect(await days("count")).toEqual([6, 6, 1]);
  const greatest = await days("max");
  expect(await term()).toBe(13);
  // Tuesday was a holiday.
  const told = hub.calendar(`101${"1".repeat(127)}`);
  await hub.take([], START + 77 * HOUR, 25 * MINUTE);
  await told;
  expect(await days("count")).toEqual([6, 0, 1]);
  expect(await term()).toBe(7);
  expect(await hub.figure("Counts/samplesReceived:term:sum", "qiyun-no1", 0)).toBe(7);
  // It was not, after all; and the term began a day later.
  const later = { from: START + 24 * HOUR, to: TERM.to };
  const back = hub.calendar("1".repeat(130), [later]);
  await hub.take([], START + 78 * HOUR, 25 * MINUTE);
  await back;
  expect(await days("count")).toEqual([6, 6, 1]);
  expect(await days("max")).toEqual(greatest);
  expect([await term(), await term(24)]).toEqual([0, 7]);
  await hub.close();
});

test("when the zone changes afterwards, what was folded by another midnight is folded anew, as if it had been known", {
  timeout: 60_000,
}, async () => {
  const west = { from: TERM.from + 2 * HOUR, to: TERM.to + 2 * HOUR };
  const samples = reports(50, (time) => time + 200).filter(({ time }) => (time - START) % HOUR < 10_000);
  const known = await Hub.open("known");
  void known.calendar("1".repeat(130), [west], "Asia/Urumqi");
  const moved = await Hub.open("moved");
  for (const hub of [known, moved]) await hub.take(samples, START + 76 * HOUR, 4 * HOUR);
  expect(await moved.figure("Environment/CO2:schoolDay:count", "qiyun-no1/box-1/air", 0)).toBe(24);
  const told = moved.calendar("1".repeat(130), [west], "Asia/Urumqi");
  for (const hub of [known, moved]) await hub.take([], START + 78 * HOUR, 25 * MINUTE);
  await told;
  expect(moved.told.refolding()).toBe(0);
  // What began at the midnight of before is empty: what adds is 0 there, and the rest says nothing without it.
  const isStale = (figure: string): boolean =>
    /:(schoolDay|term):/.test(figure) && Number(figure.split(" ")[2]) % 1_440 === 0;
  const found = await moved.rollups();
  expect(found.filter((figure) => !isStale(figure))).toEqual(await known.rollups());
  const left = found.filter((figure) => isStale(figure) && Number(figure.split(" ").at(-1)) !== 0);
  const names = left.map((figure) => figure.split(" ")[0]?.split(":").at(-1));
  expect([...new Set(names)].sort()).toEqual(["max", "mean", "min", "p50", "p95"]);
  for (const hub of [known, moved]) await hub.close();
});

test("what a county's hub tells of a campus is rolled up as that campus's, not as the county's", {
  timeout: 60_000,
}, async () => {
  const hub = await Hub.open("above");
  const by = { campus: CampusId("990102"), node: NodeId("hub") };
  const told = [0, 5, 10].map((minute) => ({
    ...{ by, device: "qiyun-no2", metric: "Rollup/AccessGranted", value: 3 },
    ...{ time: START + minute * MINUTE, receivedAt: START + HOUR },
  }));
  await hub.take(told, START + 2 * HOUR, 30 * MINUTE);
  const received = (campus: string) => hub.figure("Counts/samplesReceived:hour:sum", campus, 0);
  expect([await received("qiyun-no2"), await received("990102")]).toEqual([3, undefined]);
  await hub.close();
});
