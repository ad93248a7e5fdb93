/**
 * Payloads of LoRaWAN sensors, which have a few bytes and every maker's own layout. Two ways of laying them out cover
 * the most of them: fields that name themselves by a channel and a type before each value, and fields in fixed places.
 */
export interface PayloadField {
  /** What it is called where it is given a meaning. */
  readonly name: string;
  /** Of the whole field; the value is the first {@link PayloadNumber.bytes} of them. */
  readonly length: number;
  /** Absent for a field that is only stepped over. */
  readonly number?: PayloadNumber;
}

export interface PayloadNumber {
  readonly bytes: 1 | 2 | 4;
  readonly order: "LE" | "BE";
  readonly signed: boolean;
  /** Bits that belong to the value; the others are something else's. */
  readonly mask?: number;
}

/** Makers whose fields name themselves: `03 67` is channel 3, type 0x67. */
export interface ChannelLayout {
  readonly kind: "channels";
  readonly fields: Readonly<Record<string, PayloadField>>;
}

/** Makers whose fields stand one after the other. */
export interface FixedLayout {
  readonly kind: "fixed";
  readonly fields: readonly PayloadField[];
}

export type PayloadLayout = ChannelLayout | FixedLayout;

/** The payload is not laid out as its profile says. What stood before the place is in {@link read}. */
export class PayloadError extends Error {
  override readonly name = "PayloadError";
  readonly read: ReadonlyMap<string, number>;
  constructor(message: string, read: ReadonlyMap<string, number>) {
    super(message);
    this.read = read;
  }
}

export const u8 = (name: string): PayloadField => field(name, { bytes: 1, order: "LE", signed: false });
export const u16 = (name: string, order: "LE" | "BE" = "LE"): PayloadField =>
  field(name, { bytes: 2, order, signed: false });
export const i16 = (name: string, order: "LE" | "BE" = "LE"): PayloadField =>
  field(name, { bytes: 2, order, signed: true });
export const u32 = (name: string, order: "LE" | "BE" = "LE"): PayloadField =>
  field(name, { bytes: 4, order, signed: false });
export const masked = (plain: PayloadField, mask: number): PayloadField =>
  plain.number === undefined ? plain : { ...plain, number: { ...plain.number, mask } };
/** The rest of a field of `length` bytes is not read. */
export const within = (length: number, plain: PayloadField): PayloadField => ({ ...plain, length });
export const skipped = (name: string, length: number): PayloadField => ({ name, length });

function field(name: string, number: PayloadNumber): PayloadField {
  return { name, length: number.bytes, number };
}

/** Every value by its field's name, the last of a name that comes twice. Throws {@link PayloadError}. */
export function decodePayload(layout: PayloadLayout, payload: Uint8Array): ReadonlyMap<string, number> {
  const read = new Map<string, number>();
  const take = (at: number, each: PayloadField): number => {
    if (at + each.length > payload.length) {
      throw new PayloadError(
        `${each.name} has ${each.length} bytes, and ${payload.length - at} are left`,
        read,
      );
    }
    if (each.number !== undefined) read.set(each.name, decodeNumber(payload.subarray(at), each.number));
    return at + each.length;
  };
  if (layout.kind === "fixed") {
    let at = 0;
    for (const each of layout.fields) at = take(at, each);
    return read;
  }
  let at = 0;
  while (at < payload.length) {
    const key = hexPair(payload[at], payload[at + 1]);
    const each = layout.fields[key];
    // Its length is not known: what stands behind it cannot be found.
    if (each === undefined) throw new PayloadError(`channel and type ${key} are unknown`, read);
    at = take(at + 2, each);
  }
  return read;
}

/**
 * The payload that {@link decodePayload} reads; of channels only those that have a value. Throws {@link RangeError} for
 * a value that does not fit into its field.
 */
export function encodePayload(layout: PayloadLayout, values: ReadonlyMap<string, number>): Uint8Array {
  const bytes: number[] = [];
  const put = (each: PayloadField): void => {
    const body = new Uint8Array(each.length);
    const value = values.get(each.name);
    if (each.number !== undefined && value !== undefined) body.set(encodeNumber(value, each.number));
    bytes.push(...body);
  };
  if (layout.kind === "fixed") {
    for (const each of layout.fields) put(each);
    return Uint8Array.from(bytes);
  }
  for (const [key, each] of Object.entries(layout.fields)) {
    if (!values.has(each.name)) continue;
    bytes.push(...key.split(" ").map((digits) => Number.parseInt(digits, 16)));
    put(each);
  }
  return Uint8Array.from(bytes);
}

function decodeNumber(bytes: Uint8Array, { bytes: length, mask, order, signed }: PayloadNumber): number {
  const own = bytes.subarray(0, length);
  const digits = order === "LE" ? own.toReversed() : own;
  const value = digits.reduce((sum, byte) => sum * 256 + byte, 0);
  const kept = mask === undefined ? value : value & mask;
  const limit = 2 ** (length * 8 - 1);
  return signed && kept >= limit ? kept - 2 * limit : kept;
}

function encodeNumber(value: number, { bytes, mask, order, signed }: PayloadNumber): Uint8Array {
  const limit = 2 ** (bytes * 8);
  const [min, max] = signed ? [-limit / 2, limit / 2 - 1] : [0, mask ?? limit - 1];
  const whole = Math.round(value);
  if (whole < min || whole > max) throw new RangeError(`${value} does not fit into ${bytes} bytes`);
  const unsigned = whole < 0 ? whole + limit : whole;
  const digits = Uint8Array.from({ length: bytes }, (_, index) => Math.floor(unsigned / 256 ** index) & 0xff);
  return order === "LE" ? digits : digits.toReversed();
}

const hexPair = (...bytes: readonly (number | undefined)[]): string =>
  bytes.map((byte) => (byte ?? 0).toString(16).padStart(2, "0")).join(" ");
