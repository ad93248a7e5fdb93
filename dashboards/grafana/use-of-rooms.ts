/** The dashboard of special rooms: class-hours by kind of room and campus, and what was left on. */
import { BARS, HALF, UTILISATION, UTILISATION_NOTE } from "./figures.ts";
import type { Dashboard } from "./model.ts";

export const USE_OF_ROOMS: Dashboard = {
  name: "utilisation",
  title: { zh: "专用教室使用", en: "Use of special rooms" },
  tier: "hour",
  from: "now-30d",
  variables: ["campus"],
  panels: [
    {
      ...BARS,
      title: { zh: "各类专用教室利用率", en: "Utilisation, by kind of room" },
      note: UTILISATION_NOTE,
      figure: UTILISATION,
      by: "instance",
      unit: "percent",
      decimals: 1,
    },
    {
      ...BARS,
      title: { zh: "各校专用教室利用率", en: "Utilisation, by campus" },
      note: UTILISATION_NOTE,
      figure: UTILISATION,
      by: "campus",
      unit: "percent",
      decimals: 1,
    },
    {
      ...HALF,
      title: { zh: "使用学时", en: "Class-hours used" },
      figure: { kind: "total", metric: "Rooms/ClassHours", statistic: "sum" },
      by: "instance",
      unit: "short",
    },
    {
      ...HALF,
      title: { zh: "人走未关（秒）", en: "Left on with nobody there (seconds)" },
      figure: { kind: "total", metric: "Rooms/LeftOnSeconds", statistic: "sum" },
      by: "instance",
      unit: "s",
    },
    {
      ...HALF,
      title: { zh: "无法得知的课时", en: "Lessons of which nobody knows" },
      note: {
        zh: "有这样的课时，利用率就不完整。",
        en: "While there are any, the utilisation is incomplete.",
      },
      figure: { kind: "total", metric: "Rooms/LessonsUnknown", statistic: "sum" },
      by: "instance",
      unit: "short",
    },
  ],
};
