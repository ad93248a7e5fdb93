/** H.264 in RTP (RFC 3550, RFC 6184), in frames of an RTSP connection (RFC 2326, clause 10.12). */

const PAYLOAD_TYPE = 96;
const PAYLOAD_BYTES_MAX = 1_400;
const CLOCK_Hz = 90_000;
const FU_A = 28;
const CHANNEL = 0;
const NO_EXTENSION = new Uint8Array();

export class RtpSender {
  readonly #ssrc: number;
  #sequence = 0;

  constructor(ssrc: number) {
    this.#ssrc = ssrc;
  }

  /** The NAL units of one picture, at its time. `extension`: of the header of each packet, from its identifier on. */
  frames(
    units: readonly Uint8Array[],
    time_s: number,
    extension: Uint8Array = NO_EXTENSION,
  ): readonly Uint8Array[] {
    return units.flatMap((unit, i) => {
      const isLast = i === units.length - 1;
      const payloads = unit.length <= PAYLOAD_BYTES_MAX ? [unit] : fragments(unit);
      return payloads.map((payload, j) => {
        const marker = isLast && j === payloads.length - 1;
        return this.#frame(payload, time_s, marker, extension);
      });
    });
  }

  #frame(payload: Uint8Array, time_s: number, marker: boolean, extension: Uint8Array): Uint8Array {
    const frame = Buffer.alloc(16 + extension.length + payload.length);
    frame.writeUInt8(0x24, 0);
    frame.writeUInt8(CHANNEL, 1);
    frame.writeUInt16BE(12 + extension.length + payload.length, 2);
    frame.writeUInt8(extension.length > 0 ? 0x90 : 0x80, 4);
    frame.writeUInt8((marker ? 0x80 : 0) | PAYLOAD_TYPE, 5);
    frame.writeUInt16BE(this.#sequence, 6);
    frame.writeUInt32BE(Math.round(time_s * CLOCK_Hz) % 2 ** 32, 8);
    frame.writeUInt32BE(this.#ssrc, 12);
    frame.set(extension, 16);
    frame.set(payload, 16 + extension.length);
    this.#sequence = (this.#sequence + 1) % 65_536;
    return frame;
  }
}

/** RFC 6184, clause 5.8. */
function fragments(unit: Uint8Array): readonly Uint8Array[] {
  const [header = 0] = unit;
  const pieces: Uint8Array[] = [];
  for (let at = 1; at < unit.length; at += PAYLOAD_BYTES_MAX - 2) {
    const piece = unit.subarray(at, at + PAYLOAD_BYTES_MAX - 2);
    const isFirst = at === 1;
    const isLast = at + PAYLOAD_BYTES_MAX - 2 >= unit.length;
    const mark = (isFirst ? 0x80 : 0) | (isLast ? 0x40 : 0) | (header & 0x1f);
    pieces.push(Uint8Array.from([(header & 0xe0) | FU_A, mark, ...piece]));
  }
  return pieces;
}
