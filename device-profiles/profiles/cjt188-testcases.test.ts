import { describe, expect, test } from "vitest";
import { answerTo, Cjt188Splitter, READING } from "../codecs/cjt188.ts";
import { PROFILES } from "./catalogue.ts";
import { type Cjt188Profile, cjt188Metrics, readCjt188 } from "./cjt188-profile.ts";
import type { Cjt188Testcase } from "./testcase.ts";
import { expectedSamples, samplesOf, testcasesOf } from "./testing/testcases.ts";

const profiles = PROFILES.filter((profile): profile is Cjt188Profile => profile.protocol === "cjt188");
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

function readingIn(hex: string, meterType: number): Uint8Array {
  const [frame, ...more] = new Cjt188Splitter().push(bytes(hex));
  const value = frame === undefined ? undefined : answerTo(READING, frame.data)?.value;
  if (value === undefined || more.length > 0) throw new Error(`${hex} is not one reading`);
  expect(frame?.meterType).toBe(meterType);
  return value;
}

describe.each(profiles)("$id", async ({ id, layout, meterType, ...profile }) => {
  const testcases = await testcasesOf<Cjt188Testcase>(id);

  test("it has testcases, and every metric is expected somewhere", () => {
    const expected = testcases.flatMap(({ samples }) => Object.keys(samples));
    expect(expected).toEqual(
      expect.arrayContaining([...cjt188Metrics({ ...profile, id, layout, meterType })]),
    );
  });

  test.each(testcases)("$title", (testcase) => {
    const samples = testcase.frames.flatMap((hex) =>
      readCjt188(layout, readingIn(hex, meterType), Date.parse(testcase.readAt)),
    );
    expect(samplesOf({ samples })).toMatchObject(expectedSamples(testcase.samples));
  });
});

test("there are meters of water and of heat", () => {
  expect(profiles.map(({ meterType }) => meterType)).toEqual(expect.arrayContaining([0x10, 0x20]));
});
