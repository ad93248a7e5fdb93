/**
 * A record's metrics as bytes: a Sparkplug payload whose names are aliases of the outbox's dictionary, and whose event
 * times are left out where they are the record's own. A telemetry sample takes about 14 bytes.
 */
import { decodePayload, encodePayload, interpret, type Metric } from "@campus-ops/broker/sparkplug";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Dictionary } from "./dictionary.ts";
import type { NewRecord } from "./record.ts";

export function encodeBody(record: NewRecord, from: Timestamp, dictionary: Dictionary): Uint8Array {
  const metrics = record.metrics.map((metric): Metric => {
    const { name, datatype, timestamp } = metric;
    if (name === undefined || datatype === undefined) {
      throw new Error("every metric of a record carries its name and datatype");
    }
    const { timestamp: _time, ...rest } = metric;
    const alias = dictionary.alias(record.device, name, datatype);
    return timestamp === undefined || timestamp === from ? { ...rest, alias } : { ...rest, alias, timestamp };
  });
  return encodePayload({ metrics }, { compact: true });
}

/** What a record's bytes cannot be, unless the file is damaged in a way that SQLite does not see. */
export class UnreadableRecordError extends Error {
  override readonly name = "UnreadableRecordError";
}

export function decodeBody(body: Uint8Array, from: Timestamp, dictionary: Dictionary): readonly Metric[] {
  const decoded = decodePayload(body);
  if (!decoded.ok) throw new UnreadableRecordError(decoded.error.message);
  return decoded.payload.metrics.map((metric) => {
    const meaning = metric.alias === undefined ? undefined : dictionary.byAlias(metric.alias);
    if (meaning === undefined)
      throw new UnreadableRecordError(`alias ${metric.alias} is not in the dictionary`);
    const { alias: _alias, ...rest } = metric;
    const value = interpret(metric.value, meaning.datatype);
    if (value === undefined) {
      throw new UnreadableRecordError(`a value of ${meaning.name} is not of its datatype`);
    }
    const { name, datatype } = meaning;
    return { ...rest, name, datatype, value, timestamp: metric.timestamp ?? from };
  });
}
