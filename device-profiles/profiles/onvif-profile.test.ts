import { describe, expect, test } from "vitest";
import { parsePullMessages, parseSoap } from "../codecs/onvif-responses.ts";
import { metricDefinition } from "../vocabulary/index.ts";
import { PROFILES } from "./catalogue.ts";
import { eventFromNotification } from "./onvif-access.ts";
import { type OnvifProfile, onvifFamilies, onvifMetrics, samplesFromNotification } from "./onvif-profile.ts";
import type { OnvifTestcase } from "./testcase.ts";
import { testcasesOf } from "./testing/testcases.ts";

const profiles = PROFILES.filter((profile): profile is OnvifProfile => profile.protocol === "onvif");

/** Four video sources, as the simulator has them. */
const CHANNELS = new Map([1, 2, 3, 4].map((channel) => [`VideoSource_${channel}`, channel]));

describe.each(profiles)("$id", async (profile) => {
  const testcases = await testcasesOf<OnvifTestcase>(profile.id);

  test("has testcases for each of its metrics, which are in the capability dictionary", () => {
    const told = testcases.flatMap(({ samples }) =>
      samples.map(([metric]) => metric.replace(/\/\d+\//, "/*/")),
    );
    for (const { metric } of profile.topics) expect(told).toContain(metric);
    for (const metric of [...onvifMetrics(profile), ...onvifFamilies(profile)]) {
      expect(metricDefinition(metric.replace("*", "1")), metric).toBeDefined();
    }
  });

  test.each(testcases)("$title", ({ document, receivedAt, clockOffset_ms = 0, events = [], samples }) => {
    const answer = parseSoap(document);
    const notifications = (answer?.kind === "body" ? parsePullMessages(answer.body) : undefined) ?? [];
    const receipt = { receivedAt, clockOffset_ms };
    const found = notifications.flatMap((each) => samplesFromNotification(profile, each, receipt, CHANNELS));
    expect(found.map(({ metric, value, quality, eventTime }) => [metric, value, quality, eventTime])).toEqual(
      samples,
    );
    const told = notifications.flatMap(
      (each) => eventFromNotification(each, receipt, (text) => `<${text}>`) ?? [],
    );
    expect(
      told.map(({ event, eventTime, fields, quality }) => ({ event, eventTime, fields, quality })),
    ).toEqual(events);
  });
});
