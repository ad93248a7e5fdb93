import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatLocalTime,
  parseAccessRecords,
  parseEvent,
  parseIndexes,
  parseLocalTime,
  parseTable,
  rowsOf,
} from "./dahua.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const CHINA_minutes = 480;

test("a table is its lines; a value may hold an equals sign, and what is no line is left out", () => {
  const table = parseTable(bytes("a=1\r\nb.c[0]=x=y\r\nnonsense\r\n=z\r\n\r\nempty=\r\n"));
  expect([...table]).toEqual([
    ["a", "1"],
    ["b.c[0]", "x=y"],
    ["empty", ""],
  ]);
});

test("rows come in the order of their numbers, whatever the order of the lines", () => {
  const rows = rowsOf(parseTable(bytes("r[10].a=3\nr[2].a=2\nr[0].a=1\nr[2].b.c=4\nother[0].a=9")), "r");
  expect(rows.map((row) => Object.fromEntries(row))).toEqual([
    { a: "1" },
    { a: "2", "b.c": "4" },
    { a: "3" },
  ]);
});

test("an event, with data over several lines, with semicolons inside, with none", () => {
  const data = `{\n   "Name" : "a;b=c",\n   "Id" : [ 0, 1 ]\n}`;
  expect(parseEvent(bytes(`Code=VideoMotion;action=Start;index=2;data=${data}\n`))).toEqual({
    code: "VideoMotion",
    action: "Start",
    index: 2,
    data: { Name: "a;b=c", Id: [0, 1] },
  });
  expect(parseEvent(bytes("Code=AlarmLocal;action=Stop;index=0"))).toMatchObject({
    action: "Stop",
    data: null,
  });
  expect(parseEvent(bytes("Code=Reboot;action=Pulse"))).toMatchObject({ code: "Reboot", index: 0 });
  expect(parseEvent(bytes("Heartbeat\r\n"))).toBe("heartbeat");
});

test("indexes are those of the channels, and an error has none", () => {
  expect(parseIndexes(parseTable(bytes("channels[0]=0\r\nchannels[1]=3\r\n")))).toEqual([0, 3]);
  expect(parseIndexes(parseTable(bytes("Error: No Events\r\n")))).toEqual([]);
});

test("local times are read in the device's zone, with or without leading zeros, and written so that they are read", () => {
  const noon = Date.UTC(2026, 8, 1, 4);
  for (const text of ["2026-09-01 12:00:00", "2026-9-1 12:0:0"])
    expect(parseLocalTime(text, CHINA_minutes)).toBe(noon);
  expect(parseLocalTime("", CHINA_minutes)).toBeUndefined();
  expect(parseLocalTime(undefined, CHINA_minutes)).toBeUndefined();
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000_000 }),
      fc.constantFrom(-300, 0, 330, 480),
      (seconds, zone) => {
        expect(parseLocalTime(formatLocalTime(seconds * 1_000, zone), zone)).toBe(seconds * 1_000);
      },
    ),
  );
});

test("whatever comes, nothing throws, and a record has a number or is none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.string(), (noise, text) => {
      for (const each of [noise, bytes(text), bytes(`records[0].RecNo=${text}\r\n`)]) {
        parseEvent(each);
        const records = parseAccessRecords(parseTable(each));
        expect(records.every(({ recNo }) => Number.isInteger(recNo) && recNo >= 0)).toBe(true);
      }
    }),
  );
});
