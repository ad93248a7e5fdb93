import type { Language } from "@campus-ops/device-profiles/vocabulary";
import type { CameraChoice, NoPictureReason } from "@campus-ops/rules/api";

const zh = {
  title: "现场画面",
  look: "查看画面",
  looking: "正在打开…",
  covered: "画面含人像，默认不显示；查看会记入审计。",
  reason: "查看原因",
  reasons: ["处置本报警", "事后核查", "应要求协助"],
  failed: "画面打不开，请重试。",
  coming: "正在向摄像机取画面…",
  taken: (moment: string, after: string) => `${moment}（报警后 ${after}）`,
  takenBefore: (moment: string, before: string) => `${moment}（报警前 ${before}）`,
  alt: (camera: string, moment: string) => `${camera} ${moment} 的画面`,
  none: "没有画面",
  since: (moment: string) => `离线自 ${moment}`,
  occurrence: (n: number) => `第 ${n} 次`,
  hash: "SHA-256",
  bundle: "导出证据包",
  bundleHint: "一个文件：可打印，可用 campus-ops verify 离线校验。",
  why: {
    itself: "报警设备本身",
    "sees-device": "登记为照看该设备",
    "sees-place": "登记为照看该处",
    "same-place": "在同一位置",
    "same-floor": "在同层通道",
    "same-building": "在同楼通道",
  } satisfies Record<CameraChoice, string>,
  noPicture: {
    "no-camera": "附近没有摄像机",
    unreachable: "摄像机不可达",
    unsupported: "摄像机不支持抓拍",
    failed: "摄像机没有给出画面",
    full: "边缘盒存储已满",
    "no-answer": "超时无应答",
    flood: "报警过多，未抓拍",
    late: "报警补传，已错过抓拍",
  } satisfies Record<NoPictureReason, string>,
};

export type PictureWords = typeof zh;

const en: PictureWords = {
  title: "Pictures",
  look: "Show the picture",
  looking: "Opening…",
  covered: "People may be on it: it is covered, and looking is written down.",
  reason: "Why you look",
  reasons: ["dealing with this alarm", "looking into it afterwards", "asked for help"],
  failed: "The picture cannot be opened. Try again.",
  coming: "Asking the camera for a picture…",
  taken: (moment, after) => `${moment} (${after} after the alarm)`,
  takenBefore: (moment, before) => `${moment} (${before} before the alarm)`,
  alt: (camera, moment) => `${camera}, ${moment}`,
  none: "No picture",
  since: (moment) => `away since ${moment}`,
  occurrence: (n) => `occurrence ${n}`,
  hash: "SHA-256",
  bundle: "Export the evidence",
  bundleHint: "One file to print, verified offline by campus-ops verify.",
  why: {
    itself: "the device itself",
    "sees-device": "declared to see the device",
    "sees-place": "declared to see the place",
    "same-place": "in the same place",
    "same-floor": "in a passage of the same floor",
    "same-building": "in a passage of the same building",
  },
  noPicture: {
    "no-camera": "no camera is near",
    unreachable: "the camera is unreachable",
    unsupported: "the camera takes no pictures",
    failed: "the camera delivered none",
    full: "the edge box has no room",
    "no-answer": "no answer in time",
    flood: "too many alarms at once",
    late: "known too late for a picture",
  },
};

export const PICTURE_WORDS: Readonly<Record<Language, PictureWords>> = { zh, en };
