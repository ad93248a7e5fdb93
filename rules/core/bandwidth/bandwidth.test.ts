import type { DeviceClass } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addBandwidth,
  type BandwidthTotals,
  bandwidthShares,
  bandwidthTotals,
  NO_BANDWIDTH,
  type Octets,
  roomBandwidth,
  STEP_MS,
  stretchesIn,
} from "./figures.ts";
import { servedRooms, type ToldDevice } from "./served-rooms.ts";

const CAMPUS = "990100/990101/school";
const HOUR = 3_600_000;
/** What 1 Mbit/s brings in five minutes: 1,000,000 bit/s × 300 s ÷ 8. */
const ONE_MBPS = 37_500_000;

const device = (
  id: string,
  kind: DeviceClass,
  at: string,
  values: Readonly<Record<string, unknown>>,
  health: ToldDevice["health"] = "working",
): ToldDevice => ({
  key: `school/box/${id}`,
  class: kind,
  path: `${CAMPUS}/${at}`,
  health,
  metrics: Object.entries(values).map(([name, value]) => ({ name, value, quality: { status: "good" } })),
});
const port = (number: number, speed: number, stations = "", oper = "up") => ({
  [`Port/${number}/Speed`]: speed,
  [`Port/${number}/Oper`]: oper,
  [`Port/${number}/Stations`]: stations,
});
const projector = (room: string, mac: string) =>
  device(`p-${room}`, "projector", `a/3/${room}`, { "Properties/Mac": mac });
const where = (rooms: ReturnType<typeof servedRooms>) =>
  rooms.map(({ room, ports }) => [
    room.slice(CAMPUS.length + 1),
    ...ports.map(({ port: name, how, link_Mbps }) => [name, how, link_Mbps]),
  ]);

describe("which port serves which class", () => {
  test("is declared of a switch, else learned from the MAC address of what stands in the room", () => {
    const floor = device("floor", "switch", "a/3", {
      "Properties/Serves": `1=${CAMPUS}/a/3/301`,
      ...port(1, 1_000, "02:00:00:00:00:01"),
      ...port(2, 100, "02:00:00:00:00:02"),
      ...port(3, 100, "02:00:00:00:00:03", "down"),
    });
    const rooms = servedRooms(
      [
        floor,
        projector("301", "02:00:00:00:00:01"),
        projector("302", "02:00:00:00:00:02"),
        projector("303", "02:00:00:00:00:03"),
        projector("304", "02:00:00:00:00:04"),
        projector("maker", "02:00:00:00:00:05"),
      ],
      new Set([`${CAMPUS}/a/3/maker`]),
    );
    expect(where(rooms)).toEqual([
      ["a/3/301", ["1", "declared", 1_000]],
      ["a/3/302", ["2", "learned", 100]],
      // The port is down: nobody can say what it carries.
      ["a/3/303", ["3", "learned", undefined]],
      ["a/3/304"],
    ]);
  });

  test("is not known of a port that leads to several rooms, and nothing is known of a switch that is away", () => {
    const both = "02:00:00:00:00:01 02:00:00:00:00:02";
    const told = (health: ToldDevice["health"], stations: string) =>
      servedRooms(
        [
          device("floor", "switch", "a/3", port(1, 1_000, stations), health),
          projector("301", "02:00:00:00:00:01"),
          projector("302", "02:00:00:00:00:02"),
        ],
        new Set(),
      );
    expect(where(told("working", both))).toEqual([["a/3/301"], ["a/3/302"]]);
    expect(where(told("stale", "02:00:00:00:00:01"))).toEqual([
      ["a/3/301", ["1", "learned", undefined]],
      ["a/3/302"],
    ]);
    expect(where(told("retired", "02:00:00:00:00:01"))).toEqual([["a/3/301"], ["a/3/302"]]);
  });

  test("is told by the switch that is nearest, not by the one whose uplink has learned everything", () => {
    const core = device("core", "switch", "a/1", {
      ...port(24, 10_000, "02:00:00:00:00:01 02:00:00:00:00:02"),
    });
    const floor = device("floor", "switch", "a/3", port(2, 100, "02:00:00:00:00:01"));
    const rooms = servedRooms([core, floor, projector("301", "02:00:00:00:00:01")], new Set());
    expect(rooms[0]?.ports).toEqual([{ at: "school/box/floor", port: "2", how: "learned", link_Mbps: 100 }]);
  });
});

/** Two lessons of an hour: 8 to 9 and 10 to 11, which are 24 stretches of five minutes. */
const LESSONS = [
  { from: 8 * HOUR, to: 9 * HOUR },
  { from: 10 * HOUR, to: 11 * HOUR },
];
const STRETCHES = stretchesIn(LESSONS);
/** From 7:55 to 11:00, the hour between the lessons among them. */
const MORNING = Array.from({ length: 37 }, (_, n) => 8 * HOUR - STEP_MS + n * STEP_MS);
const steadily = (mbps: (start: number) => number): Octets =>
  MORNING.map((start) => [start, mbps(start) * ONE_MBPS]);
