import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timeZone } from "@campus-ops/device-profiles/vocabulary";
import { expect, onTestFinished, test } from "vitest";
import { CHINA_SCHOOL, SchoolTime } from "../core/school-time.ts";
import { keeping } from "../store/testing/store-contract.ts";
import { REFOLD_MARKS_MAX, type Refolding, Refolds } from "./refolds.ts";
import { RollupFile } from "./rollup-file.ts";
import { Turns } from "./turns.ts";

const DAY_MS = 86_400_000;
const FIRST = 20_500;
const NOW = (FIRST + 12) * DAY_MS;
const WEST = new SchoolTime(timeZone("Asia/Urumqi"));

function hub(days: number, series: number, keep_ms = 400 * DAY_MS) {
  const folder = mkdtempSync(join(tmpdir(), "refolds-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // What a crash leaves is not the question here, and waiting for the disk is long.
  const unsynced = { committed: () => undefined, closing: () => undefined };
  const file = new RollupFile({ path: join(folder, "rollups.sqlite"), opened: () => unsynced });
  for (let day = 0; day < days; day += 1) file.addDay(FIRST + day);
  for (let each = 0; each < series; each += 1) file.addSeries("Environment/CO2", `school/box/air-${each}`);
  const told: Refolding[] = [];
  const turns = new Turns(() => performance.now());
  const onRefolding = (each: Refolding) => told.push(each);
  const parts = { file, retention: keeping(keep_ms), turns, onRefolding };
  /** As the roll-ups do, in one transaction. */
  const spread = async (some: Refolds, now: number): Promise<void> => {
    file.begin();
    await some.spread(now);
    file.commit();
  };
  return { file, told, parts, spread, refolds: new Refolds(parts) };
}

test("days of all series are marked some at a time, which a restart does not change, and said at the beginning and the end", async () => {
  // Ten days are eleven there, and the ten that were.
  const { file, parts, refolds, spread, told } = hub(10, REFOLD_MARKS_MAX - 2);
  refolds.add(CHINA_SCHOOL, WEST, NOW);
  expect([refolds.waiting, told]).toEqual([21, [{ schoolDays: 21, terms: 0 }]]);
  await spread(refolds, NOW);
  // One period has 1,998 series and the counts of their campus: one less than would do.
  expect([refolds.waiting, file.waiting()]).toEqual([19, 2 * (REFOLD_MARKS_MAX - 1)]);
  await spread(refolds, NOW);
  expect(refolds.waiting).toBe(19);
  const again = new Refolds(parts);
  expect(again.waiting).toBe(19);
  for (let look = 0; again.waiting > 0; look += 1) {
    expect(look).toBeLessThan(19);
    file.begin();
    for (const mark of file.dueMarks(NOW, 10_000)) file.unmark(mark);
    file.commit();
    await spread(again, NOW);
  }
  expect(told.at(-1)).toEqual({ schoolDays: 0, terms: 0 });
  file.close();
});

test("marks that are not due yet hold nothing up", async () => {
  const { file, refolds, spread } = hub(1, 1);
  for (let each = 0; each < REFOLD_MARKS_MAX; each += 1)
    file.mark({ tier: "5m", start: NOW, metric: "Environment/CO2", device: `${each}`, due: NOW + 1 });
  refolds.add(CHINA_SCHOOL, WEST, NOW);
  await spread(refolds, NOW);
  expect(refolds.waiting).toBe(0);
  file.close();
});

test("what nobody can fold any more stays as it is", () => {
  const { file, refolds } = hub(10, 1, 5 * DAY_MS);
  refolds.add(CHINA_SCHOOL, WEST, NOW);
  // Three of the ten days began within five days of now; of each what was and what is, and one that is shared.
  const starts = [];
  for (let next = file.nextRefold(); next !== undefined; next = file.nextRefold()) {
    starts.push(next.start);
    file.dropRefold(next);
  }
  expect(Math.min(...starts)).toBeGreaterThanOrEqual(NOW - 5 * DAY_MS);
  expect(starts.length).toBeLessThan(21);
  file.close();
});

test("counts of a day that was longer ago than they are kept are not made of nothing", async () => {
  const { file, refolds, spread } = hub(1, 1, 10_000 * DAY_MS);
  const now = NOW + 500 * DAY_MS;
  refolds.add(CHINA_SCHOOL, WEST, now);
  await spread(refolds, now);
  expect(file.dueMarks(now, 100).map(({ metric }) => metric)).toEqual(Array(3).fill("Environment/CO2"));
  file.close();
});
