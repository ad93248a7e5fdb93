import { CampusId, type Site } from "@campus-ops/device-profiles/vocabulary";
import { expect, test } from "vitest";
import {
  changedCampus,
  placesText,
  readPlaces,
  readSite,
  renamedCounty,
  withCampus,
  withCounty,
  withoutCampus,
  withoutCounty,
} from "./draft.ts";

const SITE: Site = {
  timeZone: "Asia/Urumqi",
  city: { code: "990100", title: { zh: "临岚市", en: "Linlan" } },
  counties: [
    {
      code: "990102",
      title: { zh: "栖云区", en: "Qiyun" },
      campuses: [{ id: CampusId("no1"), title: { zh: "一小", en: "No. 1" } }],
    },
  ],
};

test("a campus and a county are added where they belong, and nothing else of the tree is touched", () => {
  const next = withCampus(withCounty(SITE, { code: " 990121 ", title: { zh: "沐禾县", en: "" } }), "990121", {
    id: "third",
    title: { zh: "", en: "Third" },
  });
  expect(next).toEqual({
    ...SITE,
    counties: [
      ...SITE.counties,
      {
        code: "990121",
        title: { zh: "沐禾县", en: "沐禾县" },
        campuses: [{ id: "third", title: { zh: "Third", en: "Third" } }],
      },
    ],
  });
  expect(withoutCounty(withoutCampus(next, "third"), "990121")).toEqual(SITE);
  expect(() => withCampus(SITE, "990102", { id: "No 2", title: { zh: "二", en: "" } })).toThrow();
});

test("names change and codes stay", () => {
  const named = renamedCounty(SITE, "990102", { zh: "栖云新区", en: "New Qiyun" });
  const next = changedCampus(named, {
    id: CampusId("no1"),
    title: { zh: "第一小学", en: " " },
    places: { a: { zh: "教学楼", en: "Main building" } },
  });
  expect(next.counties).toEqual([
    {
      code: "990102",
      title: { zh: "栖云新区", en: "New Qiyun" },
      campuses: [
        {
          id: "no1",
          title: { zh: "第一小学", en: "第一小学" },
          places: { a: { zh: "教学楼", en: "Main building" } },
        },
      ],
    },
  ]);
  expect(readSite(null).counties).toEqual([]);
});

test("places are written a line each, in one language or two, and read back as they were", () => {
  const places = {
    a: { zh: "教学楼", en: "Main building" },
    "a/3": { zh: "三层", en: "三层" },
    "a/3/301": { zh: "301 教室", en: "Room 301" },
  };
  const text = placesText(places);
  expect(text).toBe("a 教学楼 / Main building\na/3 三层\na/3/301 301 教室 / Room 301");
  expect(readPlaces(text)).toEqual({ places, wrong: [] });
});

test("a line that is no place, and one that is there twice, are told by their number", () => {
  const { places, wrong } = readPlaces("a 教学楼\n\nA楼 东楼\na/1/2/3 太深\nb\na 又一次\nb, 实验楼");
  expect(wrong).toEqual([3, 4, 5, 6]);
  expect(Object.keys(places)).toEqual(["a", "b"]);
});
