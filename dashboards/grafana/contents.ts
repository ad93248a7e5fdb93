/** The dashboards. Utilisation of rooms is not among them: it is no series of the store yet. */
import type { Counted, Dashboard, Figure, Panel } from "./model.ts";

const counts = (name: string): Counted => ({ metric: `Counts/${name}`, statistic: "sum" });
const total = (name: string): Figure => ({ kind: "total", ...counts(name) });
const increase = (metric: string): Figure => ({ kind: "total", metric, statistic: "increase" });
const mean = (metric: string): Figure => ({
  kind: "ratio",
  above: { metric, statistic: "sum" },
  below: { metric, statistic: "count" },
  factor: 1,
});

const ONLINE: Figure = { kind: "inState", metric: "Connectivity/Online", state: 1 };
const COMPLETENESS: Figure = {
  kind: "ratio",
  above: counts("samplesReceived"),
  below: counts("samplesExpected"),
  factor: 100,
};
const COMPLETENESS_NOTE = {
  zh: "已收到的样本占应收样本的比例。低于 100% 时，本页其他数字也不完整。",
  en: "Samples received of those expected. Below 100 %, the other figures of this page are incomplete too.",
};
const ONLINE_NOTE = {
  zh: "按时间平均的在线设备数，由“在线”状态的汇总得出。",
  en: "Devices online, on average over time, from the roll-ups of the state.",
};

const QUARTER = { kind: "stat", width: 6, height: 4 } as const;
const HALF = { kind: "timeseries", width: 12, height: 8 } as const;
const BARS = { kind: "bargauge", width: 12, height: 8 } as const;

const TILES: readonly Panel[] = [
  {
    ...QUARTER,
    title: { zh: "数据完整率", en: "Completeness" },
    note: COMPLETENESS_NOTE,
    figure: COMPLETENESS,
    unit: "percent",
    decimals: 1,
    limits: { red: 90, amber: 99 },
  },
  {
    ...QUARTER,
    title: { zh: "在线设备", en: "Devices online" },
    note: ONLINE_NOTE,
    figure: ONLINE,
    unit: "short",
    decimals: 0,
  },
  {
    ...QUARTER,
    title: { zh: "放行次数", en: "Access granted" },
    figure: total("accessGranted"),
    unit: "short",
  },
  {
    ...QUARTER,
    title: { zh: "体温异常待复测", en: "Suspect temperatures" },
    figure: total("screeningSuspect"),
    unit: "short",
  },
];

/** The same figures, told apart by what the level is made of. */
const comparison = (by: "county" | "campus"): readonly Panel[] => [
  {
    ...HALF,
    title: { zh: "数据完整率", en: "Completeness" },
    note: COMPLETENESS_NOTE,
    figure: COMPLETENESS,
    by,
    unit: "percent",
    decimals: 1,
  },
  {
    ...HALF,
    title: { zh: "在线设备", en: "Devices online" },
    note: ONLINE_NOTE,
    figure: ONLINE,
    by,
    unit: "short",
    decimals: 0,
  },
  {
    ...HALF,
    title: { zh: "放行次数", en: "Access granted" },
    figure: total("accessGranted"),
    by,
    unit: "short",
  },
  {
    ...HALF,
    title: { zh: "拒绝次数", en: "Access refused" },
    figure: total("accessRefused"),
    by,
    unit: "short",
  },
  {
    ...HALF,
    title: { zh: "用电量", en: "Energy used" },
    figure: increase("Meter/Energy"),
    by,
    unit: "kwatth",
  },
  {
    ...HALF,
    title: { zh: "丢失的样本", en: "Samples lost" },
    figure: total("samplesLost"),
    by,
    unit: "short",
  },
];

