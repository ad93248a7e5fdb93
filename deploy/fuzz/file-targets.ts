/** Files that people hand in: calendars, timetables, rule packs, workbooks, plans. */
import { checkDocument, InvalidDocumentError } from "@campus-ops/service";
import { zipSync } from "fflate";
import { planType } from "../../dashboards/plans/plan-picture.ts";
import { InvalidWorkbookError, readWorkbook } from "../../dashboards/tables/read-workbook.ts";
import { timeZone } from "../../device-profiles/vocabulary/time-zone.ts";
import { CalendarFileError } from "../../rules/calendar/content-lines.ts";
import { readCalendar } from "../../rules/calendar/document.ts";
import { importEvents } from "../../rules/calendar/icalendar.ts";
import { readTimetable } from "../../rules/core/use/timetable-csv.ts";
import { loadPacks } from "../../rules/packs/load.ts";
import type { FuzzTarget } from "./targets.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array): string => new TextDecoder("utf-8").decode(bytes);

const HOLIDAYS = `BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
SUMMARY:国庆节假期
DTSTART;VALUE=DATE:20261001
DTEND;VALUE=DATE:20261008
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:exam
DTSTART;TZID=Asia/Shanghai:20260901T080000
DURATION:PT2H
RRULE:FREQ=WEEKLY;COUNT=10;BYDAY=MO,TU
EXDATE:20260908T000000Z
END:VEVENT
END:VCALENDAR
`;

const CALENDAR = `terms: [{ from: 2026-09-01, to: 2027-01-20 }]
holidays: [{ from: 2026-10-01, to: 2026-10-07 }]
schoolDay: { lesson: ["08:00-08:45", "08:55-09:40"], closed: ["22:00-06:00"] }
`;

const PACK = `id: own
version: 1
title: { zh: 自己的规则, en: Rules of our own }
rules:
  - id: warm
    version: 1
    title: { zh: 太热, en: Too warm }
    priority: 3
    selector: { class: [environment-sensor] }
    condition: { threshold: { metric: Air/Temperature, above: 30, deadband: 1 } }
    onDelay: 5m
    respondWithin: 1h
    card:
      cause: { zh: 一, en: one }
      consequence: { zh: 二, en: two }
      action: { zh: 三, en: three }
`;

const SHEET = zipSync({
  "xl/workbook.xml": utf8(
    '<workbook xmlns:r="r"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>',
  ),
  "xl/_rels/workbook.xml.rels": utf8(
    '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
  ),
  "xl/worksheets/sheet1.xml": utf8(
    '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row></sheetData></worksheet>',
  ),
});

const ANY_OBJECT = { type: "object" } as const;

export const FILE_TARGETS: readonly FuzzTarget[] = [
  {
    name: "iCalendar",
    share: 0.2,
    examples: [utf8(HOLIDAYS)],
    errors: [CalendarFileError],
    feed: (bytes) => {
      importEvents(text(bytes), { zone: timeZone("Asia/Shanghai"), around: Date.UTC(2026, 8, 1) });
    },
  },
  {
    name: "calendar",
    share: 0.2,
    examples: [utf8(CALENDAR)],
    errors: [InvalidDocumentError],
    feed: (bytes) => void readCalendar("calendar.yaml", text(bytes)),
  },
  {
    name: "timetable",
    examples: [utf8('校区,教室,星期,节次,班级\nschool,201,一,1,高一1班\nschool,201,mon,2,"a;b"\n')],
    errors: [],
    feed: (bytes) => void readTimetable(text(bytes)),
  },
  {
    name: "rule pack",
    share: 0.05,
    examples: [utf8(PACK)],
    errors: [InvalidDocumentError],
    feed: (bytes) => void loadPacks([{ name: "own.yaml", text: text(bytes) }], {}, new Set(["closed"])),
  },
  {
    name: "YAML",
    share: 0.2,
    examples: [utf8(CALENDAR), utf8(PACK)],
    errors: [InvalidDocumentError],
    feed: (bytes) => void checkDocument("any.yaml", text(bytes), ANY_OBJECT),
  },
  {
    name: "workbook",
    share: 0.05,
    examples: [SHEET],
    errors: [InvalidWorkbookError],
    feed: (bytes) => void readWorkbook(bytes, { isDay: () => false, rowsMax: 1_000 }),
  },
  {
    name: "plan",
    examples: [
      utf8(
        '<?xml version="1.0"?><!-- plan --><svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>',
      ),
    ],
    errors: [],
    feed: (bytes) => void planType(bytes),
  },
];
