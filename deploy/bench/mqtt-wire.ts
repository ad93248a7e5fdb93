/** The few MQTT 3.1.1 packets that a load needs, made once and sent many times: a client library's work is not measured. */

const CONNECT = 0x10;
const PUBLISH = 0x30;
const PUBACK = 0x40;
const SUBSCRIBE = 0x82;
const CLEAN_WITH_NAME_AND_PASSWORD = 0xc2;
const KEEPALIVE_S = 600;

/** What comes of each packet: its type in the high half of `header`, and its bytes after the length. */
export type OnPacket = (header: number, body: Buffer) => void;

export function connectPacket(name: string, password: string): Buffer {
  const fixed = Buffer.from([0, 4, ...Buffer.from("MQTT"), 4, CLEAN_WITH_NAME_AND_PASSWORD]);
  return packet(CONNECT, [fixed, word(KEEPALIVE_S), text(name), text(name), text(password)]);
}

export function subscribePacket(filter: string, qos: 0 | 1): Buffer {
  return packet(SUBSCRIBE, [word(1), text(filter), Buffer.from([qos])]);
}

/** QoS 0. */
export function publishPacket(topic: string, payload: Uint8Array): Buffer {
  return packet(PUBLISH, [text(topic), Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)]);
}

/** A PUBLISH whose payload, of so many bytes, is random but for its first eight. */
export class PublishPacket {
  readonly bytes: Buffer;
  readonly #idAt: number;
  readonly #payloadAt: number;

  constructor(topic: string, payload: Buffer, qos: 0 | 1) {
    const id = qos === 1 ? [word(0)] : [];
    this.bytes = packet(PUBLISH | (qos << 1), [text(topic), ...id, payload]);
    this.#payloadAt = this.bytes.length - payload.length;
    this.#idAt = qos === 1 ? this.#payloadAt - 2 : -1;
  }

  /** A copy, because what was written before may not have left yet. */
  with(id: number, value: number): Buffer {
    const copy = Buffer.from(this.bytes);
    if (this.#idAt >= 0) copy.writeUInt16BE(id, this.#idAt);
    copy.writeDoubleBE(value, this.#payloadAt);
    return copy;
  }
}

/** The value in a PUBLISH that {@link PublishPacket} made, and its id when it is QoS 1. */
export function published(header: number, body: Buffer): { readonly value: number; readonly id?: number } {
  const topicEnd = 2 + body.readUInt16BE(0);
  if ((header & 0x06) === 0) return { value: body.readDoubleBE(topicEnd) };
  return { value: body.readDoubleBE(topicEnd + 2), id: body.readUInt16BE(topicEnd) };
}

export const pubackPacket = (id: number): Buffer => Buffer.from([PUBACK, 2, id >> 8, id & 0xff]);

/** Cuts what a socket brings into packets. */
export class PacketReader {
  readonly #onPacket: OnPacket;
  #rest: Buffer = Buffer.alloc(0);

  constructor(onPacket: OnPacket) {
    this.#onPacket = onPacket;
  }

  read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (;;) {
      const end = endOfPacket(bytes, at);
      if (end === undefined || end.packet > bytes.length) break;
      this.#onPacket(bytes[at] ?? 0, bytes.subarray(end.length, end.packet));
      at = end.packet;
    }
    this.#rest = bytes.subarray(at);
  }
}

/** Where the length that begins at `at + 1` ends, and the packet. */
function endOfPacket(bytes: Buffer, at: number): { length: number; packet: number } | undefined {
  let length = 0;
  for (let next = at + 1, shift = 0; next < bytes.length; next += 1, shift += 7) {
    const byte = bytes[next] ?? 0;
    length += (byte & 0x7f) << shift;
    if (byte < 0x80) return { length: next + 1, packet: next + 1 + length };
  }
  return undefined;
}

function packet(header: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let rest = body.length; ; ) {
    const low = rest & 0x7f;
    rest >>= 7;
    length.push(rest > 0 ? low | 0x80 : low);
    if (rest === 0) break;
  }
  return Buffer.concat([Buffer.from([header, ...length]), body]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

const text = (value: string): Buffer => Buffer.concat([word(Buffer.byteLength(value)), Buffer.from(value)]);
