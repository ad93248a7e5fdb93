/** Messages of JT/T 808 that came in parts, put together again (JT/T 808-2019, 4.4.3). */
import type { Jt808Frame } from "./jt808-frame.ts";

/** Messages of one terminal that may be incomplete at the same time. */
export const MESSAGES_OPEN_MAX = 4;
/** Parts of one message: 64 × 1023 bytes. */
export const PARTS_MAX = 64;
/** A message whose last part came so long ago is given up; its terminal sends it again. */
export const PART_WAIT_MAX_ms = 120_000;

interface OpenMessage {
  readonly parts: Map<number, Uint8Array>;
  readonly total: number;
  /** Serial number that its first part has or would have. */
  readonly firstSerial: number;
  touchedAt: number;
}

export class Jt808Parts {
  readonly #open = new Map<string, OpenMessage>();
  #lost = 0;

  /** Messages that were begun and never completed. */
  get lost(): number {
    return this.#lost;
  }

  /** The whole message once its last part is there, under the serial number of its first; undefined until then. */
  push(frame: Jt808Frame, now: number): Jt808Frame | undefined {
    const { part } = frame;
    if (part === undefined) return frame;
    this.#expire(now);
    if (part.total > PARTS_MAX) {
      this.#lost += 1;
      return undefined;
    }
    // The parts of one message have consecutive serial numbers.
    const firstSerial = (frame.serial - part.number + 1) & 0xffff;
    const key = `${frame.message}/${part.total}/${firstSerial}`;
    const message = this.#open.get(key) ?? this.#begin(key, part.total, firstSerial, now);
    message.parts.set(part.number, frame.body);
    message.touchedAt = now;
    if (message.parts.size < message.total) return undefined;
    this.#open.delete(key);
    const { part: _part, ...head } = frame;
    return { ...head, serial: firstSerial, body: join(message) };
  }

  #begin(key: string, total: number, firstSerial: number, now: number): OpenMessage {
    if (this.#open.size >= MESSAGES_OPEN_MAX) {
      const [oldest] = this.#open.keys();
      if (oldest !== undefined) this.#open.delete(oldest);
      this.#lost += 1;
    }
    const message: OpenMessage = { parts: new Map(), total, firstSerial, touchedAt: now };
    this.#open.set(key, message);
    return message;
  }

  #expire(now: number): void {
    for (const [key, { touchedAt }] of this.#open) {
      if (now - touchedAt <= PART_WAIT_MAX_ms) continue;
      this.#open.delete(key);
      this.#lost += 1;
    }
  }
}

function join({ parts, total }: OpenMessage): Uint8Array {
  const bodies = Array.from({ length: total }, (_, index) => parts.get(index + 1) ?? new Uint8Array());
  const whole = new Uint8Array(bodies.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const body of bodies) {
    whole.set(body, at);
    at += body.length;
  }
  return whole;
}
