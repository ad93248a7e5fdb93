import { CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodePayload } from "./decode.ts";
import { encodePayload } from "./encode.ts";
import { readMetrics } from "./mapping.ts";
import type { Metric } from "./payload.ts";
import {
  CLIP_BYTES_MAX,
  PART_BYTES_MAX,
  PICTURE_BYTES_MAX,
  partMetric,
  partsOf,
  pictureCommand,
  readPart,
  readPictureRequest,
  readRefusal,
  refusalMetric,
} from "./pictures.ts";

const SHA = "0".repeat(64);
const AT = Date.UTC(2026, 10, 22);

function overTheWire(metric: Metric): Metric {
  const decoded = decodePayload(encodePayload({ timestamp: AT, metrics: [metric] }));
  const [read] = decoded.ok ? decoded.payload.metrics : [];
  if (read === undefined) throw new Error("nothing came");
  return read;
}

describe("a picture", () => {
  test("is cut into parts that make it whole again, whatever its size", () => {
    const sizes = fc.oneof(
      fc.integer({ min: 1, max: 300_000 }),
      fc.constantFrom(PART_BYTES_MAX - 1, PART_BYTES_MAX, PART_BYTES_MAX + 1),
    );
    fc.assert(
      fc.property(sizes, (size) => {
        const data = Uint8Array.from({ length: size }, (_, index) => index % 251);
        const whole = { request: "r-1", sha256: SHA, contentType: "image/jpeg", takenAt: AT, data };
        const read = partsOf(whole).map((part) => readPart(overTheWire(partMetric(part))));
        expect(read.every((part) => part !== undefined && part.data.length <= PART_BYTES_MAX)).toBe(true);
        const joined = Buffer.concat(read.map((part) => part?.data ?? new Uint8Array()));
        expect(Buffer.compare(joined, Buffer.from(data))).toBe(0);
        expect(read.map((part) => part?.index)).toEqual(read.map((_, index) => index));
        expect(read[0]).toMatchObject({ request: "r-1", bytes: size, count: read.length, takenAt: AT });
      }),
      { numRuns: 25 },
    );
  });

  test("beyond the bound, or empty, is none", () => {
    const whole = { request: "r-1", sha256: SHA, contentType: "image/jpeg", takenAt: AT };
    expect(() => partsOf({ ...whole, data: new Uint8Array(PICTURE_BYTES_MAX + 1) })).toThrow(RangeError);
    expect(() => partsOf({ ...whole, data: new Uint8Array() })).toThrow(RangeError);
    expect(partsOf({ ...whole, data: new Uint8Array(PICTURE_BYTES_MAX) })).toHaveLength(128);
  });

  test("may be a clip, which is larger, and nothing else", () => {
    const clip = { request: "r-1", sha256: SHA, contentType: "video/mp4", takenAt: AT };
    const parts = partsOf({ ...clip, data: new Uint8Array(CLIP_BYTES_MAX) });
    expect(parts).toHaveLength(256);
    const last = parts.at(-1);
    if (last === undefined) throw new Error("no part");
    expect(readPart(overTheWire(partMetric(last)))).toMatchObject({ index: 255, contentType: "video/mp4" });
    expect(readPart(partMetric({ ...last, contentType: "image/jpeg" }))).toBeUndefined();
    const replayed = { ...last, recorder: DeviceId("nvr") };
    expect(readPart(overTheWire(partMetric(replayed)))).toEqual({ ...replayed, data: last.data });
    expect(readPart(partMetric({ ...last, recorder: "no id" as DeviceId }))).not.toHaveProperty("recorder");
    expect(() => partsOf({ ...clip, data: new Uint8Array(CLIP_BYTES_MAX + 1) })).toThrow(RangeError);
    expect(() => partsOf({ ...clip, contentType: "text/html", data: new Uint8Array(1) })).toThrow(RangeError);
  });

  test("with a part that says impossible things is not read", () => {
    const [part] = partsOf({
      request: "r-1",
      sha256: SHA,
      contentType: "image/jpeg",
      takenAt: AT,
      data: new Uint8Array(9),
    });
    if (part === undefined) throw new Error("no part");
    expect(readPart(partMetric(part))).toEqual(part);
    for (const wrong of [
      { index: 1 },
      { index: -1 },
      { count: 1_000 },
      { bytes: PICTURE_BYTES_MAX + 1 },
      { sha256: "../../etc/passwd" },
      { contentType: "text/html" },
      { data: new Uint8Array(PART_BYTES_MAX + 1) },
    ]) {
      expect([wrong, readPart(partMetric({ ...part, ...wrong }))]).toEqual([wrong, undefined]);
    }
    expect(readPart({ ...partMetric(part), value: null })).toBeUndefined();
  });

  test("is nobody's sample: readers of the journal pass over it", () => {
    const refusal = { request: "r-1", reason: "unreachable", detail: "no answer", at: AT } as const;
    const read = readMetrics([overTheWire(refusalMetric(refusal))], { time: AT });
    expect(read).toEqual({ samples: [], events: [], unknown: [], mistyped: [] });
    expect(readRefusal(overTheWire(refusalMetric(refusal)))).toEqual(refusal);
  });
});

test("a request is read as it was written, and one with something missing is none", () => {
  const request = { id: "a1.2.snapshot", device: DeviceId("camera-1"), kind: "snapshot", at: AT } as const;
  const { payload, topic } = pictureCommand(
    { campus: CampusId("school"), node: NodeId("box-1") },
    request,
    AT,
  );
  expect(topic).toBe("spBv1.0/school/NCMD/box-1");
  const decoded = decodePayload(payload);
  const metrics = decoded.ok ? decoded.payload.metrics : [];
  expect(readPictureRequest(metrics)).toEqual(request);
  for (const { name } of metrics) {
    expect(readPictureRequest(metrics.filter((each) => each.name !== name))).toBeUndefined();
  }
});
