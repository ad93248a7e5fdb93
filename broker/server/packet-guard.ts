/**
 * Watches the framing of the MQTT packets that a connection sends, before aedes collects them: aedes has no bound on
 * the size of a packet, and takes half a minute to find out that what it is being sent is not MQTT at all.
 *
 * A packet begins with a byte of type and flags and a length of one to four bytes (MQTT 3.1.1, clause 2.2.3).
 */

/** One packet of an authenticated client: a Sparkplug payload of 1 MiB and its topic. */
export const PACKET_BYTES_MAX = 1024 * 1024 + 4096;
/** The first packet, CONNECT: two passwords' worth of names, and a will. */
export const CONNECT_BYTES_MAX = 64 * 1024;

const CONNECT = 0x10;
const LENGTH_BYTES_MAX = 4;

export type Violation = "not-mqtt" | "packet-too-large";

export class PacketGuard {
  #first = true;
  /** Bytes of the packet's length that have been read; -1 when its first byte is next. */
  #lengthBytes = -1;
  #length = 0;
  /** Bytes of the packet that are still to come. */
  #remaining = 0;

  /** Looks at the next bytes of the connection; says what is wrong with them, if anything. */
  inspect(chunk: Uint8Array): Violation | undefined {
    let at = 0;
    while (at < chunk.length) {
      if (this.#remaining > 0) {
        const skipped = Math.min(this.#remaining, chunk.length - at);
        this.#remaining -= skipped;
        at += skipped;
        continue;
      }
      const byte = chunk[at] ?? 0;
      at += 1;
      const violation = this.#lengthBytes < 0 ? this.#begin(byte) : this.#measure(byte);
      if (violation !== undefined) return violation;
    }
    return undefined;
  }

  #begin(byte: number): Violation | undefined {
    if (this.#first ? byte !== CONNECT : byte < CONNECT) return "not-mqtt";
    this.#lengthBytes = 0;
    this.#length = 0;
    return undefined;
  }

  #measure(byte: number): Violation | undefined {
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
    this.#lengthBytes += 1;
    if (byte >= 0x80) return this.#lengthBytes < LENGTH_BYTES_MAX ? undefined : "not-mqtt";
    if (this.#length > (this.#first ? CONNECT_BYTES_MAX : PACKET_BYTES_MAX)) return "packet-too-large";
    this.#remaining = this.#length;
    this.#lengthBytes = -1;
    this.#first = false;
    return undefined;
  }
}
