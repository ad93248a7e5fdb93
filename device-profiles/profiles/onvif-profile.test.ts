import { describe, expect, test } from "vitest";
import { parsePullMessages, parseSoap } from "../codecs/onvif-responses.ts";
import { metricDefinition } from "../vocabulary/index.ts";
import { genericOnvif } from "./camera/generic-onvif.ts";
import { ONVIF_TESTCASES, RECEIVED_AT } from "./camera/onvif-testcases.ts";
import { samplesFromNotification } from "./onvif-profile.ts";

describe("ONVIF testcases", () => {
  test("are there", () => {
    expect(ONVIF_TESTCASES.length).toBeGreaterThanOrEqual(10);
    const metrics = new Set(ONVIF_TESTCASES.flatMap(({ samples }) => samples.map(([metric]) => metric)));
    expect([...metrics].sort()).toEqual([...new Set(genericOnvif.topics.map(({ metric }) => metric))].sort());
  });

  test.each(ONVIF_TESTCASES)("$title", ({ document, clockOffset_ms = 0, samples }) => {
    const answer = parseSoap(document);
    const notifications = answer?.kind === "body" ? parsePullMessages(answer.body) : undefined;
    const found = notifications?.flatMap((each) =>
      samplesFromNotification(genericOnvif, each, { receivedAt: RECEIVED_AT, clockOffset_ms }),
    );
    expect(
      found?.map(({ metric, value, quality, eventTime }) => [metric, value, quality, eventTime]),
    ).toEqual(samples);
  });
});

test("every metric of the profile is in the capability dictionary", () => {
  for (const { metric } of genericOnvif.topics) expect(metricDefinition(metric), metric).toBeDefined();
});
