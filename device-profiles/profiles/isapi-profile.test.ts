import { describe, expect, test } from "vitest";
import { parseAcsEvents, parseAlert, parseStorage, parseWorkStatus } from "../codecs/isapi.ts";
import { type IsapiNode, parseIsapi } from "../codecs/isapi-document.ts";
import { type DeviceEvent, metricDefinition, type Sample, type Timestamp } from "../vocabulary/index.ts";
import { PROFILES } from "./catalogue.ts";
import { readAccessRecord } from "./isapi-access.ts";
import { AlertStates } from "./isapi-alerts.ts";
import { type IsapiProfile, isapiMetrics, samplesOfDisks, samplesOfWorkStatus } from "./isapi-profile.ts";
import type { IsapiTestcase } from "./testcase.ts";
import { testcasesOf } from "./testing/testcases.ts";

const profiles = PROFILES.filter((profile): profile is IsapiProfile => profile.protocol === "isapi");
const CHINA_minutes = 480;

interface Brought {
  readonly samples: readonly Sample[];
  readonly events: readonly DeviceEvent[];
}

/** What one document means, as the driver takes it. */
function read(
  profile: IsapiProfile,
  kind: IsapiTestcase["documents"][number]["kind"],
  document: IsapiNode,
  receipt: { readonly receivedAt: Timestamp; readonly clockOffset_ms: number },
): Brought {
  const { receivedAt } = receipt;
  const nothing = { samples: [], events: [] };
  switch (kind) {
    case "storage":
      return { ...nothing, samples: samplesOfDisks(parseStorage(document) ?? [], receivedAt) };
    case "work-status": {
      const status = parseWorkStatus(document, 1);
      return status === undefined
        ? nothing
        : { ...nothing, samples: samplesOfWorkStatus(status, receivedAt) };
    }
    case "alert":
    case "record": {
      const alert = kind === "alert" ? parseAlert(document) : undefined;
      const page = parseAcsEvents({ responseStatusStrg: "OK", InfoList: [document] });
      const record = kind === "alert" ? alert?.access : page?.records[0];
      const told = alert === undefined ? [] : new AlertStates(profile).take(alert, CHINA_minutes, receipt);
      if (record === undefined || profile.access === undefined) return { samples: told, events: [] };
      const context = {
        ...receipt,
        access: profile.access,
        door: 1,
        zone_minutes: CHINA_minutes,
        live: kind === "alert",
        pseudonym: (text: string) => `<${text}>`,
      };
      const { events, samples } = readAccessRecord(record, "id", context);
      return { samples: [...told, ...samples], events };
    }
  }
}

describe.each(profiles)("$id", async (profile) => {
  const testcases = await testcasesOf<IsapiTestcase>(profile.id);

  test.each(testcases)(
    "$title",
    ({ clockOffset_ms = 0, documents, events = [], receivedAt, samples = [] }) => {
      const brought = documents.map(({ kind, text }) =>
        read(profile, kind, parseIsapi(new TextEncoder().encode(text)), { receivedAt, clockOffset_ms }),
      );
      const found = brought.flatMap((each) => each.samples);
      expect(found.map((each) => [each.metric, each.value, each.quality, each.eventTime])).toEqual(samples);
      const told = brought.flatMap((each) => each.events);
      expect(
        told.map(({ event, eventTime, fields, quality }) => ({ event, eventTime, fields, quality })),
      ).toEqual(events);
    },
  );

  test("has testcases, and all its metrics are in the capability dictionary", () => {
    expect(testcases.length).toBeGreaterThan(0);
    const tested = new Set(testcases.flatMap(({ samples = [] }) => samples.map(([metric]) => metric)));
    for (const { metric } of profile.alerts) {
      const names = [...tested].map((each) => each.replace(/\/\d+\//, "/*/"));
      expect(names).toContain(metric);
    }
    for (const metric of isapiMetrics(profile)) expect(metricDefinition(metric), metric).toBeDefined();
  });
});
