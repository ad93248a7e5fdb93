import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BODY_BYTES_MAX,
  canonicalPhone,
  encodeFrame,
  type Jt808Frame,
  Jt808FrameError,
  Jt808Splitter,
} from "./jt808-frame.ts";
import {
  encodeAuthentication,
  encodeDriverCard,
  encodeLocation,
  encodeLocationBatch,
  encodeRegisterAnswer,
  encodeRegistration,
  Jt808BodyError,
  Jt808Message,
  type Location,
  parseAnswer,
  parseAuthentication,
  parseDriverCard,
  parseLocation,
  parseLocationBatch,
  parseRegisterAnswer,
  parseRegistration,
} from "./jt808-messages.ts";
import { Jt808Parts, MESSAGES_OPEN_MAX, PART_WAIT_MAX_ms, PARTS_MAX } from "./jt808-parts.ts";

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The example of the documentation of JT808 for .NET (SmallChi/JT808): a position with mileage and fuel. */
const LOCATION =
  "7e02000026123456789012007d02000000010000000200ba7f0e07e4f11c0028003c00001810151010100104000000640202007d01137e";
/** Recorded from terminals, in the readme of ygfgit/jt-808-protocol. */
const AUTHENTICATION = "7e010200060200000000150026313639333434397e";
const REGISTRATION =
  "7e0100002c0200000000150025002c0133373039363054372d54383038000000000000000000000000003033323931373001d4c142383838387b7e";

function only(frames: readonly Jt808Frame[]): Jt808Frame {
  const [frame, ...more] = frames;
  if (frame === undefined || more.length > 0) throw new Error(`${frames.length} frames instead of one`);
  return frame;
}

describe("published frames of JT/T 808", () => {
  test("a position, with an escaped serial number", () => {
    const frame = only(new Jt808Splitter().push(hex(LOCATION)));
    expect(frame).toMatchObject({ message: 0x0200, edition: 2013, phone: "123456789012", serial: 0x7e });
    const { items, ...location } = parseLocation(frame.body);
    expect(location).toEqual({
      alarm: 1,
      status: 2,
      latitude: 12.222222,
      longitude: 132.444444,
      altitude_m: 40,
      speed_km_h: 6,
      heading: 0,
      time: Date.UTC(2018, 9, 15, 2, 10, 10),
    });
    expect([...items].map(([id, value]) => [id, hexOf(value)])).toEqual([
      [1, "00000064"],
      [2, "007d"],
    ]);
    expect(hexOf(encodeFrame(frame))).toBe(LOCATION);
  });

  test("authentication and registration", () => {
    const splitter = new Jt808Splitter();
    const [authentication, registration] = splitter.push(hex(AUTHENTICATION + REGISTRATION));
    expect(authentication).toMatchObject({
      message: Jt808Message.Authenticate,
      phone: "020000000015",
      serial: 0x26,
    });
    expect(parseAuthentication(authentication?.body ?? new Uint8Array(), 2013)).toBe("169344");
    expect(parseRegistration(registration?.body ?? new Uint8Array(), 2013)).toEqual({
      manufacturer: "70960",
      model: "T7-T808",
      terminal: "0329170",
      plate: "粤B8888",
    });
    expect(splitter.bad).toBe(0);
  });
});

const frames = fc
  .record({
    message: fc.integer({ min: 0, max: 0xffff }),
    edition: fc.constantFrom(2013 as const, 2019 as const),
    serial: fc.integer({ min: 0, max: 0xffff }),
    body: fc.uint8Array({ maxLength: 200 }),
    digits: fc.integer({ min: 1, max: 99_999_999_999 }),
  })
  .map(({ digits, ...rest }) => ({
    ...rest,
    phone: String(digits).padStart(rest.edition === 2013 ? 12 : 20, "0"),
  }));

