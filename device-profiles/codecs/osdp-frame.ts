/**
 * OSDP frames (IEC 60839-11-5, clause 5; SIA OSDP 2.2): how a controller and a reader talk on RS-485.
 *
 *     53 ADDR LEN_LSB LEN_MSB CTRL [security block] CODE data … [MAC] CRC_LSB CRC_MSB
 *
 * Bit 7 of the address marks a reply. Of CTRL, bits 0–1 are the sequence number, bit 2 says CRC instead of a checksum
 * of one byte, bit 3 that a security block stands before the code. Any number of FF may stand before the first byte.
 */

export const SOM = 0x53;
export const ADDRESS_MAX = 0x7e;
/** All readers take it, and one that is alone on the line answers. */
export const ADDRESS_ANY = 0x7f;
export const FRAME_BYTES_MAX = 1_440;

const REPLY_BIT = 0x80;
const SEQUENCE_MASK = 0x03;
const CRC_BIT = 0x04;
const SECURITY_BIT = 0x08;
const HEADER_BYTES = 5;
const FRAME_BYTES_MIN = 7;
export const MAC_BYTES = 4;

/** IEC 60839-11-5, annex A.1. */
export const Command = {
  Poll: 0x60,
  Id: 0x61,
  LocalStatus: 0x64,
  Led: 0x69,
  Buzzer: 0x6a,
  KeySet: 0x75,
  Challenge: 0x76,
  ServerCryptogram: 0x77,
} as const;

/** Annex A.2. */
export const Reply = {
  Ack: 0x40,
  Nak: 0x41,
  Id: 0x45,
  LocalStatus: 0x48,
  Raw: 0x50,
  Keypad: 0x53,
  ClientCryptogram: 0x76,
  InitialMac: 0x78,
  Busy: 0x79,
} as const;

/** Types of security blocks, annex D: 11 to 14 open a channel, 15 and 16 sign, 17 and 18 sign and encrypt. */
export const Security = {
  Challenge: 0x11,
  ClientCryptogram: 0x12,
  ServerCryptogram: 0x13,
  InitialMac: 0x14,
  SignedCommand: 0x15,
  SignedReply: 0x16,
  SealedCommand: 0x17,
  SealedReply: 0x18,
} as const;

export interface SecurityBlock {
  readonly type: number;
  readonly data: Uint8Array;
}

export interface OsdpFrame {
  /** 0 to 7E. */
  readonly address: number;
  readonly isReply: boolean;
  readonly sequence: number;
  readonly security?: SecurityBlock;
  readonly code: number;
  readonly data: Uint8Array;
  /** The first four bytes of it; present when the security block signs. */
  readonly mac?: Uint8Array;
}

/** What came is no OSDP. */
export class OsdpFrameError extends Error {
  override readonly name = "OsdpFrameError";
}

/** CRC-16 with the polynomial 0x1021, begun with 0x1D0F. Annex B. */
export function osdpCrc(bytes: Uint8Array): number {
  let crc = 0x1d0f;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1)
      crc = (crc & 0x8000) !== 0 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
  }
  return crc;
}

const signs = (security: SecurityBlock | undefined): boolean =>
  security !== undefined && security.type >= Security.SignedCommand;

/** The frame up to where its MAC stands, or its CRC where it has none: what a MAC is taken over. */
export function encodeUnsigned(frame: Omit<OsdpFrame, "mac">): Uint8Array {
  const security =
    frame.security === undefined
      ? []
      : [frame.security.data.length + 2, frame.security.type, ...frame.security.data];
  const body = [...security, frame.code, ...frame.data];
  const length = HEADER_BYTES + body.length + (signs(frame.security) ? MAC_BYTES : 0) + 2;
  if (length > FRAME_BYTES_MAX) throw new OsdpFrameError(`a frame of ${length} bytes`);
  const control = frame.sequence | CRC_BIT | (frame.security === undefined ? 0 : SECURITY_BIT);
  const address = frame.address | (frame.isReply ? REPLY_BIT : 0);
  return Uint8Array.of(SOM, address, length & 0xff, length >> 8, control, ...body);
}

/** The whole frame; `mac` where its security block signs. */
export function encodeFrame(frame: OsdpFrame): Uint8Array {
  if (signs(frame.security) !== (frame.mac !== undefined))
    throw new OsdpFrameError("a MAC too many or too few");
  const unsigned = Uint8Array.of(...encodeUnsigned(frame), ...(frame.mac ?? []));
  const crc = osdpCrc(unsigned);
  return Uint8Array.of(...unsigned, crc & 0xff, crc >> 8);
}

export interface FoundFrame {
  readonly frame: OsdpFrame;
  /** The frame as it stood on the line, before its MAC and CRC. */
  readonly unsigned: Uint8Array;
  /** Where the next frame may begin. */
  readonly end: number;
}

/** The first frame in `received`; undefined while there is none. Noise before it, and frames with a wrong CRC, are skipped. */
export function findFrame(received: Uint8Array): FoundFrame | undefined {
  for (let at = received.indexOf(SOM); at >= 0; at = received.indexOf(SOM, at + 1)) {
    const length = (received[at + 2] ?? 0) | ((received[at + 3] ?? 0) << 8);
    const address = received[at + 1] ?? 0;
    if (at + HEADER_BYTES > received.length) return undefined;
    if (length < FRAME_BYTES_MIN || length > FRAME_BYTES_MAX || (address & ADDRESS_ANY) > ADDRESS_ANY)
      continue;
    if (at + length > received.length) continue;
    const found = parse(received.subarray(at, at + length));
    if (found !== undefined) return { ...found, end: at + length };
  }
  return undefined;
}

function parse(bytes: Uint8Array): { frame: OsdpFrame; unsigned: Uint8Array } | undefined {
  const [, address = 0, , , control = 0] = bytes;
  const trailer = (control & CRC_BIT) !== 0 ? 2 : 1;
  if (!isIntact(bytes, trailer)) return undefined;
  const securityLength = (control & SECURITY_BIT) !== 0 ? (bytes[HEADER_BYTES] ?? 0) : 0;
  if ((control & SECURITY_BIT) !== 0 && securityLength < 2) return undefined;
  const security =
    securityLength === 0
      ? undefined
      : {
          type: bytes[HEADER_BYTES + 1] ?? 0,
          data: bytes.slice(HEADER_BYTES + 2, HEADER_BYTES + securityLength),
        };
  const codeAt = HEADER_BYTES + securityLength;
  const dataEnd = bytes.length - trailer - (signs(security) ? MAC_BYTES : 0);
  const code = bytes[codeAt];
  if (code === undefined || codeAt + 1 > dataEnd) return undefined;
  return {
    frame: {
      address: address & ~REPLY_BIT,
      isReply: (address & REPLY_BIT) !== 0,
      sequence: control & SEQUENCE_MASK,
      ...(security === undefined ? {} : { security }),
      code,
      data: bytes.slice(codeAt + 1, dataEnd),
      ...(signs(security) ? { mac: bytes.slice(dataEnd, dataEnd + MAC_BYTES) } : {}),
    },
    unsigned: bytes.slice(0, dataEnd),
  };
}

function isIntact(bytes: Uint8Array, trailer: 1 | 2): boolean {
  const body = bytes.subarray(0, -trailer);
  if (trailer === 1) return (body.reduce((sum, byte) => sum + byte, bytes.at(-1) ?? 0) & 0xff) === 0;
  return osdpCrc(body) === ((bytes.at(-2) ?? 0) | ((bytes.at(-1) ?? 0) << 8));
}
