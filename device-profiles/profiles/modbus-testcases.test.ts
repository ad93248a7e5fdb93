import { describe, expect, test } from "vitest";
import { ModbusImage } from "../codecs/modbus-image.ts";
import { encodeRequest, parseRequest, parseResponse } from "../codecs/modbus-pdu.ts";
import { PROFILES } from "./catalogue.ts";
import { followLog, readLogHeader, START_OF_LOG } from "./modbus-log.ts";
import { planReads } from "./modbus-plan.ts";
import { logHeaderSpans, type ModbusProfile, spansOf } from "./modbus-profile.ts";
import { readPoints } from "./modbus-reading.ts";
import type { ModbusTestcase } from "./testcase.ts";
import { expectedSamples, samplesOf, testcasesOf } from "./testing/testcases.ts";

const profiles = PROFILES.filter((profile): profile is ModbusProfile => profile.protocol === "modbus");
const NOW = Date.UTC(2026, 8, 1);

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** What the device would hold if it answered so. */
function imageOf({ exchanges }: ModbusTestcase): ModbusImage {
  const image = new ModbusImage();
  for (const [asked, answered] of exchanges) {
    const request = parseRequest(bytesOf(asked));
    if ("exception" in request || request.operation !== "read") throw new Error(`${asked} is no read`);
    const response = parseResponse(request, bytesOf(answered));
    if (response.kind !== "cells") throw new Error(`${answered} brings no cells`);
    image.write(request.table, request.pduAddress, response.cells);
  }
  return image;
}

function pollOf({ points, log, readGap }: ModbusProfile): readonly string[] {
  const spans = [
    ...Object.values(points).flatMap(spansOf),
    ...(log === undefined ? [] : logHeaderSpans(log)),
  ];
  return planReads(spans, readGap).map((request) => hexOf(encodeRequest(request)));
}

describe.each(profiles)("$id", async (profile) => {
  const testcases = await testcasesOf<ModbusTestcase>(profile.id);

  test("it has testcases, one of them a whole poll, and every metric is expected somewhere", () => {
    expect(testcases.length).toBeGreaterThan(0);
    expect(testcases.some(({ poll }) => poll)).toBe(true);
    const expected = testcases.flatMap(({ samples }) => Object.keys(samples ?? {}));
    expect(expected).toEqual(
      expect.arrayContaining([...Object.keys(profile.points), ...Object.keys(profile.identity)]),
    );
    if (profile.log !== undefined) expect(testcases.some(({ events = [] }) => events.length > 0)).toBe(true);
  });

  test.each(testcases)("$title", (testcase) => {
    const image = imageOf(testcase);
    const now = testcase.now ?? NOW;
    const samples = readPoints({ ...profile.identity, ...profile.points }, image, now);
    expect(samplesOf({ samples })).toMatchObject(expectedSamples(testcase.samples ?? {}));
    if (testcase.poll === true) {
      expect(testcase.exchanges.map(([asked]) => hexOf(bytesOf(asked)))).toEqual(pollOf(profile));
    }
    if (testcase.events !== undefined) {
      expect(profile.log).toBeDefined();
      if (profile.log === undefined) return;
      const header = readLogHeader(profile.log, image, now);
      if (header === undefined) throw new Error("the testcase lacks the log's header");
      const pseudonym = (text: string) => `<${text}>`;
      const { events, cursor } = followLog(profile.log, START_OF_LOG, header, image, { now, pseudonym });
      expect(events.map(({ quality, eventTime, fields }) => ({ quality, eventTime, fields }))).toEqual(
        testcase.events,
      );
      expect(cursor.serial).toBe(header.newest);
    }
  });
});

test("there are Modbus profiles", () => {
  expect(profiles.length).toBeGreaterThanOrEqual(5);
});
