import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeMbap, MbapSplitter } from "./mbap.ts";
import {
  encodeException,
  encodeRequest,
  encodeResponse,
  ModbusFrameError,
  type ModbusRequest,
  type ModbusTable,
  parseRequest,
  parseResponse,
  readQuantityMax,
} from "./modbus-pdu.ts";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const hex = (pdu: Uint8Array) => Buffer.from(pdu).toString("hex").toUpperCase();

/** The examples of MODBUS Application Protocol Specification V1.1b3, 6.1 to 6.6, 6.11 and 6.12. */
const SPECIFICATION: readonly [string, ModbusRequest, string, string, readonly number[]][] = [
  [
    "6.1 read coils 20 to 38",
    { operation: "read", table: "coil", pduAddress: 0x13, quantity: 0x13 },
    "01 0013 0013",
    "01 03 CD6B05",
    [1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1],
  ],
  [
    "6.2 read discrete inputs 197 to 218",
    { operation: "read", table: "discrete", pduAddress: 0xc4, quantity: 0x16 },
    "02 00C4 0016",
    "02 03 ACDB35",
    [0, 0, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1],
  ],
  [
    "6.3 read holding registers 108 to 110",
    { operation: "read", table: "holding", pduAddress: 0x6b, quantity: 3 },
    "03 006B 0003",
    "03 06 022B 0000 0064",
    [0x22b, 0, 0x64],
  ],
  [
    "6.4 read input register 9",
    { operation: "read", table: "input", pduAddress: 8, quantity: 1 },
    "04 0008 0001",
    "04 02 000A",
    [10],
  ],
  [
    "6.5 write coil 173 on",
    { operation: "write", table: "coil", pduAddress: 0xac, cells: [1] },
    "05 00AC FF00",
    "05 00AC FF00",
    [],
  ],
  [
    "6.6 write register 2",
    { operation: "write", table: "holding", pduAddress: 1, cells: [3] },
    "06 0001 0003",
    "06 0001 0003",
    [],
  ],
  [
    "6.11 write ten coils from 20",
    {
      operation: "write",
      table: "coil",
      pduAddress: 0x13,
      cells: [1, 0, 1, 1, 0, 0, 1, 1, 1, 0],
      multiple: true,
    },
    "0F 0013 000A 02 CD01",
    "0F 0013 000A",
    [],
  ],
  [
    "6.12 write two registers from 2",
    { operation: "write", table: "holding", pduAddress: 1, cells: [10, 0x102], multiple: true },
    "10 0001 0002 04 000A 0102",
    "10 0001 0002",
    [],
  ],
];

describe.each(SPECIFICATION)("%s", (_, request, asked, answered, cells) => {
  test("is asked and answered byte for byte", () => {
    expect(hex(encodeRequest(request))).toBe(asked.replaceAll(" ", ""));
    expect(parseRequest(bytes(asked))).toEqual(request);
    expect(hex(encodeResponse(request, cells))).toBe(answered.replaceAll(" ", ""));
    const response = parseResponse(request, bytes(answered));
    expect(response).toEqual(request.operation === "read" ? { kind: "cells", cells } : { kind: "written" });
  });

  test("an answer that is cut short or too long is none", () => {
    const whole = bytes(answered);
    for (let length = 0; length < whole.length; length += 1)
      expect(() => parseResponse(request, whole.slice(0, length))).toThrow(ModbusFrameError);
    expect(() => parseResponse(request, Uint8Array.of(...whole, 0))).toThrow(ModbusFrameError);
  });

  test("an exception is read as such", () => {
    const exception = encodeException(bytes(asked), 2);
    expect(parseResponse(request, exception)).toEqual({ kind: "exception", code: 2 });
  });
});

describe("a server's view", () => {
  test.each([
    ["an unknown function", "2B 0E01 0000", 1],
    ["a quantity of nought", "03 0000 0000", 3],
    ["126 registers", "03 0000 007E", 3],
    ["2001 coils", "01 0000 07D1", 3],
    ["a coil that is neither on nor off", "05 0000 1234", 3],
    ["a byte count that does not fit", "10 0001 0002 03 000A 01", 3],
    ["a request cut short", "04 00", 3],
  ])("%s is answered with its exception", (_, asked, exception) => {
    expect(parseRequest(bytes(asked))).toEqual({ exception });
  });

  test("no bytes of any kind make it throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (pdu) => {
        expect(parseRequest(pdu)).toBeDefined();
      }),
    );
  });
});

test("no answer of any kind makes a client throw anything but a frame error", () => {
  const request: ModbusRequest = { operation: "read", table: "input", pduAddress: 0, quantity: 2 };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 16 }), (pdu) => {
      try {
        expect(["cells", "exception"]).toContain(parseResponse(request, pdu).kind);
      } catch (error) {
        expect(error).toBeInstanceOf(ModbusFrameError);
      }
    }),
  );
});

test("what a server answers is what a client reads, for every table", () => {
  const table = fc.constantFrom<ModbusTable>("coil", "discrete", "input", "holding");
  fc.assert(
    fc.property(
      table,
      fc.integer({ min: 1, max: 125 }),
      fc.integer({ min: 0, max: 1000 }),
      (of, quantity, seed) => {
        const bit = of === "coil" || of === "discrete";
        const cells = Array.from({ length: quantity }, (_, i) => ((seed + i) * 40_503) % (bit ? 2 : 65_536));
        const request: ModbusRequest = { operation: "read", table: of, pduAddress: seed, quantity };
        expect(parseResponse(request, encodeResponse(request, cells))).toEqual({ kind: "cells", cells });
        expect(readQuantityMax(of)).toBeGreaterThanOrEqual(quantity);
      },
    ),
  );
});

describe("frames on TCP", () => {
  const frames = [
    { transaction: 1, unit: 1, pdu: bytes("03 02 0000") },
    { transaction: 65_535, unit: 255, pdu: bytes("83 02") },
  ];
  const stream = Uint8Array.from(frames.flatMap((frame) => [...encodeMbap(frame)]));

  test("the header is transaction, protocol 0, length and unit", () => {
    expect(hex(encodeMbap({ transaction: 0x1501, unit: 0xff, pdu: bytes("03 0004 0001") }))).toBe(
      "150100000006FF0300040001",
    );
  });

  test("cut anywhere and glued together they come out whole", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 6 }), (cuts) => {
        const splitter = new MbapSplitter();
        const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        const out = edges
          .slice(1)
          .flatMap((end, index) => splitter.push(stream.slice(edges[index] ?? 0, end)));
        expect(out).toEqual(frames);
      }),
    );
  });

  test.each([
    ["another protocol", "0001 0001 0006 01 03"],
    ["a length of nought", "0001 0000 0000 01"],
    ["a length beyond any PDU", "0001 0000 00FF 01"],
  ])("%s is not Modbus, and it is said at once", (_, header) => {
    expect(() => new MbapSplitter().push(bytes(header))).toThrow(ModbusFrameError);
  });
});
