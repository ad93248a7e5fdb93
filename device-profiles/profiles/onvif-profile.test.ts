import { describe, expect, test } from "vitest";
import { parsePullMessages, parseSoap } from "../codecs/onvif-responses.ts";
import { metricDefinition } from "../vocabulary/index.ts";
import { PROFILES } from "./catalogue.ts";
import { type OnvifProfile, samplesFromNotification } from "./onvif-profile.ts";
import type { OnvifTestcase } from "./testcase.ts";

const profiles = PROFILES.filter((profile): profile is OnvifProfile => profile.protocol === "onvif");

describe.each(profiles)("$id", async (profile) => {
  const { testcases } = (await import(new URL(`./${profile.id}.testcases.ts`, import.meta.url).href)) as {
    testcases: readonly OnvifTestcase[];
  };

  test("has testcases for each of its metrics, which are in the capability dictionary", () => {
    const tested = new Set(testcases.flatMap(({ samples }) => samples.map(([metric]) => metric)));
    for (const { metric } of profile.topics) {
      expect([...tested]).toContain(metric);
      expect(metricDefinition(metric), metric).toBeDefined();
    }
  });

  test.each(testcases)("$title", ({ document, receivedAt, clockOffset_ms = 0, samples }) => {
    const answer = parseSoap(document);
    const notifications = answer?.kind === "body" ? parsePullMessages(answer.body) : undefined;
    const found = notifications?.flatMap((each) =>
      samplesFromNotification(profile, each, { receivedAt, clockOffset_ms }),
    );
    expect(
      found?.map(({ metric, value, quality, eventTime }) => [metric, value, quality, eventTime]),
    ).toEqual(samples);
  });
});
