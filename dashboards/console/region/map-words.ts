import type { Language } from "@campus-ops/device-profiles/vocabulary";

const zh = {
  map: "地图",
  review: (number: string) => `审图号：${number}`,
  bring: "更换地图",
  lead: "选择 GeoJSON（WGS-84 或 CGCS2000 经纬度）：区县边界带 code 属性，学校的点带 campus 属性。地图只显示在本平台，必须填写审图号。没有地图时显示方格。",
  file: "GeoJSON 文件",
  number: "审图号",
  take: "使用这张地图",
  remove: "不再使用地图",
  tooLarge: "文件超过 4 MB，请先简化边界。",
  noJson: "这个文件不是 JSON。",
};

const en: typeof zh = {
  map: "Map",
  review: (number) => `Map review number: ${number}`,
  bring: "Change the map",
  lead: "Choose a GeoJSON file (longitude and latitude, WGS 84 or CGCS2000): outlines of counties with the property code, points of campuses with the property campus. It is shown on this hub alone, and always with its review number. Without a map there are the tiles.",
  file: "GeoJSON file",
  number: "Review number (审图号)",
  take: "Use this map",
  remove: "Use no map",
  tooLarge: "The file is larger than 4 MB: simplify the outlines first.",
  noJson: "This file is no JSON.",
};

export const MAP_WORDS: Readonly<Record<Language, typeof zh>> = { zh, en };
