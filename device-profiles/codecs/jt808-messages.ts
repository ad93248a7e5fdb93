/** Bodies of the messages of JT/T 808 that the platform understands, in both directions (JT/T 808-2019, clause 8). */
import type { Timestamp } from "../vocabulary/index.ts";
import { decodeText, encodeGb18030 } from "./china-text.ts";
import { bcdTime, encodeBcdTime } from "./china-time.ts";

export const Jt808Message = {
  TerminalAnswer: 0x0001,
  Heartbeat: 0x0002,
  Logout: 0x0003,
  Register: 0x0100,
  Authenticate: 0x0102,
  Location: 0x0200,
  Driver: 0x0702,
  LocationBatch: 0x0704,
  PlatformAnswer: 0x8001,
  RegisterAnswer: 0x8100,
} as const;

export const AnswerResult = { done: 0, failed: 1, wrong: 2, unsupported: 3 } as const;
export const RegisterResult = { done: 0, noSuchVehicle: 2, alreadyRegistered: 3, noSuchTerminal: 4 } as const;

export type Edition = 2013 | 2019;

export class Jt808BodyError extends Error {
  override readonly name = "Jt808BodyError";
}

export interface Registration {
  readonly manufacturer: string;
  readonly model: string;
  readonly terminal: string;
  /** Empty for a vehicle without one. */
  readonly plate: string;
}

/** Lengths of manufacturer, model and terminal id. */
const REGISTRATION_FIELDS: Readonly<Record<Edition, readonly [number, number, number]>> = {
  2013: [5, 20, 7],
  2019: [11, 30, 30],
};

/** 8.5. Throws {@link Jt808BodyError}. */
export function parseRegistration(body: Uint8Array, edition: Edition): Registration {
  const reader = new Reader(body);
  reader.bytes(4);
  const [manufacturer, model, terminal] = REGISTRATION_FIELDS[edition].map((length) =>
    textOf(reader.bytes(length)),
  );
  reader.bytes(1);
  return {
    manufacturer: manufacturer ?? "",
    model: model ?? "",
    terminal: terminal ?? "",
    plate: textOf(reader.rest()),
  };
}

export function encodeRegistration(registration: Registration, edition: Edition): Uint8Array {
  const [manufacturer, model, terminal] = REGISTRATION_FIELDS[edition];
  return concat(
    new Uint8Array(4),
    fixed(registration.manufacturer, manufacturer),
    fixed(registration.model, model),
    fixed(registration.terminal, terminal),
    Uint8Array.of(1),
    encodeGb18030(registration.plate),
  );
}

/** 8.6: the code only with result 0. */
export function encodeRegisterAnswer(serial: number, result: number, code = ""): Uint8Array {
  return concat(word(serial), Uint8Array.of(result), encodeGb18030(code));
}

export function parseRegisterAnswer(body: Uint8Array): { serial: number; result: number; code: string } {
  const reader = new Reader(body);
  return { serial: reader.uint16(), result: reader.uint8(), code: textOf(reader.rest()) };
}

/** 8.8: all of the body in 2013; with its length before it, and IMEI and software version after it, in 2019. */
export function parseAuthentication(body: Uint8Array, edition: Edition): string {
  const reader = new Reader(body);
  return edition === 2013 ? textOf(reader.rest()) : textOf(reader.bytes(reader.uint8()));
}

export function encodeAuthentication(code: string, edition: Edition): Uint8Array {
  const text = encodeGb18030(code);
  return edition === 2013 ? text : concat(Uint8Array.of(text.length), text, new Uint8Array(15 + 20));
}

export interface GeneralAnswer {
  /** Of the message that is answered. */
  readonly serial: number;
  readonly message: number;
  readonly result: number;
}

/** 8.1 and 8.2: the same in both directions. */
export const encodeAnswer = ({ message, result, serial }: GeneralAnswer): Uint8Array =>
  concat(word(serial), word(message), Uint8Array.of(result));

export function parseAnswer(body: Uint8Array): GeneralAnswer {
  const reader = new Reader(body);
  return { serial: reader.uint16(), message: reader.uint16(), result: reader.uint8() };
}

export interface Location {
  /** 32 alarm bits (table 24) and 32 status bits (table 25). */
  readonly alarm: number;
  readonly status: number;
  /** Degrees; south and west negative. */
  readonly latitude: number;
  readonly longitude: number;
  readonly altitude_m: number;
  readonly speed_km_h: number;
  /** 0 to 359, north is 0. */
  readonly heading: number;
  /** Undefined for six bytes that are no time. */
  readonly time: Timestamp | undefined;
  /** Additional items by their id, as they stand. */
  readonly items: ReadonlyMap<number, Uint8Array>;
}

const SOUTH = 1 << 2;
const WEST = 1 << 3;
const LOCATION_BYTES = 28;

/** 8.18. Throws {@link Jt808BodyError}. */
export function parseLocation(body: Uint8Array): Location {
  const reader = new Reader(body);
  const alarm = reader.uint32();
  const status = reader.uint32();
  const latitude = reader.uint32() / 1e6;
  const longitude = reader.uint32() / 1e6;
  const altitude_m = reader.uint16();
  const speed_km_h = reader.uint16() / 10;
  const heading = reader.uint16();
  const time = bcdTime(reader.bytes(6));
  const items = new Map<number, Uint8Array>();
  while (reader.left > 0) {
    const id = reader.uint8();
    items.set(id, reader.bytes(reader.uint8()));
  }
  return {
    alarm,
    status,
    latitude: (status & SOUTH) === 0 ? latitude : -latitude,
    longitude: (status & WEST) === 0 ? longitude : -longitude,
    altitude_m,
    speed_km_h,
    heading,
    time,
    items,
  };
}

