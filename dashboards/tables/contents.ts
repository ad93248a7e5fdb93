/** What the tables hold. Chinese first. */
import { DEVICE_CLASSES, type Language, type LocalText } from "@campus-ops/device-profiles/vocabulary";
import type {
  DeviceView,
  HealthFigure,
  ModelView,
  RoomUseView,
  StandardReport,
  VerdictChange,
} from "../api/api.ts";
import { type Column, type ColumnKind, type Sheet, sheetOf } from "./workbook.ts";

const t = (zh: string, en: string): LocalText => ({ zh, en });

const VERDICTS: Readonly<Record<string, LocalText>> = {
  met: t("达标", "met"),
  "not-met": t("未达标", "not met"),
  "not-verified": t("未核实", "not verified"),
};
const HEALTH: Readonly<Record<DeviceView["health"], LocalText>> = {
  working: t("完好", "working"),
  faulty: t("故障", "faulty"),
  unreachable: t("离线", "unreachable"),
  stale: t("未知（边缘盒离线）", "unknown: its edge box is away"),
  retired: t("已停用", "retired"),
};
const LEVELS = { must: t("必须", "must"), should: t("应当", "should") };
const verdict = (of: string, language: Language): string => VERDICTS[of]?.[language] ?? of;

type Fact = readonly [title: LocalText, value: string | number | undefined, kind: ColumnKind];

