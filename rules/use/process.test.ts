import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { RoomUseView, UseRecordView } from "../api.ts";
import { birth, CLOCK, data, Hub } from "../testing/hub.ts";

const HOUR = 3_600_000;
/** Monday, 7 September 2026, 08:10 in China: the first lesson of the built-in calendar. */
const LESSON = Date.UTC(2026, 8, 7, 0, 10);
const WEEK = `from=${LESSON - 9 * HOUR}&to=${LESSON + 5 * 24 * HOUR}`;

let hub: Hub;
afterEach(() => hub.close());

test("the use of a room is told with its records, and is the same after a kill and a backlog that came late", async () => {
  hub = new Hub(`use:
  timetable: timetable.csv
  classes: { school: 1 }
  rooms:
    maker: { title: { zh: 创客室, en: Maker room }, threshold: 0.05, places: [school/a/3/301] }
`);
  writeFileSync(
    join(hub.folder, "timetable.csv"),
    "campus,room,weekday,period,classes\nschool,a/3/301,mon,1,7-1\nschool,a/3/301,mon,2,7-1\n",
  );
  expect(await hub.start()).toEqual({ ready: true });
  const append = (receivedAt: number, ...entries: Parameters<typeof hub.journal.append>[0][number][]) =>
    hub.journal.append(entries.map((entry) => ({ ...entry, receivedAt })));
  await append(
    LESSON,
    { ...birth(undefined, LESSON, { "Properties/Class": "edge-box" }), receivedAt: LESSON },
    {
      ...birth("projector", LESSON, {
        "Properties/Class": "projector",
        "Properties/Path": "990100/990101/school/a/3/301",
        "Projector/Power": "off",
      }),
      receivedAt: LESSON,
    },
    { ...data("projector", LESSON + 60_000, { "Projector/Power": "on" }), receivedAt: LESSON },
  );
  const end = LESSON + HOUR / 3;
  await append(end, { ...data("projector", end, { "Projector/Power": "off" }), receivedAt: end });
  await append(LESSON + 2 * HOUR, { ...CLOCK, receivedAt: LESSON + 2 * HOUR });

  const figures = () => hub.get<RoomUseView[]>(`/use?${WEEK}`);
  const records = () => hub.get<UseRecordView[]>(`/use/records?campus=school&type=maker&${WEEK}`);
  await expect
    .poll(async () => (await records()).map(({ use }) => use), { timeout: 15_000 })
    .toEqual(["used", "unused"]);
  // One class-hour of 1 class × 35 lessons of the week.
  expect(await figures()).toMatchObject([
    { used: 1, teachingHours: 35, verdict: "not-met", completeness: 1 },
  ]);

  await hub.end("SIGKILL");
  // The second lesson was held after all: the edge box had been away, and tells it now.
  const second = LESSON + 50 * 60_000;
  const now = LESSON + 3 * HOUR;
  await append(
    now,
    { ...data("projector", second, { "Projector/Power": "on" }), receivedAt: now },
    { ...data("projector", second + 40 * 60_000, { "Projector/Power": "off" }), receivedAt: now },
  );
  expect(await hub.start()).toEqual({ ready: true });
  await append(now + 1_000, { ...CLOCK, receivedAt: now + 1_000 });
  await expect
    .poll(async () => (await records()).map(({ use }) => use), { timeout: 15_000 })
    .toEqual(["used", "used"]);
  expect(await figures()).toMatchObject([{ used: 2, verdict: "met" }]);
  expect((await hub.client.fetch("/use?from=0&to=9000000000000")).status).toBe(400);
  // The same reader keeps the health of devices.
  const health = `/health/figures?from=${LESSON}&to=${now}&groupBy=class`;
  expect(await hub.get(health)).toMatchObject([{ key: "projector", devices: 1, failures: 0 }]);
}, 60_000);
