/**
 * SNMP values: how the varbinds of RFC 3416 become samples, and back again for writes and for the simulator.
 *
 * A codec is a value that knows one SYNTAX of a MIB. It never guesses: a value of another type, or an enumeration
 * number the MIB does not define, throws {@link UnexpectedVarbindError} and the sample is marked bad.
 */
import type { SampleValue } from "../vocabulary/index.ts";

/** ASN.1 tags of RFC 2578 (SMIv2) and the exceptions of RFC 3416, clause 3. */
export const SnmpType = {
  Integer: 0x02,
  OctetString: 0x04,
  Null: 0x05,
  ObjectIdentifier: 0x06,
  Counter32: 0x41,
  Gauge32: 0x42,
  TimeTicks: 0x43,
  Counter64: 0x46,
  NoSuchObject: 0x80,
  NoSuchInstance: 0x81,
  EndOfMibView: 0x82,
} as const;

/** snmpTrapOID of the standard notifications (RFC 3418, clause 2; RFC 2863, clause 6). */
export const SNMP_TRAPS = {
  coldStart: "1.3.6.1.6.3.1.1.5.1",
  warmStart: "1.3.6.1.6.3.1.1.5.2",
  linkDown: "1.3.6.1.6.3.1.1.5.3",
  linkUp: "1.3.6.1.6.3.1.1.5.4",
  authenticationFailure: "1.3.6.1.6.3.1.1.5.5",
} as const;

export type VarbindValue = number | string | boolean | Uint8Array | null;

/** One variable binding. `type` is an ASN.1 tag; octet strings and 64-bit counters are their bytes. */
export interface Varbind {
  readonly oid: string;
  readonly type: number;
  readonly value: VarbindValue;
}

export class UnexpectedVarbindError extends Error {
  override readonly name: string = "UnexpectedVarbindError";
}

/** The device says that it has no reading: the value it sent stands for that. */
export class NoReadingError extends UnexpectedVarbindError {
  override readonly name = "NoReadingError";
}

/** A text that is neither UTF-8 nor GB18030, or was cut inside a character. */
export class UnreadableTextError extends UnexpectedVarbindError {
  override readonly name = "UnreadableTextError";
  /** The bytes as they came, at most {@link UNREADABLE_BYTES_MAX} of them. */
  readonly hex: string;
  constructor(bytes: Uint8Array) {
    super("the text is neither UTF-8 nor GB18030");
    const kept = [...bytes.subarray(0, UNREADABLE_BYTES_MAX)];
    this.hex = kept.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}

const UNREADABLE_BYTES_MAX = 128;

export interface VarbindCodec {
  /** The tag a device answers with and the simulator sends. */
  readonly type: number;
  /** Throws {@link UnexpectedVarbindError}. */
  decode(varbind: Varbind): SampleValue;
  /** Throws {@link UnexpectedVarbindError} when the value cannot be said in this SYNTAX. */
  encode(value: SampleValue): VarbindValue;
}

/** True for the three ways an agent says “there is nothing here” (RFC 3416, clause 4.2.1). */
export function isException(varbind: Varbind): boolean {
  return (
    varbind.type === SnmpType.NoSuchObject ||
    varbind.type === SnmpType.NoSuchInstance ||
    varbind.type === SnmpType.EndOfMibView
  );
}

/** Counter64 and Counter32: a number while that is exact, a bigint beyond 2^53. */
export const counter64: VarbindCodec = {
  type: SnmpType.Counter64,
  decode({ type, value }) {
    if (type === SnmpType.Counter32 && typeof value === "number") return value;
    if (type === SnmpType.Counter64 && value instanceof Uint8Array && value.length > 0) {
      return exact(bigEndian(value));
    }
    throw new UnexpectedVarbindError(`expected a Counter64, got ASN.1 type ${type}`);
  },
  encode(value) {
    const counted = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof counted !== "bigint" || counted < 0n || counted > UINT64_MAX) {
      throw new UnexpectedVarbindError(`${String(value)} is not a 64-bit counter`);
    }
    return minimalBytes(counted);
  },
};