describe("the frames of a stream", () => {
  test("are found however the stream is cut, and noise costs no whole frame", () => {
    const noise = fc.uint8Array({ maxLength: 20 }).map((bytes) => bytes.filter((byte) => byte !== 0x7e));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(noise, frames), { maxLength: 5 }),
        fc.integer({ min: 1, max: 50 }),
        (said, step) => {
          const stream = said.flatMap(([before, frame]) => [...before, ...encodeFrame(frame)]);
          const splitter = new Jt808Splitter();
          const heard: Jt808Frame[] = [];
          for (let at = 0; at < stream.length; at += step)
            heard.push(...splitter.push(Uint8Array.from(stream.slice(at, at + step))));
          expect(heard).toEqual(said.map(([, frame]) => frame));
        },
      ),
    );
  });

  test("are never made of garbage, and what is none is counted", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (garbage) => {
        const splitter = new Jt808Splitter();
        const found = splitter.push(garbage);
        for (const frame of found) expect(hexOf(garbage)).toContain(hexOf(encodeFrame(frame)).slice(2, -2));
      }),
    );
    const splitter = new Jt808Splitter();
    expect(splitter.push(hex(LOCATION.replace("0064", "0065")))).toEqual([]);
    expect(splitter.push(hex("7e00027d057e"))).toEqual([]);
    expect(splitter.bad).toBe(2);
  });

  test("have an end: what never stops is given up, and the next frame is found", () => {
    const splitter = new Jt808Splitter();
    expect(splitter.push(new Uint8Array(100_000).fill(0x55))).toEqual([]);
    expect(splitter.push(Uint8Array.of(0x7e))).toEqual([]);
    expect(splitter.push(new Uint8Array(100_000).fill(0x55))).toEqual([]);
    expect(splitter.push(hex(AUTHENTICATION))).toHaveLength(1);
    expect(splitter.bad).toBeGreaterThanOrEqual(2);
  });

  test("are refused when the length is told wrongly or the body is encrypted", () => {
    const good = only(new Jt808Splitter().push(hex(AUTHENTICATION)));
    const broken = encodeFrame({ ...good, body: Uint8Array.of(1) });
    const patched = (attributes: number): Uint8Array => {
      const bytes = broken.slice();
      bytes.set([attributes >> 8, attributes & 0xff], 3);
      bytes[bytes.length - 2] = bytes.slice(1, -2).reduce((code, byte) => code ^ byte, 0);
      return bytes;
    };
    for (const attributes of [0, 2, 0x0401]) {
      const splitter = new Jt808Splitter();
      expect(splitter.push(patched(attributes))).toEqual([]);
      expect(splitter.bad).toBe(1);
    }
    expect(new Jt808Splitter().push(patched(1))).toHaveLength(1);
    expect(() => encodeFrame({ ...good, body: new Uint8Array(BODY_BYTES_MAX + 1) })).toThrow(RangeError);
    expect(Jt808FrameError.name).toBe("Jt808FrameError");
  });

  test("name a terminal the same in both editions", () => {
    expect(canonicalPhone("013800138000")).toBe(canonicalPhone("00000000013800138000"));
    expect(canonicalPhone("000000000000")).toBe("0");
  });
});

describe("a message in parts", () => {
  const body = Uint8Array.from({ length: 2_500 }, (_, index) => index & 0xff);
  const parts = [0, 1, 2].map((index) => ({
    message: 0x0704,
    edition: 2019 as const,
    phone: "00000000013800138000",
    serial: (0xffff + index) & 0xffff,
    part: { total: 3, number: index + 1 },
    body: body.slice(index * 1_000, (index + 1) * 1_000),
  }));

  test("is whole once its last part is there, in whatever order they come, and repeated ones do no harm", () => {
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
      [1, 1, 2, 0],
    ]) {
      const assembler = new Jt808Parts();
      const whole = order.flatMap((index) => assembler.push(parts[index] ?? fail(), 0) ?? []);
      expect(whole).toEqual([
        { message: 0x0704, edition: 2019, phone: "00000000013800138000", serial: 0xffff, body },
      ]);
      expect(assembler.lost).toBe(0);
    }
  });

  test("survives the frame it travels in", () => {
    const splitter = new Jt808Splitter();
    expect(parts.flatMap((part) => splitter.push(encodeFrame(part)))).toEqual(parts);
  });

  test("is given up when its rest does not come, when there are too many, or when it is endless", () => {
    const assembler = new Jt808Parts();
    const [first, second] = parts;
    if (first === undefined || second === undefined) fail();
    assembler.push(first, 0);
    assembler.push(second, PART_WAIT_MAX_ms + 1);
    expect(assembler.lost).toBe(1);
    for (let message = 0; message < MESSAGES_OPEN_MAX; message += 1)
      assembler.push({ ...first, message }, PART_WAIT_MAX_ms + 1);
    expect(assembler.lost).toBe(2);
    assembler.push({ ...first, part: { total: PARTS_MAX + 1, number: 1 } }, 0);
    expect(assembler.lost).toBe(3);
  });
});

