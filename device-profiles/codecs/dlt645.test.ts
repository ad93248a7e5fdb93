import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ANY_ADDRESS,
  bcdDigits,
  DATA_BYTES_MAX,
  type Dlt645Frame,
  Dlt645Splitter,
  encodeDigits,
  encodeDlt645,
  encodeIdentifier,
  FROM_METER,
  isAddressed,
  READ_ADDRESS,
  READ_DATA,
  splitIdentifier,
} from "./dlt645.ts";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const hex = (frame: Uint8Array) => Buffer.from(frame).toString("hex").toUpperCase();
const heard = (...pieces: readonly Uint8Array[]): readonly Dlt645Frame[] => {
  const splitter = new Dlt645Splitter();
  return pieces.flatMap((piece) => splitter.push(piece));
};

describe("published frames", () => {
  test("the address of the one meter on the line is asked for, and told", () => {
    const question = { address: ANY_ADDRESS, control: READ_ADDRESS, data: Uint8Array.of() };
    expect(hex(encodeDlt645(question))).toBe("FEFEFEFE68AAAAAAAAAAAA681300DF16");
    const [answer] = heard(bytes("FE FE 68 01 00 00 00 00 00 68 93 06 34 33 33 33 33 33 9D 16"));
    expect(answer).toMatchObject({ address: "000000000001", control: READ_ADDRESS | FROM_METER });
    expect(bcdDigits(answer?.data ?? bytes(""))).toBe("000000000001");
  });

  test("the energy of whatever meter there is is asked for; an answer that ends in 9A 78 56 34 is 12345.67 kWh", () => {
    const question = {
      address: ANY_ADDRESS,
      control: READ_DATA,
      data: encodeIdentifier(0x00010000),
    };
    expect(hex(encodeDlt645(question))).toBe("FEFEFEFE68AAAAAAAAAAAA68110433333433AE16");
    const [answer] = heard(bytes("68 01 00 00 00 00 00 68 91 08 33 33 34 33 9A 78 56 34 D3 16"));
    const { identifier, value } = splitIdentifier(answer?.data ?? bytes("")) ?? {};
    expect(identifier).toBe(0x00010000);
    expect(bcdDigits(value ?? bytes(""))).toBe("01234567");
  });

  test("the voltage of phase A is asked for with its identifier lowest byte first", () => {
    const question = { address: ANY_ADDRESS, control: READ_DATA, data: encodeIdentifier(0x02010100) };
    expect(hex(encodeDlt645(question))).toBe("FEFEFEFE68AAAAAAAAAAAA68110433343435B116");
    expect(hex(encodeIdentifier(0x02010100))).toBe("00010102");
    expect(splitIdentifier(bytes("00 01 01 02 05 23"))).toEqual({
      identifier: 0x02010100,
      value: bytes("05 23"),
    });
    expect(splitIdentifier(bytes("00 01 01"))).toBeUndefined();
  });
});

describe("frames in what is heard", () => {
  const frame = { address: "202611220001", control: 0x91, data: bytes("00 00 00 00 67 45 23 01") };
  const whole = encodeDlt645(frame);

  test("come out byte by byte, when the last byte is there and no sooner", () => {
    const splitter = new Dlt645Splitter();
    for (const byte of whole.subarray(0, -1)) expect(splitter.push(Uint8Array.of(byte))).toEqual([]);
    expect(splitter.push(whole.subarray(-1))).toEqual([frame]);
  });

  test.each<[string, Uint8Array]>([
    ["marks that begin nothing", bytes("68 68 68 16 68")],
    ["half a frame", whole.subarray(0, 12)],
    ["a length that no frame has", bytes("68 01 00 00 00 00 00 68 91 FF")],
    ["a frame whose checksum is wrong", bytes("68 01 00 00 00 00 00 68 91 08 33 33 33 33 9A 78 56 34 D3 16")],
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
      address: fc.stringMatching(/^[0-9]{12}$/),
      control: fc.nat(255),
      data: fc.uint8Array({ maxLength: DATA_BYTES_MAX }),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 5 }), fc.integer({ min: 1, max: 50 }), (frames, size) => {
        const stream = Uint8Array.from(frames.flatMap((each) => [...encodeDlt645(each)]));
        const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, index) =>
          stream.subarray(index * size, (index + 1) * size),
        );
        expect(heard(...pieces)).toEqual(frames);
      }),
    );
  });

  test("are looked for in any bytes without an error, and no more than one frame is kept", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (pieces) => {
        heard(...pieces);
      }),
    );
  });
});

describe("addresses and digits", () => {
  test("a wildcard stands for any digit, an address for itself", () => {
    expect(isAddressed(ANY_ADDRESS, "202611220001")).toBe(true);
    expect(isAddressed("AAAAAAAA0001", "202611220001")).toBe(true);
    expect(isAddressed("AAAAAAAA0002", "202611220001")).toBe(false);
  });

  test("digits come back as they went, and what is no digit is told", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{1,12}$/), (digits) => {
        expect(bcdDigits(encodeDigits(digits, 6))).toBe(digits.padStart(12, "0"));
      }),
    );
    expect(bcdDigits(bytes("FF FF"))).toBeUndefined();
  });
});
