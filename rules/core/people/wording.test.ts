import { CampusId } from "@campus-ops/device-profiles/vocabulary";
import { describe, expect, test } from "vitest";
import type { AlarmRecord } from "../view.ts";
import { placeTitle } from "./place.ts";
import { noticeOf, wording } from "./wording.ts";

const record: AlarmRecord = {
  id: "a1",
  occurrence: 1,
  rule: "panic-pressed",
  priority: 1,
  state: "unacknowledged",
  title: { zh: "一键报警", en: "Panic button" },
  device: {
    key: "one/box/button",
    title: { zh: "门卫按钮", en: "Gatehouse button" },
    class: "panic-button",
    path: "990100/990102/one/a/1",
    campus: "one",
  },
  raisedAt: 0,
  receivedAt: 0,
  symptoms: 2,
  updatedAt: 0,
  ruleVersion: 1,
  explanation: { zh: "按钮被按下。", en: "The button was pressed." },
  card: {
    cause: { zh: "因", en: "cause" },
    consequence: { zh: "果", en: "consequence" },
    action: { zh: "立即到现场。", en: "Go there." },
  },
  respondWithin_ms: 60_000,
  evidence: [],
};
const place = { zh: "齐云一小 教学楼", en: "Qiyun No. 1, Building A" };
const say = (notices: Parameters<typeof wording>[0], language: "zh" | "en" = "zh") =>
  wording(
    notices,
    language,
    () => "08:00",
    ({ alarm }) => `http://console/${alarm}`,
  );

describe("what a message says", () => {
  test("is what happened, where, when, why, and what to do, in the channel's language", () => {
    const notice = noticeOf(record, "raised", place);
    expect(say([notice]).subject).toBe("【红色 1】一键报警｜齐云一小 教学楼 · 门卫按钮｜08:00");
    expect(say([notice]).text.split("\n").slice(1)).toEqual([
      "按钮被按下。",
      "另有 2 条受其影响的报警。",
      "处置：立即到现场。",
      "http://console/a1",
    ]);
    expect(say([notice], "en").subject).toBe(
      "[RED 1] Panic button | Qiyun No. 1, Building A · Gatehouse button | 08:00",
    );
  });

  test("says that it is escalated, and how it was settled", () => {
    expect(say([noticeOf(record, "escalated", place)]).subject).toContain("升级：至今无人确认");
    const over = noticeOf({ ...record, state: "returned-unacknowledged" }, "settled", place);
    expect(say([over]).subject).toContain("已恢复，未确认");
    expect(say([over]).text).not.toContain("处置");
  });

  test("says first that it is a drill", () => {
    const drill = noticeOf({ ...record, drill: "d1" }, "raised", place);
    expect(say([drill]).subject).toMatch(/^【演练】【红色 1】/);
    expect(say([drill], "en").subject).toMatch(/^\[DRILL\] \[RED 1\]/);
    expect(say([noticeOf(record, "raised", place)]).subject).not.toContain("演练");
  });

  test("says nothing of a person: an explanation that rests on personal data is left out", () => {
    const screening = {
      device: "one/box/scanner",
      name: "Temperature/Screening",
      value: null,
      fields: { celsius: 38.4 },
      quality: { status: "good" as const },
      eventTime: 0,
      journalSeq: 1,
    };
    const fever = { ...record, explanation: { zh: "体温 38.4 °C", en: "38.4 °C" }, evidence: [screening] };
    const { text } = say([noticeOf(fever, "raised", place)]);
    expect(text).not.toContain("38.4");
    expect(text).toContain("处置：立即到现场。");
  });

  test("is one line for each when there are many", () => {
    const { subject, text } = say([noticeOf(record, "raised", place), noticeOf(record, "settled", place)]);
    expect(subject).toBe("2 条一般报警");
    expect(text.split("\n")).toHaveLength(3);
  });
});

test("a place is said by its titles, and by its path where the site does not know it", () => {
  const site = {
    city: { code: "990100", title: { zh: "市", en: "City" } },
    counties: [
      {
        code: "990102",
        title: { zh: "县", en: "County" },
        campuses: [
          {
            id: CampusId("one"),
            title: { zh: "一小", en: "No. 1" },
            places: { a: { zh: "教学楼", en: "Building A" }, "a/3": { zh: "三楼", en: "3rd floor" } },
          },
        ],
      },
    ],
  };
  expect(placeTitle(site, "990100/990102/one/a/3/301")).toEqual({
    zh: "一小 教学楼 三楼",
    en: "No. 1, Building A, 3rd floor",
  });
  expect(placeTitle(site, "990100/990102")).toEqual({ zh: "县", en: "County" });
  expect(placeTitle(site, "990100")).toEqual({ zh: "市", en: "City" });
  expect(placeTitle(site, "990100/990102/two").zh).toBe("990100/990102/two");
});
