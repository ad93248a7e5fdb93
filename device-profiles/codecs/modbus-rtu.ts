/**
 * Modbus RTU frames: unit, PDU, CRC. MODBUS over Serial Line Specification and Implementation Guide V1.02, 2.5.1.
 *
 * On the wire silence separates frames; what reaches a program through an adapter or a serial server has lost its
 * silences. So frames are found by what they must hold: the unit, the function, the length that follows from them, and
 * the CRC. Whatever lies between is noise and is passed over.
 */
import {
  functionCode,
  type ModbusRequest,
  PDU_BYTES_MAX,
  responsePduBytes,
  writeByteCount,
} from "./modbus-pdu.ts";

/** All units take it and none answers. 2.1 */
export const BROADCAST_UNIT = 0;
export const RTU_BYTES_MAX = PDU_BYTES_MAX + 3;

const CRC_BYTES = 2;
const EXCEPTION_PDU_BYTES = 2;
const EXCEPTION_FLAG = 0x80;

/** CRC-16 with the polynomial 0xA001, begun with 0xFFFF; its low byte travels first. 6.2.2 */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return crc;
}

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

export function encodeRtu(unit: number, pdu: Uint8Array): Uint8Array {
  const frame = new Uint8Array(1 + pdu.length + CRC_BYTES);
  frame[0] = unit;
  frame.set(pdu, 1);
  const crc = crc16(frame.subarray(0, -CRC_BYTES));
  frame[frame.length - 2] = crc & 0xff;
  frame[frame.length - 1] = crc >>> 8;
  return frame;
}

/** How long the frame is that answers `request`. */
export const rtuResponseBytes = (request: ModbusRequest): number => 1 + responsePduBytes(request) + CRC_BYTES;

/**
 * The PDU with which `unit` answers `request`, somewhere in what was received since it was asked; undefined while it is
 * not whole. An answer of another unit or to another request, such as one that comes late, and the echo of the request
 * itself are passed over.
 */
export function findRtuResponse(
  received: Uint8Array,
  unit: number,
  request: ModbusRequest,
): Uint8Array | undefined {
  const code = functionCode(request);
  for (let start = 0; start < received.length; start += 1) {
    if (received[start] !== unit) continue;
    const answered = received[start + 1];
    const bytes =
      answered === code
        ? responsePduBytes(request)
        : answered === (code | EXCEPTION_FLAG)
          ? EXCEPTION_PDU_BYTES
          : undefined;
    if (bytes === undefined) continue;
    const frame = received.subarray(start, start + 1 + bytes + CRC_BYTES);
    if (isWhole(frame, 1 + bytes + CRC_BYTES)) return frame.slice(1, -CRC_BYTES);
  }
  return undefined;
}

export interface RtuFrame {
  readonly unit: number;
  readonly pdu: Uint8Array;
}

/** Cuts what a server hears, in pieces of any size, into requests. */
export class RtuRequestSplitter {
  #rest: Uint8Array = new Uint8Array(0);

  /** The requests that are complete now. Bytes that begin none, and requests with a wrong CRC, are passed over. */
  push(bytes: Uint8Array): readonly RtuFrame[] {
    let rest = Uint8Array.from([...this.#rest, ...bytes]);
    const frames: RtuFrame[] = [];
    while (rest.length > 1) {
      const length = requestLength(rest);
      if (length !== undefined && rest.length < length) break;
      if (length === undefined || !isWhole(rest.subarray(0, length), length)) {
        rest = rest.subarray(1);
        continue;
      }
      frames.push({ unit: rest[0] ?? 0, pdu: rest.slice(1, length - CRC_BYTES) });
      rest = rest.subarray(length);
    }
    this.#rest = rest.slice();
    return frames;
  }
}

/** Requests by function, where their length is always the same: unit, PDU and CRC. V1.1b3, chapter 6 */
const REQUEST_BYTES: Readonly<Record<number, number>> = {
  ...{ 1: 8, 2: 8, 3: 8, 4: 8, 5: 8, 6: 8 },
  ...{ 7: 4, 8: 8, 11: 4, 12: 4, 17: 4, 22: 10, 24: 6, 43: 7 },
};

/** How long the request is that `bytes` begin with; undefined when none begins so. */
function requestLength(bytes: Uint8Array): number | undefined {
  const code = bytes[1] ?? 0;
  if (code !== 15 && code !== 16) return REQUEST_BYTES[code];
  const length = 1 + 6 + writeByteCount(bytes.subarray(1)) + CRC_BYTES;
  return length > RTU_BYTES_MAX ? undefined : length;
}

function isWhole(frame: Uint8Array, length: number): boolean {
  if (frame.length < length) return false;
  const crc = crc16(frame.subarray(0, -CRC_BYTES));
  return frame[length - 2] === (crc & 0xff) && frame[length - 1] === crc >>> 8;
}
