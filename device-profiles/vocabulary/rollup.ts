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

/** Counts that are not there are zero. */
export type Rollup = Readonly<Partial<Record<RollupCount, number>>>;

export const EMPTY_ROLLUP: Rollup = {};

/** The sum of two roll-ups, count by count. */
export function addRollups(a: Rollup, b: Rollup): Rollup {
  const sum: Partial<Record<RollupCount, number>> = { ...a };
  for (const [key, value] of Object.entries(b) as [RollupCount, number][]) sum[key] = (sum[key] ?? 0) + value;
  return sum;
}

export function foldRollups(children: Iterable<Rollup>): Rollup {
  let sum = EMPTY_ROLLUP;
  for (const child of children) sum = addRollups(sum, child);
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
