/** The figures that several dashboards show, and what a reader must know of them. */
import type { Counted, Figure } from "./model.ts";

export const counts = (name: string): Counted => ({ metric: `Counts/${name}`, statistic: "sum" });
export const total = (name: string): Figure => ({ kind: "total", ...counts(name) });
export const increase = (metric: string): Figure => ({ kind: "total", metric, statistic: "increase" });
export const mean = (metric: string): Figure => ({
  kind: "ratio",
  above: { metric, statistic: "sum" },
  below: { metric, statistic: "count" },
  factor: 1,
});

export const ONLINE: Figure = { kind: "inState", metric: "Connectivity/Online", state: 1 };
export const COMPLETENESS: Figure = {
  kind: "ratio",
  above: counts("samplesReceived"),
  below: counts("samplesExpected"),
  factor: 100,
};
export const COMPLETENESS_NOTE = {
  zh: "已收到的样本占应收样本的比例。低于 100% 时，本页其他数字也不完整。",
  en: "Samples received of those expected. Below 100 %, the other figures of this page are incomplete too.",
};
export const ONLINE_NOTE = {
  zh: "按时间平均的在线设备数，由“在线”状态的汇总得出。",
  en: "Devices online, on average over time, from the roll-ups of the state.",
};

export const share = (above: string, below: string): Figure => ({
  kind: "ratio",
  above: { metric: above, statistic: "sum" },
  below: { metric: below, statistic: "sum" },
  factor: 100,
});
export const AVAILABILITY = share("Counts/deviceSecondsReachable", "Counts/deviceSecondsExpected");
export const AVAILABILITY_NOTE = {
  zh: "设备可达时间占应在线时间的比例；边缘盒离线、无法得知的时间不算可达，补报后更正。",
  en: "Time that devices could be reached of the time they were expected. While an edge box is away nobody knows, and it does not count until the box has told.",
};
export const UTILISATION = share("Rooms/ClassHours", "Rooms/ClassHoursPossible");
export const UTILISATION_NOTE = {
  zh: "实际使用学时占班级数×教学学时的比例，按课程开始时间计；没有记录即为未使用。",
  en: "Class-hours used of classes × teaching class-hours, counted when a lesson begins; without a record it was not used.",
};
export const RAISED: Figure = { kind: "total", metric: "Alarms/Raised", statistic: "sum" };
export const RAISED_NOTE = {
  zh: "1 红、2 橙、3 黄、4 蓝；演练和被抑制的不计。",
  en: "1 red, 2 orange, 3 yellow, 4 blue; drills and symptoms left out.",
};

/** Of a grid of 24 columns. */
export const QUARTER = { kind: "stat", width: 6, height: 4 } as const;
export const HALF = { kind: "timeseries", width: 12, height: 8 } as const;
export const BARS = { kind: "bargauge", width: 12, height: 8 } as const;
