import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  DATA_BYTES_MAX,
  encodeFireFrame,
  FireCommand,
  fireAddress,
  type Gbt26875Frame,
  Gbt26875Splitter,
} from "./gbt26875-frame.ts";
import {
  encodeFireObject,
  encodeFireObjects,
  type FireObject,
  FireObjectError,
  FireType,
  parseFireObjects,
} from "./gbt26875-objects.ts";

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

const TIME = Date.UTC(2026, 8, 1, 2, 30, 15);

const frame: Gbt26875Frame = {
  serial: 0x0102,
  version: [1, 0],
  sentAt: TIME,
  source: "0000000000a1",
  destination: "0000000000c2",
  command: FireCommand.Data,
  data: encodeFireObjects(FireType.SystemState, [
    encodeFireObject({ kind: "system-state", system: { type: 1, address: 7 }, word: 0x0103, time: TIME }),
  ]),
};

test("a frame lies on the wire as clauses 6 to 8 say", () => {
  const bytes = encodeFireFrame(frame);
  expect(hexOf(bytes.subarray(0, 27))).toBe(
    "40 40 02 01 01 00 0f 1e 0a 01 09 1a a1 00 00 00 00 00 c2 00 00 00 00 00 0c 00 02",
  );
  expect(hexOf(bytes.subarray(27, 39))).toBe("01 01 01 07 03 01 0f 1e 0a 01 09 1a");
  expect(bytes[39]).toBe(bytes.subarray(2, 39).reduce((total, byte) => total + byte, 0) % 256);
  expect(hexOf(bytes.subarray(40))).toBe("23 23");
});

const frames = fc.record({
  serial: fc.integer({ min: 0, max: 0xffff }),
  version: fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 })),
  sentAt: fc.constantFrom(TIME, undefined),
  source: fc.constantFrom("0000000000a1", "404040404040", "232323232323"),
  destination: fc.constant("ffffffffffff"),
  command: fc.integer({ min: 0, max: 255 }),
  data: fc.uint8Array({ maxLength: 120 }),
});

describe("the frames of a stream", () => {
  test("are found however the stream is cut, and noise between them costs none", () => {
    const noise = fc.uint8Array({ maxLength: 20 }).map((bytes) => bytes.filter((byte) => byte !== 0x40));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(noise, frames), { maxLength: 4 }),
        fc.integer({ min: 1, max: 40 }),
        (said, step) => {
          const stream = said.flatMap(([before, each]) => [...before, ...encodeFireFrame(each)]);
          const splitter = new Gbt26875Splitter();
          const heard: Gbt26875Frame[] = [];
          for (let at = 0; at < stream.length; at += step)
            heard.push(...splitter.push(Uint8Array.from(stream.slice(at, at + step))));
          expect(heard).toEqual(said.map(([, each]) => each));
        },
      ),
    );
  });

  test("with a wrong sum, end or length are none; the next one is found", () => {
    for (const at of [5, 24, 30, -1, -2, -3]) {
      const broken = encodeFireFrame(frame);
      const index = at < 0 ? broken.length + at : at;
      broken[index] = ((broken[index] ?? 0) + 1) & 0xff;
      const splitter = new Gbt26875Splitter();
      expect([broken, encodeFireFrame(frame)].flatMap((bytes) => splitter.push(bytes))).toEqual([frame]);
      expect(splitter.bad).toBeGreaterThanOrEqual(1);
    }
  });

  test("are not waited for without end: garbage is never held longer than a frame", () => {
    const splitter = new Gbt26875Splitter();
    expect(splitter.push(new Uint8Array(500_000).fill(0x40))).toEqual([]);
    expect(splitter.push(encodeFireFrame(frame))).toEqual([frame]);
    expect(() => encodeFireFrame({ ...frame, data: new Uint8Array(DATA_BYTES_MAX + 1) })).toThrow(RangeError);
  });
});

const system = { type: 1, address: 2 };
const component = { type: 40, address: 0x01020304 };

const OBJECTS: readonly FireObject[] = [
  { kind: "system-state", system, word: 0x0203, time: TIME },
  {
    kind: "component-state",
    system,
    component,
    word: 0x0003,
    text: "教学楼三层东侧感烟",
    textBytes: new Uint8Array(),
    time: TIME,
  },
  { kind: "measurement", system, component, quantity: 3, count: -105, time: undefined },
  { kind: "system-operation", system, flags: 1, operator: 7, time: TIME },
  { kind: "transmitter-state", word: 0x0f, time: TIME },
  { kind: "transmitter-operation", flags: 0x20, operator: 1, time: TIME },
  { kind: "transmitter-version", version: "3.12" },
];

const TYPES = [1, 2, 3, 4, 21, 24, 25];

describe("objects", () => {
  test.each(OBJECTS.map((object, index) => [object.kind, object, TYPES[index] ?? 0] as const))(
    "%s is read as it was written, as one of several too",
    (_kind, object, type) => {
      const bytes = encodeFireObject(object);
      const expected =
        object.kind === "component-state" ? { ...object, textBytes: bytes.slice(9, 40) } : object;
      expect(parseFireObjects(encodeFireObjects(type, [bytes, bytes, bytes]))).toEqual([
        expected,
        expected,
        expected,
      ]);
    },
  );

  test("a component lies on the wire as 8.2.1.2 says", () => {
    const [object] = OBJECTS.slice(1);
    if (object === undefined) throw new Error("no component");
    const bytes = encodeFireObject(object);
    expect(bytes).toHaveLength(46);
    expect(hexOf(bytes.subarray(0, 9))).toBe("01 02 28 04 03 02 01 03 00");
    expect(hexOf(bytes.subarray(9, 13))).toBe("bd cc d1 a7");
  });

  test("a text that is none in any encoding keeps its bytes", () => {
    const textBytes = new Uint8Array(31).fill(0xff);
    const [object] = parseFireObjects(
      encodeFireObjects(2, [
        encodeFireObject({
          kind: "component-state",
          system,
          component,
          word: 2,
          text: undefined,
          textBytes,
          time: TIME,
        }),
      ]),
    );
    expect(object).toMatchObject({ text: undefined, textBytes });
  });

  test("that are promised and do not come are an error; unknown types are none", () => {
    expect(() => parseFireObjects(Uint8Array.of(2, 1, 0))).toThrow(FireObjectError);
    expect(parseFireObjects(Uint8Array.of(131, 9))).toEqual([]);
    expect(parseFireObjects(new Uint8Array())).toEqual([]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (data) => {
        try {
          parseFireObjects(data);
        } catch (error) {
          expect(error).toBeInstanceOf(FireObjectError);
        }
      }),
    );
  });
});

test("an address may be written with zeros, colons and capitals, or without", () => {
  expect(fireAddress("A1")).toBe("0000000000a1");
  expect(fireAddress("00:00:00:00:00:a1")).toBe("0000000000a1");
  expect(fireAddress("xyz")).toBeUndefined();
  expect(fireAddress("")).toBeUndefined();
});
