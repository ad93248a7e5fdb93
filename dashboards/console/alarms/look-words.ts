/** The texts of looking at what a camera sees now. */

const zh = {
  title: "现在的画面",
  hint: "画面含人像：抓拍要说明原因，会记入审计，并按保存期限留存。",
  reason: "抓拍原因",
  usual: "核实现场",
  look: "抓拍现在的画面",
  again: "刷新",
  looking: "正在抓拍…",
  alt: (camera: string, at: string) => `${camera} ${at} 的画面`,
  at: (at: string) => `抓拍于 ${at}`,
  failed: "没有画面",
};

export type LookWords = typeof zh;

const en: LookWords = {
  title: "What it sees now",
  hint: "People are on pictures: say why you look. That is written down, and the picture is kept as long as pictures are.",
  reason: "Why you take a picture",
  usual: "Checking the place",
  look: "Take a picture now",
  again: "Refresh",
  looking: "Taking a picture…",
  alt: (camera, at) => `picture of ${camera} at ${at}`,
  at: (at) => `taken at ${at}`,
  failed: "No picture",
};

export const LOOK_WORDS = { zh, en };
