import type { Language } from "@campus-ops/device-profiles/vocabulary";

const zh = {
  title: "班级带宽",
  share: "达标班级",
  shareNote: (classes: string, known: string) => `共 ${classes} 个班，${known} 个班的链路已知`,
  shareRange: (high: string) => `链路未知的不算达标；全算达标为 ${high}`,
  peak: "教室峰值均值",
  peakNote: (most: string) => `最忙的教室 ${most} Mbit/s`,
  peakNone: "还没有测到流量",
  completeness: "链路完整率",
  completenessNote: "链路已知的班级占比",
  measured: "流量完整率",
  measuredNote: "在校时间中测到流量的部分",
  rooms: "教室",
  room: "教室",
  link: "链路",
  down: "下行峰值",
  up: "上行峰值",
  port: "交换机端口",
  unknown: "未知",
  learned: "自动识别",
  note: "链路为当前协商速率，不低于 10 Mbit/s 为达标。峰值为在校时间每 5 分钟流量的 95 百分位，取所选时间最后 31 天。只显示最慢的 100 间，导出表格含全部。由下级平台管理的校园只上报链路达标的班级数，流量和教室在该校平台查看；下级平台断开时按未知计。",
};

const en: typeof zh = {
  title: "Bandwidth of classes",
  share: "Classes with 10 Mbit/s",
  shareNote: (classes, known) => `of ${classes} classes; the links of ${known} are known`,
  shareRange: (high) => `what is unknown counts as not met; counted as met it is ${high}`,
  peak: "Mean peak of rooms",
  peakNote: (most) => `busiest room ${most} Mbit/s`,
  peakNone: "no traffic was measured yet",
  completeness: "Links known",
  completenessNote: "share of classes whose link is known",
  measured: "Traffic measured",
  measuredNote: "share of school hours",
  rooms: "Rooms",
  room: "Room",
  link: "Link",
  down: "Peak down",
  up: "Peak up",
  port: "Switch port",
  unknown: "not known",
  learned: "learned",
  note: "Links are as negotiated now; 10 Mbit/s or more meets the standard. Peaks are the 95th percentile of five minutes in school hours, over the last 31 days of the period. The slowest 100 are shown; the export has all. Campuses with a hub of their own tell how many classes have what link; rooms and traffic are at that hub. While it is cut off its links count as not known.",
};

export const BANDWIDTH_WORDS: Readonly<Record<Language, typeof zh>> = { zh, en };
