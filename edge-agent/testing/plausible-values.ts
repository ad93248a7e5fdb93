/** Values that a metric or a field can have, by what the capability dictionary says of it. */
import {
  DataType,
  type EventFieldDefinition,
  type MetricDefinition,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";

const NUMBERS = [1, 2, 7, 10, 20, 21.5, 36.6, 50, 60, 120, 230, 500, 1_000, 1_013, 5_000];
const INTEGERS: ReadonlySet<DataType> = new Set([
  DataType.Int8,
  DataType.Int16,
  DataType.Int32,
  DataType.Int64,
  DataType.UInt8,
  DataType.UInt16,
  DataType.UInt32,
  DataType.UInt64,
]);

/** In an order that makes the first two tell a device that follows from one that does not. */
export function plausibleValues(
  { datatype, plausible, values }: MetricDefinition | EventFieldDefinition,
  current: SampleValue,
): readonly SampleValue[] {
  if (datatype === DataType.Boolean) return [current !== true, current === true];
  const words = Object.keys(values ?? {});
  if (words.length > 0) return words.filter((word) => word !== current);
  if (datatype === DataType.String || datatype === DataType.Text) return ["A1", "B2", "12345678"];
  if (datatype === DataType.DateTime) return [Date.UTC(2026, 8, 1, 8), Date.UTC(2026, 8, 1, 9)];
  const [min, max] = plausible ?? [0, Number.MAX_SAFE_INTEGER];
  return NUMBERS.filter(
    (number) =>
      number >= min &&
      number <= max &&
      number !== current &&
      (!INTEGERS.has(datatype) || Number.isInteger(number)),
  );
}
