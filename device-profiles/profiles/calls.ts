/** What every device that calls in tells of the calls at its port. */
import type { MetricName } from "../vocabulary/index.ts";

export const CALL_METRICS: readonly MetricName[] = [
  "Connectivity/RefusedCalls",
  "Connectivity/UnknownCallers",
  "Connectivity/Malformed",
];
