import { describe, expect, test } from "vitest";
import {
  Dlt645Splitter,
  encodeDlt645,
  encodeIdentifier,
  READ_DATA,
  splitIdentifier,
} from "../codecs/dlt645.ts";
import { PROFILES } from "./catalogue.ts";
import { type Dlt645Profile, itemBytes, readItem } from "./dlt645-profile.ts";
import type { Dlt645Testcase } from "./testcase.ts";
import { expectedSamples, samplesOf, testcasesOf } from "./testing/testcases.ts";

const profiles = PROFILES.filter((profile): profile is Dlt645Profile => profile.protocol === "dlt645");
const NOW = Date.UTC(2026, 8, 1);
const WAKE_UP = "FEFEFEFE";

function frameOf(hex: string) {
  const [frame, ...more] = new Dlt645Splitter().push(Uint8Array.from(Buffer.from(hex, "hex")));
  if (frame === undefined || more.length > 0) throw new Error(`${hex} is not one frame`);
  return frame;
}

describe.each(profiles)("$id", async (profile) => {
  const testcases = await testcasesOf<Dlt645Testcase>(profile.id);
  const items = [...profile.identity, ...profile.items];

  test("it has testcases, one of them a whole poll, and every metric is expected somewhere", () => {
    expect(testcases.some(({ poll }) => poll)).toBe(true);
    const expected = testcases.flatMap(({ samples }) => Object.keys(samples));
    expect(expected).toEqual(
      expect.arrayContaining(items.flatMap(({ fields }) => fields.map(({ metric }) => metric))),
    );
  });

  test.each(testcases)("$title", (testcase) => {
    const asked = testcase.exchanges.map(([request]) => frameOf(request));
    const samples = testcase.exchanges.flatMap(([, response], index) => {
      const { address, data } = frameOf(response);
      expect(address).toBe(asked[index]?.address);
      const { identifier, value } = splitIdentifier(data) ?? {};
      const item = items.find((each) => each.identifier === identifier);
      if (item === undefined || value === undefined) throw new Error(`${response} answers no item`);
      expect(value.length).toBe(itemBytes(item));
      return readItem(item, value, NOW);
    });
    expect(samplesOf({ samples })).toEqual(expectedSamples(testcase.samples));
    if (testcase.poll !== true) return;
    const poll = profile.items.map(({ identifier }) => {
      const data = encodeIdentifier(identifier);
      const frame = encodeDlt645({ address: asked[0]?.address ?? "", control: READ_DATA, data });
      return Buffer.from(frame).toString("hex").toUpperCase().replace(WAKE_UP, "");
    });
    expect(testcase.exchanges.map(([request]) => request)).toEqual(poll);
  });
});

test("there are meters", () => {
  expect(profiles.length).toBeGreaterThanOrEqual(2);
});
