import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Reading } from "../vocabulary/index.ts";
import { PROFILES, type Profile } from "./catalogue.ts";
import type { PullProfile } from "./pull-profile.ts";
import { readRecords, recordsOf, recordsOfDocument } from "./pull-reading.ts";
import { formatTime, memberOf, type RecordMapping, readRecord } from "./record-mapping.ts";
import { parseJson, SourceMessageError } from "./source-message.ts";
import type { RecordTestcase } from "./testcase.ts";
import { eventsOf, expectedSamples, samplesOf, testcasesOf } from "./testing/testcases.ts";
import type { WebhookProfile } from "./webhook-profile.ts";

const isOfRecords = (profile: Profile): profile is PullProfile | WebhookProfile =>
  profile.protocol === "pull" || profile.protocol === "webhook";

const pseudonym = (text: string): string => `credential of ${text}`;

function read(profile: PullProfile | WebhookProfile, { document, now }: RecordTestcase): readonly Reading[] {
  if (profile.protocol === "webhook") {
    const receipt = { receivedAt: now, live: true, pseudonym };
    return recordsOf(parseJson(document), profile.records).flatMap(
      (record) => readRecord(profile.mappings, record, receipt) ?? [],
    );
  }
  const records = recordsOfDocument(profile, new TextEncoder().encode(document));
  return [readRecords(profile, records, undefined, { receivedAt: now, live: false, pseudonym })];
}

describe.each(PROFILES.filter(isOfRecords))("$id", async (profile) => {
  const testcases = await testcasesOf<RecordTestcase>(profile.id);

  test("it has testcases", () => {
    expect(testcases.length).toBeGreaterThan(0);
  });

  test.each(testcases)("$title", (testcase) => {
    const readings = read(profile, testcase);
    expect(samplesOf(...readings)).toEqual(expectedSamples(testcase.samples));
    expect(eventsOf(readings)).toEqual(testcase.events);
  });
});

const NOW = Date.UTC(2026, 8, 1, 0, 0, 30);
const mapping: RecordMapping = {
  id: "a.id",
  time: { path: "t", format: "epoch-s" },
  event: {
    name: "Controller/Session",
    fields: { begin: { path: "b" }, credential: { path: "c", isIdentity: true } },
  },
};

describe("a record", () => {
  test.each([
    ["iso", "2026-09-01T08:00:00+08:00"],
    ["epoch-s", Date.UTC(2026, 8, 1) / 1000],
    ["epoch-ms", Date.UTC(2026, 8, 1)],
    ["beijing", "2026-09-01 08:00:00"],
  ] as const)("has its time in %s", (format, t) => {
    const reading = readRecord(
      [{ ...mapping, time: { path: "t", format } }],
      { a: { id: 1 }, t },
      { receivedAt: NOW, live: false, pseudonym },
    );
    expect(reading?.events).toMatchObject([{ eventTime: Date.UTC(2026, 8, 1), quality: { status: "good" } }]);
    expect(new Date(formatTime(Date.UTC(2026, 8, 1), format)).getTime()).not.toBeNaN();
  });

  test("is read whatever it holds: names of the language itself are none", () => {
    expect(memberOf({ a: { b: 1 } }, "a.b")).toBe(1);
    expect(memberOf({}, "constructor.name")).toBeUndefined();
    expect(memberOf({ a: null }, "a.b")).toBeUndefined();
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("a", "t", "b", "c", "__proto__"), fc.jsonValue()),
        (record) => {
          for (const { fields, id } of readRecord([mapping], record, {
            receivedAt: NOW,
            live: true,
            pseudonym,
          })?.events ?? []) {
            expect(Object.keys(fields)).toEqual(["credential", "begin"]);
            expect(typeof id).toBe("string");
          }
        },
      ),
    );
  });
});

describe("a list", () => {
  const profile: PullProfile = {
    ...(PROFILES.find(({ id }) => id === "card-reader/generic-attendance-csv") as PullProfile),
    mappings: [mapping],
    cursor: { path: "a.id" },
  };
  const receipt = { receivedAt: NOW, live: false, pseudonym };
  const records = (...ids: readonly number[]) => ids.map((id) => ({ a: { id } }));

  test("is read from its cursor on, by size and not by letters", () => {
    const { cursor, events } = readRecords(profile, records(9, 10, 11), "9", receipt);
    expect(events.map(({ id }) => id)).toEqual(["10", "11"]);
    expect(cursor).toBe("11");
    expect(readRecords(profile, [], "9", receipt)).toMatchObject({ events: [], cursor: "9" });
    expect(readRecords(profile, records(), undefined, receipt)).not.toHaveProperty("cursor");
  });

  test("whose numbers all lie before it has begun anew; one that is asked for later records has not", () => {
    expect(readRecords(profile, records(1, 2), "900", receipt)).toMatchObject({
      cursor: "2",
      events: [{ id: "1" }, { id: "2" }],
    });
    const asked = { ...profile, cursor: { path: "a.id", query: "since" } };
    expect(readRecords(asked, records(1, 2), "900", receipt)).toMatchObject({ cursor: "900", events: [] });
  });

  test("that is none is an error", () => {
    expect(() => recordsOf([1], undefined)).toThrow(SourceMessageError);
    expect(() => recordsOf({}, "data")).toThrow(SourceMessageError);
    expect(() => recordsOfDocument(profile, Uint8Array.of(0x41, 0xff, 0xff))).toThrow("no encoding");
    expect(() => recordsOfDocument(profile, new TextEncoder().encode('a\n"b'))).toThrow("no CSV");
  });
});

describe("a record that is about one of many", () => {
  const counts: RecordMapping = { instance: "c", samples: { n: { metric: "Attendance/*/Present" } } };
  const receipt = { receivedAt: NOW, live: true, pseudonym };

  test.each([
    ["3-1", "Attendance/3-1/Present"],
    [" 三(2)班 ", "Attendance/三(2)班/Present"],
    [12, "Attendance/12/Present"],
  ])("tells the metric of %s", (c, metric) => {
    expect(readRecord([counts], { c, n: 5 }, receipt)?.samples).toMatchObject([{ metric, value: 5 }]);
  });

  test.each([undefined, null, "", "3/1", "a b", "#", "x".repeat(33)])(
    "is of no kind where it says %s",
    (c) => {
      expect(readRecord([counts], { c, n: 5 }, receipt)).toBeUndefined();
    },
  );
});