/** Counter32 of the tables that have no 64-bit columns. */
export const counter32: VarbindCodec = {
  type: SnmpType.Counter32,
  decode: (varbind) => integerOf(varbind, SnmpType.Counter32),
  encode: (value) => Math.floor(numberOf(value)) % 2 ** 32,
};

const UINT64_MAX = 0xffff_ffff_ffff_ffffn;
/** BER puts a zero byte before an unsigned value whose first bit is set: nine bytes at most. */
const COUNTER64_BYTES_MAX = 9;

function bigEndian(bytes: Uint8Array): bigint {
  if (bytes.length > COUNTER64_BYTES_MAX || (bytes.length === COUNTER64_BYTES_MAX && bytes[0] !== 0)) {
    throw new UnexpectedVarbindError(`a Counter64 of ${bytes.length} bytes`);
  }
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

/** As few bytes as BER allows (X.690, clause 8.3.2). */
function minimalBytes(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 0xffn));
  if (bytes.length === 0 || (bytes[0] ?? 0) > 0x7f) bytes.unshift(0);
  return Uint8Array.from(bytes);
}

function exact(value: bigint): number | bigint {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** TimeTicks, hundredths of a second, as seconds. */
export const timeTicksSeconds: VarbindCodec = {
  type: SnmpType.TimeTicks,
  decode: (varbind) => integerOf(varbind, SnmpType.TimeTicks) / 100,
  // sysUpTime is modulo 2^32: 497 days (RFC 3418).
  encode: (value) => Math.floor(numberOf(value) * 100) % 2 ** 32,
};

/** An enumerated INTEGER: the MIB's numbers by the vocabulary's words. */
export function enumeration<Word extends string>(numbers: Readonly<Record<Word, number>>): VarbindCodec {
  const words = new Map(Object.entries<number>(numbers).map(([word, number]) => [number, word]));
  return {
    type: SnmpType.Integer,
    decode(varbind) {
      const number = integerOf(varbind, SnmpType.Integer);
      const word = words.get(number);
      if (word === undefined) throw new UnexpectedVarbindError(`the MIB does not define the value ${number}`);
      return word;
    },
    encode(value) {
      const entry = [...words].find(([, word]) => word === value);
      if (entry === undefined) throw new UnexpectedVarbindError(`the MIB has no value for ${String(value)}`);
      return entry[0];
    },
  };
}

/** TruthValue of RFC 2579: true(1), false(2). */
export const truthValue: VarbindCodec = {
  type: SnmpType.Integer,
  decode(varbind) {
    const number = integerOf(varbind, SnmpType.Integer);
    if (number !== 1 && number !== 2) throw new UnexpectedVarbindError(`TruthValue ${number}`);
    return number === 1;
  },
  encode(value) {
    if (typeof value !== "boolean") throw new UnexpectedVarbindError(`${String(value)} is not true or false`);
    return value ? 1 : 2;
  },
};

/**
 * DisplayString. RFC 2579 says NVT ASCII; devices send UTF-8 and GB18030, so both are tried, strictly and in this
 * order (CP936 is a subset of GB18030).
 */
export const displayString: VarbindCodec = {
  type: SnmpType.OctetString,
  decode({ type, value }) {
    if (type !== SnmpType.OctetString || !(value instanceof Uint8Array)) {
      throw new UnexpectedVarbindError(`expected an OCTET STRING, got ASN.1 type ${type}`);
    }
    for (const label of ["utf-8", "gb18030"]) {
      try {
        return new TextDecoder(label, { fatal: true }).decode(value);
      } catch {
        // Not this encoding: the next one is tried.
      }
    }
    throw new UnreadableTextError(value);
  },
  encode(value) {
    if (typeof value !== "string") throw new UnexpectedVarbindError(`${String(value)} is not a text`);
    return new TextEncoder().encode(value);
  },
};

/**
 * A measured INTEGER, Gauge32 or Unsigned32, in units of `scale`. The numbers in `sentinels` are what the device says
 * when it has no reading.
 */
export function measured(
  type: typeof SnmpType.Integer | typeof SnmpType.Gauge32,
  { scale = 1, sentinels = [] }: { readonly scale?: number; readonly sentinels?: readonly number[] } = {},
): VarbindCodec {
  return {
    type,
    decode({ type: found, value }) {
      if ((found !== SnmpType.Integer && found !== SnmpType.Gauge32) || typeof value !== "number") {
        throw new UnexpectedVarbindError(`expected ASN.1 type ${type}, got ${found}`);
      }
      if (sentinels.includes(value)) throw new NoReadingError(`${value} stands for “no reading”`);
      // Multiplying by 0.1 leaves 23.400000000000002.
      return scale < 1 ? value / Math.round(1 / scale) : value * scale;
    },
    encode(value) {
      if (typeof value !== "number" || !Number.isFinite(value)) {
        throw new UnexpectedVarbindError(`${String(value)} is not a number`);
      }
      return Math.round(value / scale);
    },
  };
}

/** An enumerated INTEGER of which some numbers mean true and some false; others throw. */
export function numberedFlag(yes: readonly number[], no: readonly number[]): VarbindCodec {
  return {
    type: SnmpType.Integer,
    decode(varbind) {
      const number = integerOf(varbind, SnmpType.Integer);
      if (!yes.includes(number) && !no.includes(number)) {
        throw new UnexpectedVarbindError(`the value ${number} says neither yes nor no`);
      }
      return yes.includes(number);
    },
    encode(value) {
      const number = value === true ? yes[0] : value === false ? no[0] : undefined;
      if (number === undefined) throw new UnexpectedVarbindError(`${String(value)} is not true or false`);
      return number;
    },
  };
}

/** ifAdminStatus of IF-MIB (RFC 2863, clause 6): up(1), down(2); a port in testing(3) carries no traffic either. */
export const ifAdminStatus = numberedFlag([1], [2, 3]);

/** ifOperStatus of IF-MIB (RFC 2863, clause 6). */
export const ifOperStatus = enumeration({
  up: 1,
  down: 2,
  testing: 3,
  unknown: 4,
  dormant: 5,
  "not-present": 6,
  "lower-layer-down": 7,
});

/** ifOperStatus as whether traffic passes: up(1) alone is yes. */
export const operIsUp = numberedFlag([1], [2, 3, 4, 5, 6, 7]);

/** pethPsePortDetectionStatus of POWER-ETHERNET-MIB (RFC 3621, clause 4). */
export const pethPsePortDetectionStatus = enumeration({
  disabled: 1,
  searching: 2,
  delivering: 3,
  fault: 4,
  test: 5,
  "other-fault": 6,
});

function integerOf(varbind: Varbind, type: number): number {
  if (varbind.type !== type || typeof varbind.value !== "number") {
    throw new UnexpectedVarbindError(`expected ASN.1 type ${type}, got ${varbind.type}`);
  }
  return varbind.value;
}

function numberOf(value: SampleValue): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
    throw new UnexpectedVarbindError(`${String(value)} is not a non-negative number`);
  }
  return value;
}

/** True when `oid` lies below `base`. */
export function isBelow(oid: string, base: string): boolean {
  return oid.startsWith(`${base}.`);
}

/** Lexicographic order of object identifiers, number by number: negative, zero or positive. */
export function compareOids(a: string, b: string): number {
  let same = 0;
  while (same < a.length && a[same] === b[same]) same += 1;
  // Where they part there may be the rest of a number; where one of them ends the other one is longer.
  const number = same === 0 ? 0 : a.lastIndexOf(".", same - 1) + 1;
  return numberAt(a, number) - numberAt(b, number) || a.length - b.length;
}

/** Zero after the end. */
function numberAt(oid: string, at: number): number {
  return Number.parseInt(oid.slice(at), 10) || 0;
}
