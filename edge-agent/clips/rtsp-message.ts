/** What travels on an RTSP connection, either way: messages, and frames of interleaved data (RFC 2326, clauses 4 and 10.12). */

/** A message, with its header and what follows it; or a frame of interleaved data, whole. */
export type RtspItem =
  | { readonly head: string; readonly body: Uint8Array }
  | { readonly channel: number; readonly frame: Uint8Array };

/** A header with its body; a description of a stream is some hundred bytes. */
export const MESSAGE_BYTES_MAX = 65_536;

const DOLLAR = 0x24;
const FRAME_HEADER_BYTES = 4;
const HEAD_END = Buffer.from("\r\n\r\n");

export class RtspReader {
  #rest: Buffer = Buffer.alloc(0);

  /** Takes the next bytes, cut anywhere. Throws a RangeError for a message beyond {@link MESSAGE_BYTES_MAX}. */
  push(chunk: Buffer): readonly RtspItem[] {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const items: RtspItem[] = [];
    for (;;) {
      const [item, length] = itemAt(bytes);
      if (item === undefined) break;
      items.push(item);
      bytes = bytes.subarray(length);
    }
    this.#rest = Buffer.from(bytes);
    return items;
  }
}

function itemAt(bytes: Buffer): readonly [RtspItem | undefined, number] {
  if (bytes[0] === DOLLAR) {
    const length = bytes.length < FRAME_HEADER_BYTES ? Infinity : FRAME_HEADER_BYTES + bytes.readUInt16BE(2);
    if (bytes.length < length) return [undefined, 0];
    return [{ channel: bytes[1] ?? 0, frame: bytes.subarray(0, length) }, length];
  }
  const end = bytes.indexOf(HEAD_END);
  const head = end < 0 ? "" : bytes.toString("latin1", 0, end);
  const begin = end + HEAD_END.length;
  const length = begin + Number(headersOf(head, "Content-Length")[0] ?? 0);
  if (bytes.length > MESSAGE_BYTES_MAX && (end < 0 || end > MESSAGE_BYTES_MAX))
    throw new RangeError(`an RTSP message without an end in ${MESSAGE_BYTES_MAX} bytes`);
  if (end >= 0 && !(length >= begin && length - begin <= MESSAGE_BYTES_MAX))
    throw new RangeError(`an RTSP message with a body of ${length - begin} bytes`);
  if (end < 0 || bytes.length < length) return [undefined, 0];
  return [{ head, body: bytes.subarray(begin, length) }, length];
}

/** The values of a header, one for each time that it stands there. */
export function headersOf(head: string, name: string): readonly string[] {
  return [...head.matchAll(new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r?$`, "gim"))].map(
    ([, value = ""]) => value,
  );
}
