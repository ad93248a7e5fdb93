import { describe, expect, test } from "vitest";
import { parseAccessRecords, parseEvent, parseTable } from "../codecs/dahua.ts";
import { type DeviceEvent, metricDefinition, type Sample } from "../vocabulary/index.ts";
import { PROFILES } from "./catalogue.ts";
import {
  type DahuaProfile,
  dahuaMetrics,
  doorStatusIn,
  metricsOfCode,
  readDahuaRecord,
  samplesOfDoorStatus,
  samplesOfStorage,
} from "./dahua-profile.ts";
import type { DahuaTestcase } from "./testcase.ts";
import { testcasesOf } from "./testing/testcases.ts";

const profiles = PROFILES.filter((profile): profile is DahuaProfile => profile.protocol === "dahua");

function read(
  profile: DahuaProfile,
  { kind, text }: DahuaTestcase["texts"][number],
  receipt: { readonly receivedAt: number; readonly clockOffset_ms: number },
): readonly (Pick<Sample, "metric" | "value"> | DeviceEvent)[] {
  const bytes = new TextEncoder().encode(text);
  switch (kind) {
    case "storage":
      return samplesOfStorage(parseTable(bytes), receipt.receivedAt);
    case "door-status":
      return samplesOfDoorStatus(parseTable(bytes).get("Info.status"), receipt.receivedAt);
    case "records":
      return parseAccessRecords(parseTable(bytes)).map((record) =>
        readDahuaRecord(record, "id", { ...receipt, pseudonym: (each) => `<${each}>` }),
      );
    case "event": {
      const event = parseEvent(bytes);
      if (event === undefined || event === "heartbeat") return [];
      const status = doorStatusIn(event);
      if (status !== undefined) return samplesOfDoorStatus(status, receipt.receivedAt);
      return metricsOfCode(profile, event.code, event.index).map((metric) => ({
        metric,
        value: event.action !== "Stop",
      }));
    }
  }
}

describe.each(profiles)("$id", async (profile) => {
  const testcases = await testcasesOf<DahuaTestcase>(profile.id);

  test.each(testcases)("$title", ({ clockOffset_ms = 0, events = [], receivedAt, samples = [], texts }) => {
    const found = texts.flatMap((each) => read(profile, each, { receivedAt, clockOffset_ms }));
    expect(found.flatMap((each) => ("metric" in each ? [[each.metric, each.value]] : []))).toEqual(samples);
    const told = found.flatMap((each) => ("event" in each ? [each] : []));
    expect(told.map(({ eventTime, fields, quality }) => ({ eventTime, fields, quality }))).toEqual(events);
  });

  test("has testcases for all it tells, which is in the capability dictionary", () => {
    const names = testcases.flatMap(({ samples = [] }) =>
      samples.map(([metric]) => metric.replace(/\/\d+\//, "/*/")),
    );
    for (const { metric } of profile.topics) expect(names).toContain(metric);
    for (const metric of dahuaMetrics(profile)) expect(metricDefinition(metric), metric).toBeDefined();
  });
});
