import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encodeException,
  encodeRequest,
  encodeResponse,
  type ModbusRequest,
  type ReadRequest,
} from "./modbus-pdu.ts";
import { crc16, encodeRtu, findRtuResponse, RTU_BYTES_MAX, RtuRequestSplitter } from "./modbus-rtu.ts";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const hex = (frame: Uint8Array) => Buffer.from(frame).toString("hex");
const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

const READ: ReadRequest = { operation: "read", table: "input", pduAddress: 0, quantity: 2 };
const WRITE: ModbusRequest = { operation: "write", table: "coil", pduAddress: 1, cells: [1] };

describe("the CRC", () => {
  test("is the one of the specification: 02 07 ends in 41 12", () => {
    expect(crc16(bytes("02 07"))).toBe(0x1241);
    expect(hex(encodeRtu(2, Uint8Array.of(7)))).toBe("02074112");
  });

  test("is that of the manual of the Eastron SDM120: phase volts asked, 230.2 V answered", () => {
    expect(hex(encodeRtu(1, encodeRequest(READ)))).toBe("01040000000271cb");
    const answer = bytes("01 04 04 43 66 33 34 1B 38");
    expect(hex(findRtuResponse(answer, 1, READ) ?? Uint8Array.of())).toBe("0404" + "43663334");
  });
});

describe("an answer", () => {
  const cells = [0x1234, 0x5678];
  const answer = encodeRtu(5, encodeResponse(READ, cells));

  test("is found byte by byte, when its last byte is there and no sooner", () => {
    for (let length = 0; length < answer.length; length += 1) {
      expect(findRtuResponse(answer.subarray(0, length), 5, READ)).toBeUndefined();
    }
    expect(findRtuResponse(answer, 5, READ)).toEqual(encodeResponse(READ, cells));
  });

  test.each<[string, Uint8Array]>([
    ["noise", bytes("05 04 04 00 FF 05")],
    ["the echo of the request", encodeRtu(5, encodeRequest(READ))],
    ["the late answer of another unit", encodeRtu(6, encodeResponse(READ, cells))],
    ["the late answer to a longer read", encodeRtu(5, encodeResponse({ ...READ, quantity: 3 }, [1, 2, 3]))],
    ["the late answer to a write", encodeRtu(5, encodeResponse(WRITE, []))],
    ["half an answer", answer.subarray(0, 5)],
  ])("is found behind %s", (_, before) => {
    expect(findRtuResponse(join(before, answer), 5, READ)).toEqual(encodeResponse(READ, cells));
    expect(findRtuResponse(before, 5, READ)).toBeUndefined();
  });

  test("that is an exception is found as well", () => {
    const refused = encodeException(encodeRequest(READ), 2);
    expect(findRtuResponse(join(bytes("00"), encodeRtu(5, refused)), 5, READ)).toEqual(refused);
  });

  test("whose bytes were changed on the way is none, wherever the change is", () => {
    fc.assert(
      fc.property(fc.nat(answer.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
        const broken = answer.slice();
        broken[index] = (broken[index] ?? 0) ^ change;
        expect(findRtuResponse(broken, 5, READ)).toBeUndefined();
      }),
    );
  });
});

describe("requests", () => {
  const request = fc.record({
    unit: fc.integer({ min: 0, max: 247 }),
    request: fc.oneof(
      fc.record({
        operation: fc.constant("read" as const),
        table: fc.constantFrom("coil" as const, "discrete" as const, "input" as const, "holding" as const),
        pduAddress: fc.nat(0xffff),
        quantity: fc.integer({ min: 1, max: 125 }),
      }),
      fc.record({
        operation: fc.constant("write" as const),
        table: fc.constant("holding" as const),
        pduAddress: fc.nat(0xffff),
        cells: fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 123 }),
      }),
    ),
  });

  test("come out as they went in, however they are cut and glued", () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 5 }), fc.integer({ min: 1, max: 40 }), (sent, size) => {
        const frames = sent.map((each) => ({ unit: each.unit, pdu: encodeRequest(each.request) }));
        const stream = join(...frames.map(({ unit, pdu }) => encodeRtu(unit, pdu)));
        const splitter = new RtuRequestSplitter();
        const heard = [];
        for (let at = 0; at < stream.length; at += size)
          heard.push(...splitter.push(stream.subarray(at, at + size)));
        expect(heard).toEqual(frames);
      }),
    );
  });

  test("are heard behind noise of any length, and of functions that nobody knows", () => {
    const splitter = new RtuRequestSplitter();
    expect(splitter.push(new Uint8Array(10 * RTU_BYTES_MAX).fill(0xff))).toEqual([]);
    const diagnostics = Uint8Array.of(8, 0, 0, 0xa5, 0x37);
    expect(splitter.push(encodeRtu(17, diagnostics))).toEqual([{ unit: 17, pdu: diagnostics }]);
  });

  test("are looked for in any bytes without an error", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (pieces) => {
        const splitter = new RtuRequestSplitter();
        for (const piece of pieces) splitter.push(piece);
        findRtuResponse(join(...pieces), 1, READ);
      }),
    );
  });
});