describe("bodies", () => {
  const location: Location = {
    alarm: 0x8000_0001,
    status: 0x4003,
    latitude: -30.572816,
    longitude: -104.066541,
    altitude_m: 501,
    speed_km_h: 43.2,
    heading: 271,
    time: Date.UTC(2026, 8, 1, 23, 59, 58),
    items: new Map([[1, Uint8Array.of(0, 1, 2, 3)]]),
  };

  test("a position comes back as it was, on each half of the globe", () => {
    expect(parseLocation(encodeLocation(location))).toEqual({ ...location, status: 0x400f });
    expect(
      parseLocation(encodeLocation({ ...location, latitude: 1, longitude: 2, time: undefined })),
    ).toMatchObject({
      latitude: 1,
      longitude: 2,
      status: 0x4003,
      time: undefined,
    });
  });

  test("a batch holds positions, a driver's card a licence, each edition in its own way", () => {
    const batch = { backlog: true, locations: [encodeLocation(location), encodeLocation(location)] };
    expect(parseLocationBatch(encodeLocationBatch(batch))).toEqual(batch);
    const time = Date.UTC(2026, 8, 1);
    const card = { inserted: true, time, result: "read", licence: "510100000012345678" } as const;
    for (const edition of [2013, 2019] as const) {
      expect(parseDriverCard(encodeDriverCard(card, edition))).toEqual(card);
      expect(parseAuthentication(encodeAuthentication("s3cret", edition), edition)).toBe("s3cret");
      const registration = { manufacturer: "70960", model: "T7", terminal: "0329170", plate: "川A12345" };
      expect(parseRegistration(encodeRegistration(registration, edition), edition)).toEqual(registration);
    }
    expect(parseDriverCard(encodeDriverCard({ inserted: false, time }, 2019))).toEqual({
      inserted: false,
      time,
    });
    expect(parseDriverCard(Uint8Array.of(1, 0x26, 9, 1, 8, 0, 0, 2))).toMatchObject({ result: "locked" });
  });

  test("answers are understood by the other side", () => {
    expect(parseRegisterAnswer(encodeRegisterAnswer(7, 0, "abc"))).toEqual({
      serial: 7,
      result: 0,
      code: "abc",
    });
    expect(parseAnswer(hex("01020200ff"))).toEqual({ serial: 0x0102, message: 0x0200, result: 255 });
  });

  test("that end too early, or lie about their length, are refused and never read beyond", () => {
    const whole = [
      encodeLocation(location),
      encodeLocationBatch({ backlog: false, locations: [encodeLocation(location)] }),
    ];
    for (const bytes of whole)
      for (let length = 0; length < bytes.length; length += 1) {
        if (length === 28 || (bytes === whole[1] && length < 3)) continue;
        const parse = bytes === whole[0] ? parseLocation : parseLocationBatch;
        expect(() => parse(bytes.subarray(0, length))).toThrow(Jt808BodyError);
      }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        for (const parse of [parseLocation, parseLocationBatch, parseDriverCard, parseAnswer]) {
          try {
            parse(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(Jt808BodyError);
          }
        }
      }),
    );
  });
});

function fail(): never {
  throw new Error("no such part");
}
