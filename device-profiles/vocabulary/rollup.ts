/**
 * A roll-up is a bag of counts that add. A parent's figure is the sum of its children's, in whatever order they
 * arrive, because addition is all there is: a commutative monoid with {@link EMPTY_ROLLUP} as its zero.
 * Ratios (intact rate, completeness) are computed from the counts when they are shown, never stored or averaged.
 */
import type { LocalText } from "./text.ts";

export const ROLLUP_COUNTS = {
  "devices.registered": { zh: "登记设备", en: "devices registered" },
  "devices.working": { zh: "完好设备", en: "devices in working order" },
  "devices.faulty": { zh: "故障设备", en: "devices with a fault" },
  "devices.unreachable": { zh: "离线设备", en: "devices that cannot be reached" },
  "nodes.registered": { zh: "边缘盒", en: "edge boxes" },
  "nodes.online": { zh: "在线边缘盒", en: "edge boxes online" },
  "classes.registered": { zh: "班级", en: "classes" },
  "classes.linkKnown": { zh: "链路已知班级", en: "classes whose link is known" },
  "classes.linkMet": { zh: "链路达标班级", en: "classes whose link carries 10 Mbit/s" },
  "alarms.priority1": { zh: "红色报警", en: "red alarms" },
  "alarms.priority2": { zh: "橙色报警", en: "orange alarms" },
  "alarms.priority3": { zh: "黄色报警", en: "yellow alarms" },
  "alarms.priority4": { zh: "蓝色报警", en: "blue alarms" },
  "alarms.unacknowledged": { zh: "未确认报警", en: "unacknowledged alarms" },
  "alarms.raised": { zh: "当日报警", en: "alarms raised" },
  "access.granted": { zh: "放行", en: "entries granted" },
  "access.refused": { zh: "拒绝", en: "entries refused" },
  "screening.total": { zh: "测温人次", en: "screenings" },
  "screening.suspect": { zh: "体温偏高", en: "suspected fevers" },
  "projector.onSeconds": { zh: "投影使用秒数", en: "projector seconds on" },
  "samples.expected": { zh: "应收样本", en: "samples expected" },
  "samples.received": { zh: "实收样本", en: "samples received" },
  "samples.lost": { zh: "已知丢失样本", en: "samples known to be lost" },
} as const satisfies Record<string, LocalText>;

export type RollupCount = keyof typeof ROLLUP_COUNTS;

/** How things stand: a newer figure takes an older one's place. All others are of what happened, and add up over time. */
const STANDING: ReadonlySet<RollupCount> = new Set([
  "devices.registered",
  "devices.working",
  "devices.faulty",
  "devices.unreachable",
  "nodes.registered",
  "nodes.online",
  "classes.registered",
  "classes.linkKnown",
  "classes.linkMet",
  "alarms.priority1",
  "alarms.priority2",
  "alarms.priority3",
  "alarms.priority4",
  "alarms.unacknowledged",
]);

export const isStanding = (count: RollupCount): boolean => STANDING.has(count);

export const ROLLUP_COUNT_NAMES = Object.keys(ROLLUP_COUNTS) as RollupCount[];

/** `devices.registered` is `DevicesRegistered` of the capability `Rollup`, by which a hub tells its parent of a campus. */
export function rollupMetricOf(count: RollupCount): string {
  return count.replaceAll(/(?:^|\.)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const COUNT_OF_METRIC: ReadonlyMap<string, RollupCount> = new Map(
  ROLLUP_COUNT_NAMES.map((count) => [`Rollup/${rollupMetricOf(count)}`, count]),
);

/** Of a metric's full name; undefined for one that is no count of a roll-up. */
export function rollupCountOf(metric: string): RollupCount | undefined {
  return COUNT_OF_METRIC.get(metric);
}

/** Counts that are not there are zero. */
export type Rollup = Readonly<Partial<Record<RollupCount, number>>>;

export const EMPTY_ROLLUP: Rollup = {};

/** The sum of two roll-ups, count by count. */
export function addRollups(a: Rollup, b: Rollup): Rollup {
  return foldRollups([a, b]);
}

export function foldRollups(children: Iterable<Rollup>): Rollup {
  const sum: Partial<Record<RollupCount, number>> = {};
  for (const child of children)
    for (const key of Object.keys(child) as RollupCount[]) sum[key] = (sum[key] ?? 0) + (child[key] ?? 0);
  return sum;
}

/** How much of what was expected arrived: 0 to 1, or undefined when nothing was expected. */
export function completeness(rollup: Rollup): number | undefined {
  const expected = rollup["samples.expected"] ?? 0;
  return expected === 0 ? undefined : Math.min(1, (rollup["samples.received"] ?? 0) / expected);
}

/** Devices in working order ÷ devices registered: 0 to 1, or undefined when none is registered. */
export function intactRate(rollup: Rollup): number | undefined {
  const registered = rollup["devices.registered"] ?? 0;
  return registered === 0 ? undefined : (rollup["devices.working"] ?? 0) / registered;
}

/**
 * Counts that a hub makes of its campuses beside those above, as series of the store: `<name>:<tier>:sum`. What comes in
 * several kinds has an instance, as metrics have: `Rooms/maker/ClassHours`, `Alarms/1/Raised`.
 */
export const SERIES_COUNTS = {
  "Counts/alarmsAnswered": { zh: "已确认报警", en: "alarms acknowledged" },
  "Counts/alarmsAnswerSeconds": { zh: "确认用时之和", en: "seconds until they were acknowledged, together" },
  "Counts/deviceSecondsExpected": { zh: "设备应在线秒数", en: "seconds that devices are expected" },
  "Counts/deviceSecondsReachable": { zh: "设备可达秒数", en: "of these, seconds that they could be reached" },
  "Counts/deviceSecondsUnknown": { zh: "设备状态未知秒数", en: "of these, seconds of which nobody knows" },
  "Alarms/Raised": { zh: "各级报警", en: "alarms raised, by priority" },
  "Rooms/ClassHours": { zh: "使用学时", en: "class-hours used, by kind of room" },
  "Rooms/ClassHoursPossible": { zh: "应有学时", en: "classes × teaching class-hours, by kind of room" },
  "Rooms/LessonsKnown": { zh: "已知课时", en: "planned lessons of which something is known" },
  "Rooms/LessonsUnknown": { zh: "未知课时", en: "planned lessons of which nobody knows" },
  "Rooms/LeftOnSeconds": { zh: "人走未关秒数", en: "seconds on with nobody there" },
} as const satisfies Record<string, LocalText>;