export function encodeLocation(location: Location): Uint8Array {
  const { altitude_m, heading, items, latitude, longitude, speed_km_h } = location;
  const hemispheres = (latitude < 0 ? SOUTH : 0) | (longitude < 0 ? WEST : 0);
  const fixedPart = new Uint8Array(LOCATION_BYTES);
  const view = new DataView(fixedPart.buffer);
  view.setUint32(0, location.alarm);
  view.setUint32(4, (location.status & ~(SOUTH | WEST)) | hemispheres);
  view.setUint32(8, Math.round(Math.abs(latitude) * 1e6));
  view.setUint32(12, Math.round(Math.abs(longitude) * 1e6));
  view.setUint16(16, altitude_m);
  view.setUint16(18, Math.round(speed_km_h * 10));
  view.setUint16(20, heading);
  fixedPart.set(location.time === undefined ? new Uint8Array(6) : encodeBcdTime(location.time), 22);
  const extra = [...items].map(([id, value]) => concat(Uint8Array.of(id, value.length), value));
  return concat(fixedPart, ...extra);
}

export interface LocationBatch {
  /** True for what could not be sent when it happened. */
  readonly backlog: boolean;
  /** Bodies of location messages, oldest first as a rule. */
  readonly locations: readonly Uint8Array[];
}

/** 8.46. Throws {@link Jt808BodyError}. */
export function parseLocationBatch(body: Uint8Array): LocationBatch {
  const reader = new Reader(body);
  const count = reader.uint16();
  const backlog = reader.uint8() === 1;
  const locations: Uint8Array[] = [];
  for (let index = 0; index < count; index += 1) locations.push(reader.bytes(reader.uint16()));
  return { backlog, locations };
}

export const encodeLocationBatch = ({ backlog, locations }: LocationBatch): Uint8Array =>
  concat(
    word(locations.length),
    Uint8Array.of(backlog ? 1 : 0),
    ...locations.flatMap((location) => [word(location.length), location]),
  );

export interface DriverCard {
  readonly inserted: boolean;
  readonly time: Timestamp | undefined;
  /** Of the reading; absent when the card was taken out. */
  readonly result?: DriverCardResult;
  /** Number of the licence; absent when the card was taken out or could not be read. */
  readonly licence?: string;
}

/** Table 42. */
const CARD_RESULTS = ["read", "not-authenticated", "locked", "withdrawn", "check-failed"] as const;
export type DriverCardResult = (typeof CARD_RESULTS)[number];
const LICENCE_BYTES = 20;

/** 8.44. The driver's name is read over: the platform has no use for it. Throws {@link Jt808BodyError}. */
export function parseDriverCard(body: Uint8Array): DriverCard {
  const reader = new Reader(body);
  const inserted = reader.uint8() === 1;
  const time = bcdTime(reader.bytes(6));
  if (!inserted) return { inserted, time };
  const result = CARD_RESULTS[reader.uint8()];
  if (result === undefined)
    throw new Jt808BodyError("a result of reading the card that is not in the standard");
  if (result !== "read" && reader.left === 0) return { inserted, time, result };
  reader.bytes(reader.uint8());
  const licence = textOf(reader.bytes(LICENCE_BYTES));
  return licence === "" ? { inserted, time, result } : { inserted, time, result, licence };
}

export function encodeDriverCard(card: DriverCard, edition: Edition): Uint8Array {
  const time = card.time === undefined ? new Uint8Array(6) : encodeBcdTime(card.time);
  if (!card.inserted) return concat(Uint8Array.of(2), time);
  const result = CARD_RESULTS.indexOf(card.result ?? "read");
  const name = encodeGb18030("驾驶员");
  const issuer = encodeGb18030("发证机关");
  return concat(
    Uint8Array.of(1),
    time,
    Uint8Array.of(result, name.length),
    name,
    fixed(card.licence ?? "", LICENCE_BYTES),
    Uint8Array.of(issuer.length),
    issuer,
    Uint8Array.of(0x20, 0x99, 0x12, 0x31),
    new Uint8Array(edition === 2019 ? 20 : 0),
  );
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  bytes(length: number): Uint8Array {
    if (length > this.left) throw new Jt808BodyError(`${length} bytes are missing, ${this.left} are there`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  rest(): Uint8Array {
    return this.bytes(this.left);
  }

  uint8(): number {
    return this.bytes(1)[0] ?? 0;
  }

  uint16(): number {
    return this.uint8() * 0x100 + this.uint8();
  }

  uint32(): number {
    return this.uint16() * 0x1_0000 + this.uint16();
  }
}

/** GBK by the standard (4.2). What is text in no encoding reads as nothing. */
const textOf = (bytes: Uint8Array): string => decodeText(bytes, "gb18030") ?? "";

function fixed(text: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(encodeGb18030(text).subarray(0, length));
  return bytes;
}

const word = (value: number): Uint8Array => Uint8Array.of((value >> 8) & 0xff, value & 0xff);

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