/** A report: what it is about, its items, its checks, the records behind them, and how verdicts changed. */
export function standardSheets(report: StandardReport, history: readonly VerdictChange[]): readonly Sheet[] {
  const checks = report.items.flatMap((item) => item.checks.map((check) => ({ item, check })));
  const records = checks.flatMap(({ item, check }) =>
    check.records.map((record) => ({ item, check, record })),
  );
  const { points } = report;
  const facts: readonly Fact[] = [
    [t("标准", "standard"), `${report.title.zh} · ${report.title.en}`, "text"],
    [t("依据", "source"), `${report.source.zh} · ${report.source.en}`, "text"],
    [t("学校", "campus"), report.campus, "text"],
    [t("起始", "from"), report.from, "time"],
    [t("截止", "to"), report.to, "time"],
    [t("出具时间", "made at"), report.at, "time"],
    [t("下次复核", "examine again by"), report.examineAgainBy, "time"],
    [t("得分（满分 100，仅计已核实项）", "score of 100, over what was verified"), report.score, "number"],
    [t("数据完整率", "completeness"), report.completeness, "share"],
    [t("达标分值", "points met"), points.met, "number"],
    [t("未达标分值", "points not met"), points.notMet, "number"],
    [t("未核实分值", "points not verified"), points.notVerified, "number"],
    [t("本平台不测的分值", "points that are not measured here"), points.notMeasured, "number"],
  ];
  const titles = new Map(report.items.map(({ id, title }) => [id, title]));
  return [
    sheetOf<Fact>({
      title: t("概要", "summary"),
      rows: facts,
      columns: [
        { title: t("项目", "what"), kind: "text", width: 36, of: ([title], language) => title[language] },
        { title: t("内容", "value"), kind: ([, , kind]) => kind, width: 48, of: ([, value]) => value },
      ],
    }),
    sheetOf({
      title: t("条目", "items"),
      rows: report.items,
      columns: [
        { title: t("条款", "clause"), kind: "text", of: ({ clause }) => clause },
        { title: t("条目", "item"), kind: "text", width: 40, of: ({ title }, language) => title[language] },
        { title: t("要求", "level"), kind: "text", of: ({ level }, language) => LEVELS[level][language] },
        { title: t("分值", "points"), kind: "number", of: (item) => item.points },
        {
          title: t("结论", "verdict"),
          kind: "text",
          of: (item, language) => verdict(item.verdict, language),
        },
        { title: t("数据完整率", "completeness"), kind: "share", of: ({ completeness }) => completeness },
      ],
    }),
    sheetOf({
      title: t("检查", "checks"),
      rows: checks,
      columns: [
        {
          title: t("条目", "item"),
          kind: "text",
          width: 30,
          of: ({ item }, language) => item.title[language],
        },
        {
          title: t("检查", "check"),
          kind: "text",
          width: 40,
          of: ({ check }, language) => check.title[language],
        },
        { title: t("证据", "evidence"), kind: "text", of: ({ check }) => check.evidence },
        { title: t("至少", "at least"), kind: "number", of: ({ check }) => check.atLeast },
        { title: t("最低为", "low"), kind: "number", of: ({ check }) => check.low },
        { title: t("最高为", "high"), kind: "number", of: ({ check }) => check.high },
        {
          title: t("结论", "verdict"),
          kind: "text",
          of: ({ check }, language) => verdict(check.verdict, language),
        },
        { title: t("数据完整率", "completeness"), kind: "share", of: ({ check }) => check.completeness },
        {
          title: t("未列出的记录", "records left out"),
          kind: "number",
          of: ({ check }) => check.recordsLeftOut,
        },
      ],
    }),
    sheetOf({
      title: t("记录", "records"),
      rows: records,
      columns: [
        {
          title: t("检查", "check"),
          kind: "text",
          width: 40,
          of: ({ check }, language) => check.title[language],
        },
        { title: t("对象", "subject"), kind: "text", width: 30, of: ({ record }) => record.subject },
        {
          title: t("名称", "title"),
          kind: "text",
          width: 24,
          of: ({ record }, language) => record.title?.[language],
        },
        { title: t("值", "value"), kind: "number", of: ({ record }) => record.value },
        { title: t("时间", "at"), kind: "time", width: 20, of: ({ record }) => record.at },
        { title: t("填报人", "by"), kind: "text", of: ({ record }) => record.by },
        { title: t("说明", "note"), kind: "text", width: 40, of: ({ record }) => record.note },
      ],
    }),
    sheetOf({
      title: t("结论变化", "history of verdicts"),
      rows: history,
      columns: [
        { title: t("时间", "at"), kind: "time", width: 20, of: ({ at }) => at },
        {
          title: t("条目", "item"),
          kind: "text",
          width: 40,
          of: ({ item }, language) => titles.get(item)?.[language] ?? item,
        },
        {
          title: t("结论", "verdict"),
          kind: "text",
          of: (change, language) => verdict(change.verdict, language),
        },
        { title: t("数据完整率", "completeness"), kind: "share", of: ({ completeness }) => completeness },
      ],
    }),
  ];
}

export function useSheets(figures: readonly RoomUseView[]): readonly Sheet[] {
  return [
    sheetOf({
      title: t("专用教室利用率", "utilisation of special rooms"),
      rows: figures,
      columns: [
        { title: t("学校", "campus"), kind: "text", width: 22, of: ({ campus }) => campus },
        {
          title: t("教室类别", "kind of room"),
          kind: "text",
          width: 20,
          of: ({ title }, language) => title[language],
        },
        { title: t("间数", "rooms"), kind: "number", of: ({ rooms }) => rooms },
        { title: t("使用学时", "class-hours used"), kind: "number", of: ({ used }) => used },
        {
          title: t("其中课表外", "of these unplanned"),
          kind: "number",
          of: ({ unplannedUsed }) => unplannedUsed,
        },
        { title: t("班级数", "classes"), kind: "number", of: ({ classes }) => classes },
        {
          title: t("教学学时", "teaching class-hours"),
          kind: "number",
          of: ({ teachingHours }) => teachingHours,
        },
        { title: t("利用率", "utilisation"), kind: "share", of: ({ utilisation }) => utilisation },
        { title: t("要求", "asked for"), kind: "share", of: ({ threshold }) => threshold },
        {
          title: t("结论", "verdict"),
          kind: "text",
          of: (figure, language) => verdict(figure.verdict, language),
        },
        { title: t("数据完整率", "completeness"), kind: "share", of: ({ completeness }) => completeness },
        {
          title: t("人走未关（小时）", "left on (hours)"),
          kind: "duration",
          of: ({ wasted_ms }) => wasted_ms,
        },
        { title: t("记录数", "records"), kind: "number", of: ({ records }) => records },
        {
          title: t("平台失联，已知至", "hub cut off, known up to"),
          kind: "time",
          width: 20,
          of: ({ lastKnown }) => lastKnown,
        },
      ],
    }),
  ];
}