const room = (name: string, link_Mbps?: number) => ({
  room: `${CAMPUS}/a/3/${name}`,
  ports: [
    { at: "school/box/floor", port: "1", how: "declared" as const, ...(link_Mbps ? { link_Mbps } : {}) },
  ],
});

describe("the bandwidth of a class", () => {
  test("is its link, and the 95th percentile of what came in school hours, reckoned by hand", () => {
    // 1, 2, … 24 Mbit/s in the 24 stretches of lessons; 500 between them, when nobody is taught.
    const order = [...STRETCHES];
    const down = steadily((start) => (STRETCHES.has(start) ? order.indexOf(start) + 1 : 500));
    const up = steadily(() => 2);
    // 0.95 × 24 = 22.8: the 23rd of them.
    expect(roomBandwidth(room("301", 1_000), [{ down, up }], STRETCHES)).toMatchObject({
      link_Mbps: 1_000,
      down: { p95_Mbps: 23, max_Mbps: 24 },
      up: { p95_Mbps: 2, max_Mbps: 2 },
      expected: 24,
      measured: 24,
    });
  });

  test("has no part in what came after a silence, or in what no link could carry", () => {
    const told = steadily(() => 4);
    const silent = told.toSpliced(3, 1);
    // The five minutes after the silence hold those of two.
    const [start = 0] = silent[3] ?? [];
    const caughtUp = silent.with(3, [start, 8 * ONE_MBPS]);
    const leap = caughtUp.with(6, [caughtUp[6]?.[0] ?? 0, 121 * ONE_MBPS]);
    const { down, measured } = roomBandwidth(room("302", 100), [{ down: leap, up: [] }], STRETCHES);
    expect([down?.max_Mbps, measured]).toEqual([4, 24 - 3]);
  });

  test("of several ports is the fastest link, and the traffic of all of them where all of it is known", () => {
    const { ports } = room("303", 100);
    const two = {
      room: "r",
      ports: [...ports, { at: "s", port: "2", how: "learned", link_Mbps: 1_000 }],
    } as const;
    const half = steadily(() => 3).slice(0, 13);
    const figure = roomBandwidth(
      two,
      [
        { down: steadily(() => 4), up: [] },
        { down: half, up: [] },
      ],
      STRETCHES,
    );
    expect(figure).toMatchObject({ link_Mbps: 1_000, down: { p95_Mbps: 7 }, measured: 12 });
  });

  test("that nobody measured has no peak: none, not nought", () => {
    const figure = roomBandwidth(room("304"), [{ down: [], up: [] }], STRETCHES);
    expect(figure).toEqual({ ...room("304"), expected: 24, measured: 0 });
  });
});

describe("the bandwidth of a campus", () => {
  const steady = (mbps: number) => [{ down: steadily(() => mbps), up: [] }];
  const rooms = [
    roomBandwidth(room("301", 1_000), steady(20), STRETCHES),
    roomBandwidth(room("302", 10), steady(6), STRETCHES),
    roomBandwidth(room("303", 4), steady(4), STRETCHES),
    roomBandwidth(room("304"), [], STRETCHES),
  ];

  test("counts every class, reckoned by hand; what is not known is neither met nor left out", () => {
    // Five classes: 1,000 and 10 carry enough, 4 does not, of one the link is not known, of one not even the room.
    const totals = bandwidthTotals(rooms, 1, STRETCHES.size);
    expect(totals).toMatchObject({ classes: 5, known: 3, met: 2, expected: 120, measured: 72 });
    expect(bandwidthShares(totals)).toEqual({
      share: 0.4,
      shareHigh: 0.8,
      p95Mean_Mbps: 10,
      completeness: 0.6,
      measuredShare: 0.6,
    });
    expect(totals.p95Max_Mbps).toBe(20);
    expect(bandwidthShares(NO_BANDWIDTH)).toEqual({ completeness: 0, measuredShare: 0 });
  });

  test("adds to that of a county, in whatever order and however it is cut", () => {
    const cut = fc.array(fc.nat(2), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(cut, (places) => {
        const parts = [0, 1, 2].map((place) =>
          bandwidthTotals(
            rooms.filter((_, index) => places[index] === place),
            0,
            STRETCHES.size,
          ),
        );
        const sum = parts.reduceRight<BandwidthTotals>(addBandwidth, NO_BANDWIDTH);
        expect(sum).toEqual(bandwidthTotals(rooms, 0, STRETCHES.size));
      }),
    );
  });
});
