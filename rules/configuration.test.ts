import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeGb18030 } from "@campus-ops/device-profiles/codecs/china-text";
import { InvalidDocumentError } from "@campus-ops/service";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfiguration } from "./configuration.ts";
import { numbersAt } from "./core/rule.ts";
import { SITE } from "./testing/hub.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rules-configuration-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(rules: string) {
  const file = join(folder, "hub.yaml");
  writeFileSync(file, `${SITE}rules:\n${rules}`);
  return loadConfiguration(file);
}

test("the points of a patrol are expected by its rule, and by no rule that cannot tell points apart", () => {
  const { rules, loadRules } = load(
    "  expected: { patrol-missed: { school/box-1/patrol: [gate, 化学楼] } }\n",
  );
  const expected = { "school/box-1/patrol": ["gate", "化学楼"] };
  for (const each of [rules, loadRules().rules]) {
    expect(each.filter((rule) => rule.expected !== undefined)).toMatchObject([
      { id: "patrol-missed", expected },
    ]);
  }
  for (const id of ["patrol-mised", "panic-pressed"]) {
    expect(() => load(`  expected: { ${id}: { school/box-1/patrol: [gate] } }\n`)).toThrow(
      InvalidDocumentError,
    );
  }
});

test("a number of a pack may be otherwise at a place and below it, the deepest place first", () => {
  const SCHOOL = "990100/990101/school";
  const { rules } = load(
    `  parameters: { visitorStay: 3h }\n  at:\n    ${SCHOOL}: { visitorStay: 2h }\n    ${SCHOOL}/gate: { visitorStay: 30m, doorHeldOpen: 10s }\n`,
  );
  const stay = (path: string) => {
    const rule = rules.find(({ id }) => id === "visitor-overstay");
    const condition = rule === undefined ? undefined : numbersAt(rule, path).condition;
    return condition?.kind === "unaccompanied" ? condition.after_ms / 60_000 : undefined;
  };
  expect([`${SCHOOL}/gate/1`, `${SCHOOL}/gates`, SCHOOL, "990100/990101/other"].map(stay)).toEqual([
    30, 120, 120, 180,
  ]);
  const held = rules.find(({ id }) => id === "door-held-open");
  expect(held?.at).toMatchObject([{ within: `${SCHOOL}/gate`, onDelay_ms: 10_000 }]);
  expect(
    rules
      .filter(({ at }) => at !== undefined)
      .map(({ id }) => id)
      .sort(),
  ).toEqual(["door-held-open", "visitor-overstay"]);
  expect(() => load(`  at: { ${SCHOOL}: { visitorStays: 2h } }\n`)).toThrow("changes no rule");
  expect(() => load(`  at: { ${SCHOOL}: { visitorStay: 2 } }\n`)).toThrow(`at ${SCHOOL}, must be a duration`);
  expect(() => load("  at: { School: { visitorStay: 2h } }\n")).toThrow(InvalidDocumentError);
});

test("a bus has its school and lines in every rule that looks at positions, and drives only in windows that there are", () => {
  const routes = (during: string): string =>
    `  routes:\n    school/box-1/bus-1:\n      school: [30.66, 104.06]\n      lines:\n        - { ${during}points: [[30.7, 104.06], [30.66, 104.06]] }\n`;
  const { rules } = load(routes(""));
  const routed = rules.filter((rule) => rule.routes !== undefined);
  expect(routed.map(({ id }) => id).sort()).toEqual([
    "bus-idling-aboard",
    "bus-not-arrived",
    "bus-off-route",
  ]);
  expect(routed[0]?.routes?.["school/box-1/bus-1"]).toMatchObject({
    corridor_m: 200,
    schoolRadius_m: 150,
    lines: [{ during: ["arrival", "departure"] }],
  });
  expect(() => load(routes("during: [swimming], "))).toThrow("the calendar has no window swimming");
  expect(() => load(routes("").replace("30.66, 104.06]", "130.66, 104.06]"))).toThrow(InvalidDocumentError);
});

test("the site's own time rules its calendar; a name that is no zone is refused where it stands", () => {
  const inZone = (name: string) => {
    const file = join(folder, "hub.yaml");
    writeFileSync(file, SITE.replace("site:\n", `site:\n  timeZone: ${name}\n`));
    return loadConfiguration(file);
  };
  expect(inZone("Asia/Urumqi").calendar.zone.name).toBe("Asia/Urumqi");
  expect(load("  grace: 30s\n").calendar.zone.name).toBe("Asia/Shanghai");
  expect(() => inZone("Asia/Nowhere")).toThrow("site.timeZone");
});

test("an iCalendar file is read in GBK, as programs here export it, and told by line and in Chinese where it is wrong", () => {
  const ics = (day: string): Uint8Array =>
    encodeGb18030(
      `BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:国庆节放假\r\nDTSTART;VALUE=DATE:${day}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`,
    );
  const rules =
    "  calendar: { import: [{ file: days.ics, as: holidays, containing: 放假 }], schoolDay: { lesson: ['08:00-09:00'] } }\n";
  writeFileSync(join(folder, "days.ics"), ics("20261001"));
  const { calendar } = load(rules);
  const isLesson = (day: string) => calendar.isIn("lesson", Date.parse(`${day}T08:30:00+08:00`));
  expect(["2026-09-30", "2026-10-01", "2026-10-02"].map(isLesson)).toEqual([true, false, true]);
  writeFileSync(join(folder, "days.ics"), ics("2026-10-01"));
  try {
    load(rules);
    expect.unreachable("it was taken");
  } catch (error) {
    const [problem] = (error as InvalidDocumentError).problems;
    expect(problem?.field).toBe("rules.calendar.import.0.file");
    expect(problem?.zh).toMatch(/^days\.ics 第 4 行：DTSTART “2026-10-01” 不是存在的日期/);
  }
});
