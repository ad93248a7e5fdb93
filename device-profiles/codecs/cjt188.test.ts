import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ANY_CJT188_ADDRESS,
  answerTo,
  CJT188_DATA_BYTES_MAX,
  type Cjt188Frame,
  Cjt188Splitter,
  clockOf,
  encodeCjt188,
  encodeCjt188Question,
  FROM_CJT188_METER,
  READ_METER,
  READ_METER_ADDRESS,
  READING,
} from "./cjt188.ts";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const hex = (frame: Uint8Array) => Buffer.from(frame).toString("hex").toUpperCase();
const heard = (...pieces: readonly Uint8Array[]): readonly Cjt188Frame[] => {
  const splitter = new Cjt188Splitter();
  return pieces.flatMap((piece) => splitter.push(piece));
};

/**
 * As published in descriptions of the protocol, and as meters were recorded to say. The well-known answer is mostly
 * printed with the checksum 08; that of its bytes is 13.
 */
describe("published frames", () => {
  test("a cold-water meter is asked for its reading", () => {
    const question = {
      meterType: 0x10,
      address: "78330011223344",
      control: READ_METER,
      data: encodeCjt188Question(READING, 0),
    };
    expect(hex(encodeCjt188(question))).toBe("FEFEFEFE68104433221100337801031F90008016");
  });

  test("and answers 556677.00 m³, at 22:01:31 of 2015-05-11", () => {
    const [answer] = heard(
      bytes(
        "FE FE FE FE 68 10 44 33 22 11 00 33 78 81 16 1F 90 00 00 77 66 55 2C 00 77 66 55 2C" +
          "31 01 22 11 05 15 20 21 84 13 16",
      ),
    );
    expect(answer).toMatchObject({
      meterType: 0x10,
      address: "78330011223344",
      control: READ_METER | FROM_CJT188_METER,
    });
    const { serial, value } = answerTo(READING, answer?.data ?? bytes("")) ?? {};
    expect([serial, hex(value ?? bytes(""))]).toEqual([0, "007766552C007766552C31012211051520" + "2184"]);
    expect(hex(clockOf(value?.subarray(10) ?? bytes("")))).toBe("150511220131");
  });

  test("another says the identifier the other way round", () => {
    const [answer] = heard(
      bytes(
        "FE FE FE 68 10 01 00 00 05 08 00 00 81 16 90 1F 00 00 23 01 00 2C 00 00 00 00 2C" +
          "00 00 00 00 00 00 00 00 00 48 16",
      ),
    );
    expect(answer?.address).toBe("00000805000001");
    expect(hex(answerTo(READING, answer?.data ?? bytes(""))?.value.subarray(0, 5) ?? bytes(""))).toBe(
      "002301002C",
    );
  });

  test("the address of the one meter on the line is told", () => {
    const [answer] = heard(bytes("68 10 01 00 00 05 08 00 00 83 03 81 0A 00 97 16"));
    expect(answer).toMatchObject({
      address: "00000805000001",
      control: READ_METER_ADDRESS | FROM_CJT188_METER,
    });
  });
});

describe("frames in what is heard", () => {
  const frame = { meterType: 0x20, address: "11112026000042", control: 0x81, data: bytes("1F 90 07 01 02") };
  const whole = encodeCjt188(frame);

  test("come out byte by byte, when the last byte is there and no sooner", () => {
    const splitter = new Cjt188Splitter();
    for (const byte of whole.subarray(0, -1)) expect(splitter.push(Uint8Array.of(byte))).toEqual([]);
    expect(splitter.push(whole.subarray(-1))).toEqual([frame]);
  });

  test.each<[string, Uint8Array]>([
    ["marks that begin nothing", bytes("68 16 68 10 16")],
    ["half a frame", whole.subarray(0, 12)],
    ["a length that no frame has", bytes("68 10 44 33 22 11 00 33 78 81 FF")],
    ["a frame whose checksum is wrong", bytes("68 10 01 00 00 05 08 00 00 83 03 81 0A 00 98 16")],
  ])("come out behind %s", (_, noise) => {
    expect(heard(noise, whole)).toContainEqual(frame);
  });

  test("with one byte changed are none, wherever the change is", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, change) => {
          const broken = whole.slice();
          broken[at] = (broken[at] ?? 0) ^ change;
          expect(heard(broken)).toEqual([]);
        },
      ),
    );
  });

  test("come out as they went in, however they are cut and glued", () => {
    const any = fc.record({
      meterType: fc.integer({ min: 0x10, max: 0x49 }),
      address: fc.stringMatching(/^[0-9]{14}$/),
      control: fc.nat(255),
      data: fc.uint8Array({ maxLength: CJT188_DATA_BYTES_MAX }),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 5 }), fc.integer({ min: 1, max: 50 }), (frames, size) => {
        const stream = Uint8Array.from(frames.flatMap((each) => [...encodeCjt188(each)]));
        const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, index) =>
          stream.subarray(index * size, (index + 1) * size),
        );
        expect(heard(...pieces)).toEqual(frames);
      }),
    );
  });

  test("are looked for in any bytes without an error", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (pieces) => {
        heard(...pieces);
      }),
    );
  });

  test("an address of wildcards goes out as it is, and what is too short answers nothing", () => {
    const question = { ...frame, address: ANY_CJT188_ADDRESS };
    expect(hex(encodeCjt188(question)).slice(8, 26)).toBe("6820AAAAAAAAAAAAAA");
    expect(answerTo(READING, bytes("1F 90"))).toBeUndefined();
    expect(answerTo(READING, bytes("1F 91 00"))).toBeUndefined();
  });
});
