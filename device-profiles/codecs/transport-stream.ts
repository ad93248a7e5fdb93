/**
 * MPEG-2 transport streams (ISO/IEC 13818-1, clauses 2.4.3 and 2.4.4), as far as it takes to cut one at its key pictures
 * and to begin it anew there.
 */

export const TS_PACKET_BYTES = 188;

const SYNC = 0x47;
const PAT_PID = 0;
const UNIT_START = 0x40;
const RANDOM_ACCESS = 0x40;

/** By `stream_type` (table 2-34, and its amendment for HEVC). */
const CODECS: Readonly<Record<number, string>> = { 27: "h264", 36: "hevc" };

/** Whole packets of a stream, in order. */
export interface StreamRun {
  readonly data: Uint8Array;
  /** It begins with a key picture. */
  readonly key: boolean;
}

export class KeyPictureCutter {
  #rest: Uint8Array = new Uint8Array();
  #pat: Uint8Array | undefined;
  #pmt: Uint8Array | undefined;
  #pmtPid: number | undefined;
  /** Bytes that belonged to no packet. */
  strayBytes = 0;

  /** What tells a decoder what the stream holds: it stands before any part of it. Undefined until both tables came. */
  get tables(): Uint8Array | undefined {
    return this.#pat === undefined || this.#pmt === undefined ? undefined : joined([this.#pat, this.#pmt]);
  }

  /** `h264` or `hevc`; undefined for others, and before the tables have come. */
  get codec(): string | undefined {
    if (this.#pmt === undefined) return undefined;
    const table = sectionOf(this.#pmt);
    const information_bytes = ((table[10] ?? 0) & 0x0f) * 256 + (table[11] ?? 0);
    return CODECS[table[12 + information_bytes] ?? 0];
  }

  /** Takes the next bytes of the stream, cut anywhere. */
  push(chunk: Uint8Array): readonly StreamRun[] {
    const bytes = this.#rest.length === 0 ? chunk : joined([this.#rest, chunk]);
    const runs: StreamRun[] = [];
    let from = 0;
    let at = 0;
    let key = false;
    const finish = (): void => {
      if (at > from) runs.push({ data: bytes.subarray(from, at), key });
      from = at;
      key = false;
    };
    while (at + TS_PACKET_BYTES <= bytes.length) {
      if (bytes[at] !== SYNC) {
        finish();
        at += 1;
        from = at;
        this.strayBytes += 1;
        continue;
      }
      const packet = bytes.subarray(at, at + TS_PACKET_BYTES);
      this.#look(packet);
      if (beginsKeyPicture(packet)) {
        finish();
        key = true;
      }
      at += TS_PACKET_BYTES;
    }
    finish();
    this.#rest = bytes.slice(at);
    return runs;
  }

  #look(packet: Uint8Array): void {
    if (((packet[1] ?? 0) & UNIT_START) === 0) return;
    const pid = pidOf(packet);
    if (pid === PAT_PID) {
      this.#pat = packet.slice();
      this.#pmtPid = firstProgram(packet);
    } else if (pid === this.#pmtPid) {
      this.#pmt = packet.slice();
    }
  }
}

function pidOf(packet: Uint8Array): number {
  return ((packet[1] ?? 0) & 0x1f) * 256 + (packet[2] ?? 0);
}

function beginsKeyPicture(packet: Uint8Array): boolean {
  const hasField = ((packet[3] ?? 0) & 0x20) !== 0 && (packet[4] ?? 0) > 0;
  return hasField && ((packet[1] ?? 0) & UNIT_START) !== 0 && ((packet[5] ?? 0) & RANDOM_ACCESS) !== 0;
}

/** A table that begins in this packet, from its table_id on. */
function sectionOf(packet: Uint8Array): Uint8Array {
  const field_bytes = ((packet[3] ?? 0) & 0x20) === 0 ? 0 : (packet[4] ?? 0) + 1;
  const pointer = 4 + field_bytes;
  return packet.subarray(pointer + 1 + (packet[pointer] ?? 0));
}

/** The packet identifier of the first programme's own table; undefined where there is none. */
function firstProgram(packet: Uint8Array): number | undefined {
  const table = sectionOf(packet);
  const length = ((table[1] ?? 0) & 0x0f) * 256 + (table[2] ?? 0);
  // Five bytes of header follow the length, four of checksum end it.
  for (let at = 8; at + 4 <= Math.min(3 + length - 4, table.length); at += 4) {
    const program = (table[at] ?? 0) * 256 + (table[at + 1] ?? 0);
    if (program !== 0) return ((table[at + 2] ?? 0) & 0x1f) * 256 + (table[at + 3] ?? 0);
  }
  return undefined;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
