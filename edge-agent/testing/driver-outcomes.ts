/** What comes of asking a driver, as tests compare it. */
import type { MetricName, Reading, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { DriverError } from "../drivers/driver.ts";

export const valuesOf = (reading: Reading | undefined): Readonly<Record<MetricName, SampleValue>> =>
  Object.fromEntries(reading?.samples.map(({ metric, value }) => [metric, value]) ?? []);

/** The error that a promise rejects with. Throws where it is no {@link DriverError}, and where that tells the secret. */
export async function failureOf(
  promise: Promise<unknown> | undefined,
  secret?: string,
): Promise<DriverError> {
  const error = await promise?.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DriverError)) throw new Error(`expected a DriverError, got ${String(error)}`);
  if (secret !== undefined && error.message.includes(secret)) throw new Error("the error tells the secret");
  return error;
}
