/** The texts of the page about the school calendar and the timetable. */

const zh = {
  title: "校历与课表",
  intro: "规则、值守时段和使用率都按校历计算。改动先看会影响哪些天，再保存。",
  cycle: "演示环境把一天压缩成几分钟，没有校历可改。在这里保存会改为真实的校历。",
  ofFile: "校历写在单独的文件里（见 hub.yaml），在这里保存后以这里的为准。",
  kinds: { terms: "学期", holidays: "放假", makeUpDays: "调休上课" },
  hints: {
    terms: "不写学期时，全年都算学期内。",
    holidays: "学期中不上课的日子。",
    makeUpDays: "周末或假日，但照常上课的日子。",
  },
  from: "从",
  to: "到",
  add: (kind: string) => `添加${kind}`,
  remove: (range: string) => `删除 ${range}`,
  week: "每周上课日",
  weekdays: { mon: "周一", tue: "周二", wed: "周三", thu: "周四", fri: "周五", sat: "周六", sun: "周日" },
  windows: "时段",
  windowsHint:
    "每行一个时段：名称，空格，起止时间，多段用逗号隔开。规则用到的名称：arrival 到校、lesson 上课、departure 离校、closed 闭校、curfew 熄灯、exam 考试。",
  schoolDay: "上课日",
  offDay: "非上课日",
  boarding: "寄宿制（晚上有熄灯时段）",
  imports: "导入的日历文件",
  importTitle: "导入",
  importHint:
    "CSV：类别、开始、结束三列，类别写学期、放假或调休。iCalendar（.ics）：选择其中的事件算什么；重复的事件会一直跟随。",
  file: "CSV 或 .ics 文件",
  as: "其中的事件是",
  asExam: "考试（时段）",
  asOther: "其他时段",
  containing: "只要名称包含（可不填）",
  bring: "导入到草稿",
  brought: (rows: number) => `已导入 ${rows} 行到草稿，还没有保存。`,
  row: (row: number) => `第 ${row} 行`,
  rowProblems: {
    kind: "类别不认识，请写学期、放假或调休",
    from: "开始日期不对，请写成 2026-10-01",
    to: "结束日期不对，请写成 2026-10-07",
    order: "结束早于开始",
  },
  preview: "查看影响",
  changes: "保存后，这些天会改变",
  noChanges: "从今天起没有一天会改变（时段的改动不在此列）。",
  becomes: (range: string, school: boolean) => `${range} ${school ? "变为上课日" : "变为非上课日"}`,
  timetable: "课表",
  timetableHint:
    "CSV 列：校区、教室、星期、节次、班级，另可有科目、开始日期、结束日期。有一行不对就整份不采用，并指出是哪一行。",
  timetableFile: "课表文件（CSV）",
  timetableNow: (name: string) => `正在使用：${name}`,
  timetableNone: "还没有课表：功能室的使用率不能与计划对照。",
};

export type CalendarWords = typeof zh;

const en: CalendarWords = {
  title: "Calendar and timetable",
  intro:
    "Rules, staffed hours and utilisation go by the school calendar. See which days a change touches, then save.",
  cycle:
    "The demonstration presses a day into minutes and has no calendar to change. Saving here makes it a real one.",
  ofFile: "The calendar is a file of its own (see hub.yaml). What is saved here takes its place.",
  kinds: { terms: "Terms", holidays: "Holidays", makeUpDays: "Make-up days" },
  hints: {
    terms: "Without any, it is always term.",
    holidays: "Days of a term without school.",
    makeUpDays: "Days at a weekend or in a holiday, with school all the same.",
  },
  from: "From",
  to: "To",
  add: (kind) => `Add to ${kind}`,
  remove: (range) => `Remove ${range}`,
  week: "School days of a week",
  weekdays: { mon: "Mon", tue: "Tue", wed: "Wed", thu: "Thu", fri: "Fri", sat: "Sat", sun: "Sun" },
  windows: "Hours",
  windowsHint:
    "One window a line: name, blank, hours, several with commas. Names that the rules use: arrival, lesson, departure, closed, curfew, exam.",
  schoolDay: "On a school day",
  offDay: "On any other day",
  boarding: "Boarding school (there is a curfew at night)",
  imports: "Calendar files in use",
  importTitle: "Import",
  importHint:
    "CSV: the columns kind, from, to; kinds are term, holiday and make-up. iCalendar (.ics): say what its events are; what recurs is followed.",
  file: "CSV or .ics file",
  as: "Its events are",
  asExam: "exams (hours)",
  asOther: "hours of another kind",
  containing: "Only those whose title contains (optional)",
  bring: "Bring into the draft",
  brought: (rows) => `${rows} rows were brought into the draft, which is not saved yet.`,
  row: (row) => `Row ${row}`,
  rowProblems: {
    kind: "this kind is not known: term, holiday or make-up",
    from: "the first day must read 2026-10-01",
    to: "the last day must read 2026-10-07",
    order: "it ends before it begins",
  },
  preview: "Show what changes",
  changes: "Once saved, these days change",
  noChanges: "No day from today on changes (hours are not looked at here).",
  becomes: (range, school) => `${range} ${school ? "become school days" : "are no school days any more"}`,
  timetable: "Timetable",
  timetableHint:
    "CSV with the columns campus, room, weekday, period, classes; subject, from and to where there are. One wrong row and none is taken; it says which.",
  timetableFile: "Timetable (CSV)",
  timetableNow: (name) => `In use: ${name}`,
  timetableNone: "There is none yet: use of special rooms cannot be compared with what was planned.",
};

export const CALENDAR_WORDS = { zh, en };