export function deviceSheets(devices: readonly DeviceView[]): readonly Sheet[] {
  return [
    sheetOf({
      title: t("设备", "devices"),
      rows: devices,
      columns: [
        { title: t("编号", "key"), kind: "text", width: 32, of: ({ key }) => key },
        { title: t("名称", "title"), kind: "text", width: 24, of: ({ title }, language) => title[language] },
        {
          title: t("类别", "class"),
          kind: "text",
          of: (device, language) => DEVICE_CLASSES[device.class][language],
        },
        { title: t("型号", "profile"), kind: "text", width: 28, of: ({ profile }) => profile },
        { title: t("位置", "path"), kind: "text", width: 36, of: ({ path }) => path },
        { title: t("状态", "health"), kind: "text", of: ({ health }, language) => HEALTH[health][language] },
        { title: t("自", "since"), kind: "time", width: 20, of: ({ since }) => since },
        { title: t("上联设备", "depends on"), kind: "text", of: ({ dependsOn }) => dependsOn },
      ],
    }),
  ];
}

const healthColumns: readonly Column<HealthFigure>[] = [
  { title: t("名称", "title"), kind: "text", width: 28, of: ({ title }, language) => title[language] },
  { title: t("编号", "key"), kind: "text", width: 28, of: ({ key }) => key },
  { title: t("设备数", "devices"), kind: "number", of: ({ devices }) => devices },
  { title: t("可用率", "availability"), kind: "share", of: ({ availability }) => availability },
  { title: t("数据完整率", "completeness"), kind: "share", of: ({ completeness }) => completeness },
  { title: t("故障次数", "failures"), kind: "number", of: ({ failures }) => failures },
  { title: t("未修复", "open"), kind: "number", of: ({ open }) => open },
  { title: t("修复次数", "repairs"), kind: "number", of: ({ repairs }) => repairs },
  {
    title: t("平均修复时间（小时）", "mean time to repair (hours)"),
    kind: "duration",
    width: 20,
    of: ({ meanTimeToRepair_ms }) => meanTimeToRepair_ms,
  },
  { title: t("短时中断", "interruptions"), kind: "number", of: ({ interruptions }) => interruptions },
  { title: t("受上联影响", "because of upstream"), kind: "number", of: ({ upstream }) => upstream },
];

export function healthSheets(
  devices: readonly HealthFigure[],
  classes: readonly HealthFigure[],
  models: readonly ModelView[],
): readonly Sheet[] {
  return [
    sheetOf({ title: t("按类别", "by class"), rows: classes, columns: healthColumns }),
    sheetOf<ModelView>({
      title: t("按型号", "by model"),
      rows: models,
      columns: [
        { title: t("名次", "rank"), kind: "number", of: ({ rank }) => rank },
        ...healthColumns,
        { title: t("台日", "device-days"), kind: "number", of: ({ deviceDays }) => deviceDays },
        {
          title: t("每台每年故障", "failures a device and year"),
          kind: "number",
          of: ({ failuresPerYear }) => failuresPerYear,
        },
        { title: t("样本充足", "enough evidence"), kind: "yes", of: ({ enough }) => enough },
      ],
    }),
    sheetOf({ title: t("按设备", "by device"), rows: devices, columns: healthColumns }),
  ];
}
