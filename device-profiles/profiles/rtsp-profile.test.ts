import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseFramecrc } from "../codecs/framecrc.ts";
import { PROFILES } from "./catalogue.ts";
import { isSamePicture, PICTURE_BYTES, type RtspProfile, readProbe, type Still } from "./rtsp-profile.ts";
import type { RtspTestcase } from "./testcase.ts";
import { testcasesOf } from "./testing/testcases.ts";

const profiles = PROFILES.filter((profile): profile is RtspProfile => profile.protocol === "rtsp");

describe.each(profiles)("$id", async (profile) => {
  const testcases = await testcasesOf<RtspTestcase>(profile.id);

  test.each(testcases)("$title", ({ probes, samples }) => {
    let still: Still | undefined;
    let found = {};
    for (const { at, packets, pictures } of probes) {
      const probe = {
        at,
        stream: parseFramecrc(packets),
        pictures: pictures.map((grey) => new Uint8Array(PICTURE_BYTES).fill(grey)),
      };
      const result = readProbe(probe, still);
      still = result.still;
      found = Object.fromEntries(result.samples.map(({ metric, value }) => [metric, value]));
      for (const { eventTime, quality, value } of result.samples) {
        expect([eventTime, quality.status]).toEqual([at, value === null ? "bad" : "good"]);
      }
    }
    expect(found).toEqual(samples);
  });
});

test("noise of a few levels all over, or some pixels, is no change; a clock in the picture is one", () => {
  const still = new Uint8Array(PICTURE_BYTES).fill(90);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(PICTURE_BYTES - 1), fc.integer({ min: -4, max: 4 }))), (noise) => {
      const noisy = still.slice();
      for (const [at, level] of noise) noisy[at] = 90 + level;
      expect(isSamePicture(still, noisy)).toBe(true);
    }),
  );
  const clock = still.slice();
  clock.fill(200, 1_000, 1_012);
  expect(isSamePicture(still, clock)).toBe(false);
});
