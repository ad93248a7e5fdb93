import { GOOD } from "@campus-ops/device-profiles/vocabulary";
import { expect, test } from "vitest";
import { decodePayload } from "./decode.ts";
import { retimed } from "./device-time.ts";
import { encodePayload } from "./encode.ts";
import { eventToMetric, readMetrics, sampleToMetric } from "./mapping.ts";
import type { Metric } from "./payload.ts";

const T = 1_795_000_000_000;
const fields = {
  serial: 1,
  credential: "ab",
  result: "granted",
  reason: "none",
  direction: "in",
  method: null,
};
const doubtful = { status: "uncertain", reason: "edge-clock" } as const;
const door = { metric: "Door/Open", value: true, eventTime: T } as const;

function overTheWire(metrics: readonly Metric[]) {
  const decoded = decodePayload(encodePayload({ metrics }));
  if (!decoded.ok) throw decoded.error;
  return readMetrics(decoded.payload.metrics, { time: 0 });
}

test("what the source's own clock said travels beside the corrected time, of a sample and of an event", () => {
  const sample = { ...door, quality: doubtful, deviceTime: T - 5 };
  const event = {
    event: "Access/Swipe",
    id: "1",
    eventTime: T,
    quality: GOOD,
    fields,
    deviceTime: T + 28_800_000,
  };
  const read = overTheWire([sampleToMetric(sample), eventToMetric(event)]);
  expect(read.samples).toEqual([{ ...sample, historical: false }]);
  expect(read.events).toEqual([{ ...event, historical: false }]);
  const plain = overTheWire([sampleToMetric({ ...door, quality: GOOD })]).samples[0];
  expect(plain).not.toHaveProperty("deviceTime");
});

test("a doubtful time is corrected once, its doubt goes and its original stays; others are left alone", () => {
  const marked = sampleToMetric({ ...door, quality: doubtful });
  const [corrected] = overTheWire([retimed(marked, T - 1, T + 1, 1_000)]).samples;
  expect(corrected).toMatchObject({ eventTime: T + 1_000, quality: GOOD, deviceTime: T });
  expect(retimed(marked, T + 1, T + 2, 1_000)).toEqual(marked);
  for (const quality of [GOOD, { status: "bad", reason: "out-of-range" } as const]) {
    const other = sampleToMetric({ ...door, quality });
    expect(retimed(other, T - 1, T + 1, 1_000)).toEqual(other);
  }
  const known = sampleToMetric({ ...door, quality: doubtful, deviceTime: 7 });
  expect(overTheWire([retimed(known, T, T, 1)]).samples[0]?.deviceTime).toBe(7);
});
