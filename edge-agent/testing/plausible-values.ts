/** Values that a metric or a field can have, by what the capability dictionary says of it. */
import {
  DataType,
  type EventFieldDefinition,
  type MetricDefinition,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import { fits } from "../core/report-by-exception.ts";

/** The large ones first: what a device tells in minutes it cannot tell of a second. */
const NUMBERS = [5_000, 1_013, 1_000, 500, 230, 120, 60, 50, 36.6, 21.5, 20, 10, 7, 2, 1];
/** In an order that makes the first two tell a device that follows from one that does not. */
export function plausibleValues(
  { datatype, plausible, values }: MetricDefinition | EventFieldDefinition,
  current: SampleValue,
): readonly SampleValue[] {
  if (datatype === DataType.Boolean) return [current !== true, current === true];
  const words = Object.keys(values ?? {});
  if (words.length > 0) return words.filter((word) => word !== current);
  if (datatype === DataType.String || datatype === DataType.Text)
    return ["A1", "B2", "12345678", "202600000002"];
  if (datatype === DataType.DateTime) return [Date.UTC(2026, 8, 1, 8), Date.UTC(2026, 8, 1, 9)];
  const [min, max] = plausible ?? [0, Number.MAX_SAFE_INTEGER];
  return NUMBERS.filter(
    (number) => number >= min && number <= max && number !== current && fits(number, datatype),
  );
}
