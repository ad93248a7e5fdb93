/** How the checks of the edge agent look at a recording. */
import { expect } from "vitest";
import { type Clause, clauses, every } from "./clauses.ts";
import type { EdgeRecording } from "./edge-scenario.ts";
import { type Message, messageOf, readWire, type WireMetric } from "./recording.ts";

export const NODE_TYPES = ["NBIRTH", "NDATA", "NDEATH"];
export const DEVICE_TYPES = ["DBIRTH", "DDATA", "DDEATH"];
export const BOOLEAN = 11;
export const INT64 = 4;
export const UINT64_MAX_TIME = 4_102_444_800_000;

export type Check = (recording: EdgeRecording) => void;
export const edge = (says: string, ids: string, check: Check): readonly Clause<EdgeRecording>[] =>
  clauses(says, ids.trim().split(/\s+/), check);

export const named = (message: Message, name: string): WireMetric | undefined =>
  message.payload.metrics?.find((metric) => metric.name === name);
export const metricsOf = (messages: readonly Message[]): readonly WireMetric[] =>
  messages.flatMap(({ payload }) => payload.metrics ?? []);
/** Connection by connection, what carries a seq. */
export const sequenced = ({ wire }: EdgeRecording): readonly (readonly Message[])[] => {
  const all = wire.sent("NBIRTH", "DBIRTH", "NDATA", "DDATA", "DDEATH");
  return [...new Set(all.map(({ connection }) => connection))].map((each) =>
    all.filter(({ connection }) => connection === each),
  );
};
export const bdSeqs = ({ wire }: EdgeRecording): readonly unknown[] =>
  wire.connects().map(({ will }) => readWire(Buffer.from(will?.payload ?? "")).metrics?.[0]?.longValue);
export const isTime = (value: unknown): void => {
  expect(value).toEqual(expect.any(Number));
  // Milliseconds of this epoch: neither seconds nor microseconds, and not before any computer had the time.
  expect(value).toBeGreaterThan(1_577_836_800_000);
  expect(value).toBeLessThan(UINT64_MAX_TIME);
};
export const isNow = (value: unknown): void => {
  isTime(value);
  expect(Math.abs(Date.now() - Number(value))).toBeLessThan(600_000);
};
export const carriesValue = (metric: WireMetric): void => {
  const fields = [
    "intValue",
    "longValue",
    "floatValue",
    "doubleValue",
    "booleanValue",
    "stringValue",
    "bytesValue",
    "datasetValue",
    "templateValue",
  ];
  const present = fields.filter((field) => metric[field] !== undefined);
  expect(present, `${metric.name} has one value, or is null`).toHaveLength(metric.isNull === true ? 0 : 1);
};
export const willOf = (
  recording: EdgeRecording,
  check: (will: { topic: string; qos?: number; retain?: boolean; payload: Uint8Array }) => void,
): void =>
  every(recording.wire.connects(), ({ will }) => {
    expect(will).toBeDefined();
    if (will !== undefined) check({ ...will, payload: Buffer.from(will.payload) });
  });
/** After the first message of the connection that matches, in the order of the wire. */
export const positions = (
  { wire }: EdgeRecording,
  connection: number,
  matches: (message: Message) => boolean,
): readonly number[] =>
  wire.packets.flatMap((each, index) => {
    const message = each.connection === connection && each.from === "client" ? messageOf(each) : undefined;
    return message !== undefined && matches(message) ? [index] : [];
  });
export const positionOf = (
  { wire }: EdgeRecording,
  connection: number,
  cmd: string,
  from = "client",
): number =>
  wire.packets.findIndex(
    (each) => each.connection === connection && each.from === from && each.packet.cmd === cmd,
  );
