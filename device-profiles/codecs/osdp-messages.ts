/** What OSDP frames carry (IEC 60839-11-5, clauses 6 and 7). Each function takes or makes the data behind the code. */
import { bitsOf } from "./card-identity.ts";
import { OsdpFrameError } from "./osdp-frame.ts";

export interface ReaderIdentity {
  /** IEEE OUI, six hex digits. */
  readonly vendor: string;
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
}

const PDID_BYTES = 12;

/** PDID: vendor 3, model, version, serial number 4 (low byte first), firmware 3. */
export function parseIdentity(data: Uint8Array): ReaderIdentity {
  if (data.length < PDID_BYTES) throw new OsdpFrameError(`an identity of ${data.length} bytes`);
  const view = new DataView(data.buffer, data.byteOffset);
  return {
    vendor: hex(data.subarray(0, 3)),
    model: `${data[3]}.${data[4]}`,
    serial: view.getUint32(5, true).toString(),
    firmware: `${data[9]}.${data[10]}.${data[11]}`,
  };
}

export function encodeIdentity({ firmware, model, serial, vendor }: ReaderIdentity): Uint8Array {
  const numbers = (text: string, count: number): number[] =>
    Array.from({ length: count }, (_, i) => Number(text.split(".")[i] ?? 0) & 0xff);
  const data = new Uint8Array(PDID_BYTES);
  data.set(vendor.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? []);
  data.set(numbers(model, 2), 3);
  new DataView(data.buffer).setUint32(5, Number(serial) >>> 0, true);
  data.set(numbers(firmware, 3), 9);
  return data;
}

export interface LocalStatus {
  readonly tampered: boolean;
  readonly powerFailed: boolean;
}

/** LSTATR: tamper, power. */
export function parseLocalStatus(data: Uint8Array): LocalStatus {
  const [tamper, power] = data;
  if (tamper === undefined || power === undefined) throw new OsdpFrameError("a status without its two bytes");
  return { tampered: tamper !== 0, powerFailed: power !== 0 };
}

export const encodeLocalStatus = ({ powerFailed, tampered }: LocalStatus): Uint8Array =>
  Uint8Array.of(tampered ? 1 : 0, powerFailed ? 1 : 0);

/** RAW: reader, format, number of bits (low byte first), bits. Gives the bits as `0` and `1`. Throws `CardIdentityError` for a number of bits that cannot be. */
export function parseRaw(data: Uint8Array): string {
  const [, , low, high] = data;
  if (low === undefined || high === undefined) throw new OsdpFrameError("card data without a length");
  return bitsOf(data.subarray(4), low | (high << 8));
}

export function encodeRaw(bits: string): Uint8Array {
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0").match(/.{8}/g) ?? [];
  return Uint8Array.of(
    0,
    0,
    bits.length & 0xff,
    bits.length >> 8,
    ...bytes.map((byte) => Number.parseInt(byte, 2)),
  );
}

/** KEYPAD: reader, number of keys, keys in ASCII; `*` is 7F and `#` is 0D. */
export function parseKeypad(data: Uint8Array): string {
  const count = data[1] ?? 0;
  if (data.length < 2 + count) throw new OsdpFrameError(`${count} keys in ${data.length} bytes`);
  return [...data.subarray(2, 2 + count)]
    .map((byte) => (byte === 0x7f ? "*" : byte === 0x0d ? "#" : String.fromCharCode(byte)))
    .join("");
}

export function encodeKeypad(keys: string): Uint8Array {
  const bytes = [...keys].map((key) => (key === "*" ? 0x7f : key === "#" ? 0x0d : key.charCodeAt(0)));
  return Uint8Array.of(0, bytes.length, ...bytes);
}

export const LED_COLOURS = ["off", "red", "green", "amber"] as const;
export type LedColour = (typeof LED_COLOURS)[number];

/** LED: reader 0, light 0, no temporary state, and from now on this colour. */
export function encodeLed(colour: LedColour): Uint8Array {
  const code = LED_COLOURS.indexOf(colour);
  return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 10, 0, code, code);
}

export function parseLed(data: Uint8Array): LedColour {
  const colour = LED_COLOURS[data[12] ?? LED_COLOURS.length];
  if (data[9] !== 1 || colour === undefined) throw new OsdpFrameError("a light that is no permanent colour");
  return colour;
}

/** BUZ: reader 0, its default tone, on and off for so many tenths of a second, so often. */
export const encodeBuzzer = (times: number): Uint8Array => Uint8Array.of(0, 2, 2, 2, times);

/** KEYSET: type 1 (the secure channel's key), length, key. */
export const encodeKeySet = (key: Uint8Array): Uint8Array => Uint8Array.of(1, key.length, ...key);

/** NAK: why. */
export const NAK_REASONS: Readonly<Record<number, string>> = {
  1: "wrong checksum",
  2: "wrong length",
  3: "unknown command",
  4: "wrong sequence number",
  5: "security block not supported",
  6: "encryption required",
  7: "biometric type not supported",
  8: "biometric format not supported",
  9: "cannot be done",
};
export const NAK_SEQUENCE = 4;
export const NAK_SECURITY = 5;
export const NAK_ENCRYPTION = 6;

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
