/** What the tests of a profile's testcases have in common: finding them, and saying what was read as they say it. */
import {
  GOOD,
  type MetricName,
  type Quality,
  type Reading,
  type SampleValue,
} from "../../vocabulary/index.ts";
import type { ExpectedEvent } from "../testcase.ts";

/** A metric's value; or, where it is not good, its value and quality. */
type Expected = SampleValue | { readonly value: SampleValue; readonly quality: Quality };

/** Beside the profile, as `<id>.testcases.ts`. */
export async function testcasesOf<Testcase>(id: string): Promise<readonly Testcase[]> {
  const { testcases } = (await import(new URL(`../${id}.testcases.ts`, import.meta.url).href)) as {
    testcases: readonly Testcase[];
  };
  return testcases;
}

export const samplesOf = (...readings: readonly Pick<Reading, "samples">[]) =>
  Object.fromEntries(
    readings.flatMap(({ samples }) =>
      samples.map(({ metric, quality, value }) => [metric, { value, quality }]),
    ),
  );

/** As {@link samplesOf} has them: what says no quality is good. */
export const expectedSamples = (samples: Readonly<Record<MetricName, Expected>>) =>
  Object.fromEntries(
    Object.entries(samples).map(([metric, expected]) => [
      metric,
      typeof expected === "object" && expected !== null ? expected : { value: expected, quality: GOOD },
    ]),
  );

export const eventsOf = (readings: readonly Reading[]): readonly ExpectedEvent[] =>
  readings.flatMap(({ events }) =>
    events.map(({ eventTime, fields, quality }) => ({ eventTime, quality, fields })),
  );
