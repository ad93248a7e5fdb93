/** The texts of the page about how long data is kept, and what its classes are called. */

const zh = {
  title: "数据保存期限",
  intro: "到期的数据每小时清理一次，清理了什么有记录。法律要求网络日志留存不少于六个月，涉及的期限不能更短。",
  field: {
    pointDays: "原始读数",
    fiveMinuteDays: "5 分钟汇总",
    hourDays: "小时汇总",
    schoolDayDays: "学日汇总",
    termDays: "学期汇总",
    eventDays: "门禁与报警事件",
    healthEventDays: "人员体温",
    pictureDays: "报警图片",
    journalDays: "原始消息日志",
  },
  hint: {
    pointDays: "至少 2 天",
    fiveMinuteDays: "至少 184 天（六个月）",
    hourDays: "至少 366 天",
    schoolDayDays: "至少 366 天",
    termDays: "至少 366 天",
    eventDays: "至少 184 天（六个月）",
    healthEventDays: "1 至 30 天：未成年人健康信息，不得久存",
    pictureDays: "1 至 90 天：图上有人",
    journalDays: "报警由它计算；规则回放也只能到这里",
  },
  days: "天",
  usual: (days: string, years: string | undefined) =>
    `不填为 ${days} 天${years === undefined ? "" : `（约 ${years} 年）`}`,
  preview: "先看会删除什么",
  nothing: "不会因此删除任何数据。",
  losses: "保存后一小时内会删除（不能恢复）：",
  loss: (what: string, count: string, before: string) => `${what}：${count}，早于 ${before}`,
  units: {
    events: "条",
    pictures: "张",
    days: "天",
    points: "个",
    series: "条曲线",
    alarms: "次",
    actions: "条",
  },
  removed: "已清理的数据",
  alarmsKept: (days: string) =>
    `报警及其证据在结束后保存 ${days} 天，由 hub.yaml 的 rules.retention.alarmDays 设定。`,
  noneRemoved: "还没有到期的数据，什么都没有清理。",
  at: "清理日期",
  what: "数据",
  amount: "数量",
  before: "早于",
  alarms: "报警及其证据",
  actions: "报警处理记录",
  previewFirst: "期限有改动时，请先看会删除什么，再保存。",
};

export type RetentionWords = typeof zh;

const en: RetentionWords = {
  title: "How long data is kept",
  intro:
    "What is past its time is removed each hour, and that is recorded. The law asks for six months of network logs: the classes that it is about cannot be kept for less.",
  field: {
    pointDays: "Raw readings",
    fiveMinuteDays: "Roll-ups of 5 minutes",
    hourDays: "Roll-ups of an hour",
    schoolDayDays: "Roll-ups of a school day",
    termDays: "Roll-ups of a term",
    eventDays: "Access and alarm events",
    healthEventDays: "Temperatures of people",
    pictureDays: "Pictures of alarms",
    journalDays: "Journal of messages",
  },
  hint: {
    pointDays: "2 days at least",
    fiveMinuteDays: "184 days (six months) at least",
    hourDays: "366 days at least",
    schoolDayDays: "366 days at least",
    termDays: "366 days at least",
    eventDays: "184 days (six months) at least",
    healthEventDays: "1 to 30 days: health data of minors is not kept for long",
    pictureDays: "1 to 90 days: people are on them",
    journalDays: "alarms are computed from it, and a back-test reaches no further",
  },
  days: "days",
  usual: (days, years) => `${days} days where empty${years === undefined ? "" : ` (about ${years} years)`}`,
  preview: "Show what would go",
  nothing: "Nothing would be removed for it.",
  losses: "Removed within an hour of saving, for good:",
  loss: (what, count, before) => `${what}: ${count}, older than ${before}`,
  units: {
    events: "events",
    pictures: "pictures",
    days: "days",
    points: "points",
    series: "series",
    alarms: "occurrences",
    actions: "entries",
  },
  removed: "What was removed",
  alarmsKept: (days) =>
    `Alarms and their evidence are kept for ${days} days after they ended: rules.retention.alarmDays in hub.yaml.`,
  noneRemoved: "Nothing is past its time yet, and nothing was removed.",
  at: "Removed on",
  what: "Data",
  amount: "Amount",
  before: "Older than",
  alarms: "Alarms with their evidence",
  actions: "What people did with alarms",
  previewFirst: "Where days were changed, look at what would go before you save.",
};

export const RETENTION_WORDS = { zh, en };

type Field = keyof RetentionWords["field"];

/** The classes that the hub tells of, by the field that sets them. */
const FIELD_OF: Readonly<Record<string, Field>> = {
  events: "eventDays",
  health: "healthEventDays",
  pictures: "pictureDays",
  "points raw": "pointDays",
  "points 5m": "fiveMinuteDays",
  "points hour": "hourDays",
  "points schoolDay": "schoolDayDays",
  "points term": "termDays",
};

export function nameOf(what: string, words: RetentionWords): string {
  if (what === "alarms" || what === "actions") return words[what];
  const field = FIELD_OF[what];
  return field === undefined ? what : words.field[field];
}
