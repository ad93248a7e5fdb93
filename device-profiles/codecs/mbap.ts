/**
 * The Modbus TCP header around a PDU, and the cutting of a byte stream into frames.
 * MODBUS Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3.
 */
import { ModbusFrameError, PDU_BYTES_MAX } from "./modbus-pdu.ts";

export interface MbapFrame {
  /** 0 to 65535, chosen by the client and repeated by the server. */
  readonly transaction: number;
  /** Unit identifier: which device behind a gateway, 0 to 255. */
  readonly unit: number;
  readonly pdu: Uint8Array;
}

const HEADER_BYTES = 7;

export function encodeMbap(frame: MbapFrame): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + frame.pdu.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, frame.transaction);
  view.setUint16(4, frame.pdu.length + 1);
  view.setUint8(6, frame.unit);
  bytes.set(frame.pdu, HEADER_BYTES);
  return bytes;
}

/** Cuts what arrives, in pieces of any size, into frames. Never holds more than one frame's bytes. */
export class MbapSplitter {
  #rest: Uint8Array = new Uint8Array(0);

  /**
   * The frames that are complete now. Throws {@link ModbusFrameError} when the bytes cannot be Modbus TCP: the stream
   * has no mark to find the next frame by, so the connection has to be given up.
   */
  push(bytes: Uint8Array): readonly MbapFrame[] {
    let rest = new Uint8Array(this.#rest.length + bytes.length);
    rest.set(this.#rest);
    rest.set(bytes, this.#rest.length);
    const frames: MbapFrame[] = [];
    while (rest.length >= HEADER_BYTES) {
      const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
      const protocol = view.getUint16(2);
      const length = view.getUint16(4);
      if (protocol !== 0) throw new ModbusFrameError(`protocol identifier ${protocol} instead of 0`);
      if (length < 2 || length > PDU_BYTES_MAX + 1) {
        throw new ModbusFrameError(`a frame of ${length} bytes; 2 to ${PDU_BYTES_MAX + 1} are possible`);
      }
      const end = HEADER_BYTES - 1 + length;
      if (rest.length < end) break;
      frames.push({
        transaction: view.getUint16(0),
        unit: view.getUint8(6),
        pdu: rest.slice(HEADER_BYTES, end),
      });
      rest = rest.subarray(end);
    }
    this.#rest = rest.slice();
    return frames;
  }
}
