import type { Language } from "@campus-ops/device-profiles/vocabulary";

const zh = {
  title: "体温复核",
  intro: "只有接触式体温计的读数才能确认发热。读数只有校医可见，保留 30 天，不上报、不写入日志。",
  reading: "接触式体温计读数（°C）",
  enter: "录入",
  entering: "正在录入…",
  failed: "没有录入",
  kept: "填写的读数还在，可以重试。",
  outcome: { confirmed: "确认发热", refuted: "排除发热，报警结束" },
  loading: "正在读取…",
};

export type ConfirmWords = typeof zh;

const en: ConfirmWords = {
  title: "Contact thermometer",
  intro:
    "Only the reading of a contact thermometer confirms a fever. The school doctor alone sees it; it is kept for 30 days, reported to nobody and in no log.",
  reading: "Reading of the contact thermometer (°C)",
  enter: "Enter",
  entering: "Entering…",
  failed: "It was not entered",
  kept: "What you typed is still there; try again.",
  outcome: { confirmed: "fever confirmed", refuted: "no fever, the alarm is over" },
  loading: "Loading…",
};

export const CONFIRM_WORDS: Readonly<Record<Language, ConfirmWords>> = { zh, en };
