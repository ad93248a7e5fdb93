/** The texts of the fields for days and times. */

const zh = {
  placeholder: "年-月-日",
  timePlaceholder: "时:分",
  time: "时间",
  wrong: "请填写日期，例如 2026-11-22",
  wrongTime: "请填写时间，例如 08:30",
  outside: (min: string, max: string) =>
    min === "" ? `不能晚于 ${max}` : max === "" ? `不能早于 ${min}` : `须在 ${min} 与 ${max} 之间`,
  pick: (label: string) => `从日历选择：${label}`,
  previousYear: "上一年",
  previousMonth: "上个月",
  nextMonth: "下个月",
  nextYear: "下一年",
  today: "今天",
  clear: "清空",
  weekdays: ["一", "二", "三", "四", "五", "六", "日"],
  keys: "方向键选日，PageUp、PageDown 换月，加 Shift 换年，回车确定。",
};

export type DateWords = typeof zh;

const en: DateWords = {
  placeholder: "yyyy-mm-dd",
  timePlaceholder: "hh:mm",
  time: "time",
  wrong: "Write a date such as 2026-11-22",
  wrongTime: "Write a time such as 08:30",
  outside: (min, max) =>
    min === "" ? `no later than ${max}` : max === "" ? `no earlier than ${min}` : `from ${min} to ${max}`,
  pick: (label) => `Choose from a calendar: ${label}`,
  previousYear: "Previous year",
  previousMonth: "Previous month",
  nextMonth: "Next month",
  nextYear: "Next year",
  today: "Today",
  clear: "Clear",
  weekdays: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
  keys: "Arrows choose a day, PageUp and PageDown a month, with Shift a year; Enter takes it.",
};

export const DATE_WORDS = { zh, en };
