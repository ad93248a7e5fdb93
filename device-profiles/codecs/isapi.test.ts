import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  acsEventSearch,
  formatDeviceTime,
  parseAcsEvents,
  parseAlert,
  parseDeviceInfo,
  parseDeviceTime,
  parseOldestRecording,
  parseResponseStatus,
  parseStorage,
  parseTime,
  parseWorkStatus,
} from "./isapi.ts";
import { booleanIn, listIn, MalformedDocumentError, numberIn, parseIsapi, textIn } from "./isapi-document.ts";

const document = (text: string) => parseIsapi(new TextEncoder().encode(text));
const CHINA_minutes = 480;

describe("documents", () => {
  test("XML and JSON of the same content are the same", () => {
    const xml = document(
      "<Alert><a>1</a><list><x><id>1</id></x><x><id>2</id></x></list><yes>true</yes><no/></Alert>",
    );
    const json = document(`{"Alert":{"a":1,"list":{"x":[{"id":1},{"id":2}]},"yes":true,"no":""}}`);
    for (const each of [xml, json]) {
      expect(numberIn(each, "a")).toBe(1);
      expect(listIn(each, "list", "x").map((x) => textIn(x, "id"))).toEqual(["1", "2"]);
      expect(booleanIn(each, "yes")).toBe(true);
      expect([textIn(each, "no"), numberIn(each, "no"), booleanIn(each, "no"), listIn(each, "no")]).toEqual([
        undefined,
        undefined,
        undefined,
        [],
      ]);
    }
    expect(listIn(document("<a><x>1</x></a>"), "x")).toEqual(["1"]);
  });

  test("what an object inherits is not in a document", () => {
    for (const name of ["constructor", "__proto__", "toString"]) {
      expect(textIn(document(`{"a":{"b":1},"c":2}`), name)).toBeUndefined();
    }
  });

  test.each(["", "<a>", "{", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "HTTP/1.1 200 OK"])(
    "%s is none",
    (text) => {
      expect(() => document(text)).toThrow(MalformedDocumentError);
    },
  );

  test("whatever comes, no parser throws anything else", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.string().map((text) => `<a>${text}</a>`),
        ),
        (text) => {
          try {
            const parsed = document(text);
            parseAlert(parsed);
            parseAcsEvents(parsed);
            parseDeviceInfo(parsed);
            parseTime(parsed);
            parseWorkStatus(parsed, 1);
            parseStorage(parsed);
            parseOldestRecording(parsed);
            parseResponseStatus(parsed);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedDocumentError);
          }
        },
      ),
    );
  });
});

describe("times", () => {
  test("with an offset are what they say; without one they are the device's own", () => {
    const noon = Date.UTC(2026, 8, 1, 4);
    for (const text of [
      "2026-09-01T12:00:00+08:00",
      "2026-09-01T04:00:00Z",
      "2026-09-01T12:00:00",
      "2026-09-01 12:00:00",
    ]) {
      expect(parseDeviceTime(text, CHINA_minutes), text).toBe(noon);
    }
    expect(parseDeviceTime("yesterday", CHINA_minutes)).toBeUndefined();
    expect(parseDeviceTime(undefined, CHINA_minutes)).toBeUndefined();
  });

  test("a written time is read back, in every zone", () => {
    const zone = fc.integer({ min: -14 * 4, max: 14 * 4 }).map((quarters) => quarters * 15);
    const second = fc.integer({ min: 0, max: 4_000_000_000 });
    fc.assert(
      fc.property(second, zone, (seconds, minutes) => {
        expect(parseDeviceTime(formatDeviceTime(seconds * 1_000, minutes), 0)).toBe(seconds * 1_000);
      }),
    );
  });

  test.each([
    ["<Time><localTime>2026-09-01T12:00:00+08:00</localTime></Time>", CHINA_minutes],
    [
      "<Time><localTime>2026-09-01T12:00:00</localTime><timeZone>CST-8:00:00</timeZone></Time>",
      CHINA_minutes,
    ],
    ["<Time><localTime>2026-09-01T00:00:00</localTime><timeZone>EST+4:00:00</timeZone></Time>", -240],
  ])("the clock is the same instant in %s", (text, zone_minutes) => {
    expect(parseTime(document(text))).toEqual({ time: Date.UTC(2026, 8, 1, 4), zone_minutes });
  });
});

test("a page of the log counts entries that cannot be read, so that the next page begins behind them", () => {
  const page = parseAcsEvents(
    document(
      `{"AcsEvent":{"searchID":"1","responseStatusStrg":"MORE","totalMatches":7,"numOfMatches":3,"InfoList":` +
        `[{"major":5,"minor":75,"serialNo":2},{"major":5},{"major":5,"minor":1,"serialNo":4294967296}]}}`,
    ),
  );
  expect(page).toMatchObject({ entries: 3, more: true, totalMatches: 7 });
  expect(page?.records.map(({ serial }) => serial)).toEqual([2]);
  expect(
    parseAcsEvents(document(`{"AcsEvent":{"responseStatusStrg":"NO MATCH","numOfMatches":0}}`)),
  ).toMatchObject({
    records: [],
    more: false,
  });
});

test("a search asks for everything between two times", () => {
  expect(JSON.parse(acsEventSearch("1", 30, 30, "a", "b"))).toEqual({
    AcsEventCond: {
      searchID: "1",
      searchResultPosition: 30,
      maxResults: 30,
      major: 0,
      minor: 0,
      startTime: "a",
      endTime: "b",
    },
  });
});

test("an answer to a command says yes, or why not", () => {
  const status = (code: number, sub: string): string =>
    `<ResponseStatus><statusCode>${code}</statusCode><statusString>x</statusString><subStatusCode>${sub}</subStatusCode></ResponseStatus>`;
  expect(parseResponseStatus(document(status(1, "ok")))).toEqual({ ok: true, subStatus: "ok" });
  expect(parseResponseStatus(document(status(4, "notSupport")))).toEqual({
    ok: false,
    subStatus: "notSupport",
  });
  expect(parseResponseStatus(document("<html><body>Login</body></html>"))).toBeUndefined();
});