export const DASHBOARDS: readonly Dashboard[] = [
  {
    name: "city",
    title: { zh: "全市", en: "City" },
    tier: "hour",
    from: "now-7d",
    variables: [],
    drillDown: "county",
    panels: [...TILES, ...comparison("county")],
  },
  {
    name: "county",
    title: { zh: "区县", en: "County" },
    tier: "hour",
    from: "now-7d",
    variables: ["county"],
    drillDown: "campus",
    panels: [...TILES, ...comparison("campus")],
  },
  {
    name: "campus",
    title: { zh: "校园", en: "Campus" },
    tier: "5m",
    from: "now-24h",
    variables: ["campus"],
    panels: [
      ...TILES,
      {
        ...HALF,
        title: { zh: "在线设备", en: "Devices online" },
        note: ONLINE_NOTE,
        figure: ONLINE,
        unit: "short",
        decimals: 0,
      },
      {
        ...HALF,
        title: { zh: "收到的样本", en: "Samples received" },
        figure: total("samplesReceived"),
        unit: "short",
      },
      {
        ...HALF,
        title: { zh: "放行次数", en: "Access granted" },
        figure: total("accessGranted"),
        unit: "short",
      },
      {
        ...HALF,
        title: { zh: "拒绝次数", en: "Access refused" },
        figure: total("accessRefused"),
        unit: "short",
      },
      {
        ...HALF,
        title: { zh: "测温人次", en: "Temperature screenings" },
        figure: total("screeningTotal"),
        unit: "short",
      },
      {
        ...HALF,
        title: { zh: "每班带宽（最低）", en: "Bandwidth a class (least)" },
        figure: { kind: "least", metric: "Uplink/PerClass" },
        by: "device",
        unit: "Mbits",
        decimals: 1,
      },
    ],
  },
  {
    name: "device-health",
    title: { zh: "设备健康", en: "Device health" },
    tier: "5m",
    from: "now-24h",
    variables: ["campus", "kind", "device"],
    panels: [
      {
        ...HALF,
        title: { zh: "在线设备", en: "Devices online" },
        note: ONLINE_NOTE,
        figure: ONLINE,
        by: "campus",
        unit: "short",
        decimals: 0,
      },
      {
        ...BARS,
        title: { zh: "各设备在线时长", en: "Hours online, by device" },
        note: {
          zh: "一直离线的设备没有此数据，不在列。",
          en: "A device that was never online has no such figure and is not listed.",
        },
        figure: { kind: "hoursInState", metric: "Connectivity/Online", state: 1 },
        by: "device",
        unit: "h",
        decimals: 1,
      },
      {
        ...BARS,
        title: { zh: "通信失败次数", en: "Failed exchanges" },
        figure: increase("Connectivity/Failures"),
        by: "device",
        unit: "short",
        limits: { amber: 10, red: 100 },
      },
      {
        ...HALF,
        title: { zh: "往返时间（最长）", en: "Round trip (longest)" },
        figure: { kind: "greatest", metric: "Connectivity/RoundTrip" },
        by: "device",
        unit: "ms",
      },
      {
        ...HALF,
        title: { zh: "时钟偏差（最大）", en: "Clock offset (greatest)" },
        figure: { kind: "greatest", metric: "Connectivity/ClockOffset" },
        by: "device",
        unit: "s",
        decimals: 1,
      },
      {
        ...BARS,
        title: { zh: "电量", en: "Battery charge" },
        figure: { kind: "latest", metric: "Battery/Level" },
        by: "device",
        unit: "percent",
        limits: { red: 20, amber: 40 },
      },
    ],
  },
  {
    name: "edge-fleet",
    title: { zh: "边缘盒", en: "Edge fleet" },
    tier: "5m",
    from: "now-24h",
    variables: ["campus"],
    panels: [
      {
        ...HALF,
        title: { zh: "待发记录（最多）", en: "Records waiting (most)" },
        figure: { kind: "greatest", metric: "Edge/OutboxRecords" },
        by: "device",
        unit: "short",
      },
      {
        ...HALF,
        title: { zh: "最早未确认时长", en: "Age of oldest unacknowledged" },
        figure: { kind: "greatest", metric: "Edge/OldestUnacknowledged" },
        by: "device",
        unit: "s",
      },
      {
        ...HALF,
        title: { zh: "磁盘剩余（最少）", en: "Disk free (least)" },
        figure: { kind: "least", metric: "Edge/DiskFree" },
        by: "device",
        unit: "bytes",
      },
      {
        ...HALF,
        title: { zh: "内存占用（最多）", en: "Resident memory (most)" },
        figure: { kind: "greatest", metric: "Edge/Memory" },
        by: "device",
        unit: "bytes",
      },
      {
        ...HALF,
        title: { zh: "机内温度（最高）", en: "Inside temperature (highest)" },
        figure: { kind: "greatest", metric: "Edge/Temperature" },
        by: "device",
        unit: "celsius",
        decimals: 1,
      },
      {
        ...BARS,
        title: { zh: "证书剩余天数", en: "Days left of the certificate" },
        figure: { kind: "latest", metric: "Edge/CertificateDays" },
        by: "device",
        unit: "d",
        limits: { red: 7, amber: 30 },
      },
      {
        ...BARS,
        title: { zh: "已丢弃样本", en: "Samples given up" },
        figure: increase("Edge/LostSamples"),
        by: "device",
        unit: "short",
        limits: { amber: 1, red: 1_000 },
      },
      {
        ...HALF,
        title: { zh: "丢失的样本", en: "Samples lost" },
        figure: total("samplesLost"),
        by: "campus",
        unit: "short",
      },
    ],
  },
  {
    name: "platform",
    title: { zh: "平台自身健康", en: "Platform's own health" },
    tier: "5m",
    from: "now-24h",
    variables: [],
    panels: [
      {
        ...BARS,
        title: { zh: "各服务现状", en: "Services now" },
        note: {
          zh: "1 为运行正常，0 为不正常；原因见值班台的报警。",
          en: "1 works, 0 does not; the alarm at the duty desk says why.",
        },
        figure: { kind: "latest", metric: "Service/Working" },
        by: "device",
        ofHub: true,
        unit: "short",
        limits: { red: 0.5, amber: 1 },
      },
      {
        ...HALF,
        title: { zh: "正常运行的服务", en: "Services working" },
        figure: { kind: "inState", metric: "Service/Working", state: 1 },
        by: "device",
        ofHub: true,
        unit: "short",
        decimals: 1,
      },
      {
        ...HALF,
        title: { zh: "收到的样本", en: "Samples received" },
        figure: total("samplesReceived"),
        unit: "short",
      },
      {
        ...HALF,
        title: { zh: "数据完整率", en: "Completeness" },
        note: COMPLETENESS_NOTE,
        figure: COMPLETENESS,
        unit: "percent",
        decimals: 1,
      },
    ],
  },
  {
    name: "environment-energy",
    title: { zh: "环境与能耗", en: "Environment and energy" },
    tier: "hour",
    from: "now-7d",
    variables: ["campus"],
    panels: [
      {
        ...HALF,
        title: { zh: "平均气温", en: "Mean temperature" },
        figure: mean("Environment/Temperature"),
        by: "campus",
        unit: "celsius",
        decimals: 1,
      },
      {
        ...HALF,
        title: { zh: "平均相对湿度", en: "Mean relative humidity" },
        figure: mean("Environment/Humidity"),
        by: "campus",
        unit: "humidity",
        decimals: 0,
      },
      {
        ...HALF,
        title: { zh: "二氧化碳（95 百分位）", en: "Carbon dioxide (95th percentile)" },
        note: {
          zh: "全校各传感器的百分位数；时段合并时取其中最大者。",
          en: "Over all sensors of the campus; of several periods the greatest.",
        },
        figure: { kind: "percentile", metric: "Environment/CO2", percentile: "p95" },
        by: "campus",
        unit: "ppm",
        decimals: 0,
      },
      {
        ...HALF,
        title: { zh: "PM2.5（95 百分位）", en: "PM2.5 (95th percentile)" },
        figure: { kind: "percentile", metric: "Environment/PM25", percentile: "p95" },
        by: "campus",
        unit: "conμgm3",
        decimals: 0,
      },
      {
        ...HALF,
        title: { zh: "用电量", en: "Energy used" },
        figure: increase("Meter/Energy"),
        by: "campus",
        unit: "kwatth",
      },
      {
        ...HALF,
        title: { zh: "最大功率（单表）", en: "Greatest power of one meter" },
        figure: { kind: "greatest", metric: "Meter/Power" },
        by: "campus",
        unit: "kwatt",
        decimals: 1,
      },
      {
        ...BARS,
        title: { zh: "各电表用电量", en: "Energy used, by meter" },
        figure: increase("Meter/Energy"),
        by: "device",
        unit: "kwatth",
      },
    ],
  },
];
