import { CampusId, type Site } from "@campus-ops/device-profiles/vocabulary";
import { describe, expect, test } from "vitest";
import { en } from "../text/en.ts";
import { zh } from "../text/zh.ts";
import { bytesText, percentText } from "./number.ts";
import { placeText, shortPlaceText } from "./place.ts";
import { agoText, spanText } from "./time.ts";
import { eventFieldsText, metricTitle, metricValueText, qualityReason } from "./value.ts";

describe("a value in words", () => {
  test("spells text states out in the reader's language", () => {
    expect(metricValueText("Projector/Power", "cooling", "zh")).toBe("散热中");
    expect(metricValueText("Projector/Power", "cooling", "en")).toBe("cooling");
  });

  test("carries its unit, and no more digits than the device would report as a change", () => {
    expect(metricValueText("Environment/CO2", 1189.96, "en")).toBe("1,190 ppm");
    expect(metricValueText("Environment/Temperature", 23.46, "zh")).toBe("23.5 °C");
  });

  test("reads 64-bit counters, which travel as decimal strings", () => {
    expect(metricValueText("Port/3/InOctets", "1073741824", "en")).toBe("1 GiB");
  });

  test("shows what the dictionary does not know as it came, and nothing as a dash", () => {
    expect(metricValueText("Vendor/Odd", "constructor", "en")).toBe("constructor");
    expect(metricValueText("Projector/Power", "__proto__", "en")).toBe("__proto__");
    expect(metricValueText("Environment/CO2", null, "en")).toBe("—");
  });

  test("names the instance where a device has several", () => {
    expect(metricTitle("PoE/7/Enabled", "zh")).toBe("端口 7 · 供电开关");
    expect(metricTitle("PoE/7/Enabled", "en")).toBe("Port 7 · enabled");
  });

  test("leaves out the fields of an event that the device said nothing about", () => {
    const fields = { serial: 12, credential: null, result: "refused" };
    expect(eventFieldsText("Access/Swipe", fields, "zh")).toEqual([
      { title: "流水号", value: "12" },
      { title: "结果", value: "拒绝" },
    ]);
  });

  test("says why a reading is not good", () => {
    expect(qualityReason({ status: "good" }, "en")).toBeUndefined();
    expect(qualityReason({ status: "bad", reason: "stuck" }, "zh")).toBe("读数长时间不变");
  });
});

describe("numbers", () => {
  test("a ratio short of one never reads as 100 %", () => {
    expect(percentText(0.99996)).toBe("99.9%");
    expect(percentText(1)).toBe("100%");
    expect(percentText(0.29)).toBe("29%");
  });

  test("bytes are counted in powers of 1024", () => {
    expect(bytesText(1536, "en-GB")).toBe("1.5 KiB");
    expect(bytesText(12, "en-GB")).toBe("12 B");
  });
});

describe("times", () => {
  test("a span is told with the precision a person acts on", () => {
    expect(spanText(59_999, en)).toBe("59 s");
    expect(spanText(3_600_000 + 120_000, en)).toBe("1 h 2 min");
    expect(spanText(72 * 3_600_000, zh)).toBe("3 天");
  });

  test("a time ahead of this machine's clock is called that, not an age", () => {
    expect(agoText(70_000, 0, en)).toBe("1 min ahead of this machine's clock");
    expect(agoText(0, 70_000, en)).toBe("1 min ago");
    expect(agoText(500, 0, zh)).toBe("刚刚");
  });
});

test("a place is named from the campus down, and a segment without a title stands for itself", () => {
  const site: Site = {
    city: { code: "990100", title: { zh: "市", en: "City" } },
    counties: [
      {
        code: "990102",
        title: { zh: "县", en: "County" },
        campuses: [
          {
            id: CampusId("no1"),
            title: { zh: "一中", en: "No. 1" },
            places: { a: { zh: "教学楼", en: "Building A" } },
          },
        ],
      },
    ],
  };
  expect(placeText(site, "990100/990102/no1/a/3", "zh")).toBe("一中 · 教学楼 · 3");
  expect(shortPlaceText(site, "990100/990102/no1/a/3", "en")).toBe("No. 1 · 3");
  expect(shortPlaceText(site, "990100/990102/no1", "en")).toBe("No. 1");
  expect(placeText(site, "990100/990102", "en")).toBe("County");
  expect(shortPlaceText(site, "990100/990102", "en")).toBe("County");
  expect(placeText(undefined, "990100/990102/no1/a", "en")).toBe("no1 · a");
});
