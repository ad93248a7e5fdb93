/**
 * Multipart streams without an end (RFC 2046, clause 5.1), as cameras and terminals send their events: text parts are
 * handed out as soon as they are whole, pictures are skipped without being kept.
 *
 * A part is as long as its Content-Length says; where there is none, or it is wrong, the next boundary ends it. The
 * length of what is skipped is not believed: one that is too long would swallow the alarm behind the picture.
 */

/** A text part's longest body; a longer one is skipped. */
export const PART_BYTES_MAX = 262_144;
const HEADER_BYTES_MAX = 4_096;
const DEFAULT_BOUNDARY = "boundary";

export interface Part {
  /** Lower case, without parameters; empty when the part does not say. */
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** What a stream brought that was no part. */
export interface StreamRefusals {
  /** Parts longer than {@link PART_BYTES_MAX}. */
  readonly oversized: number;
  /** Parts whose header does not end. */
  readonly headers: number;
  /** Parts whose Content-Length was not theirs. */
  readonly lengths: number;
}

type State =
  | { readonly at: "boundary" }
  | { readonly at: "header" }
  | {
      readonly at: "body";
      readonly contentType: string;
      readonly length: number | undefined;
      readonly kept: boolean;
    };

const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
const EMPTY = new Uint8Array();

export class MultipartParser {
  readonly #delimiter: Uint8Array;
  #buffer: Uint8Array = EMPTY;
  #state: State = { at: "boundary" };
  #oversized = 0;
  #headers = 0;
  #lengths = 0;

  /** `contentType` is that of the whole answer. */
  constructor(contentType: string) {
    this.#delimiter = new TextEncoder().encode(`--${boundaryOf(contentType)}`);
  }

  get refusals(): StreamRefusals {
    return { oversized: this.#oversized, headers: this.#headers, lengths: this.#lengths };
  }

  /** The parts that these bytes complete. */
  push(chunk: Uint8Array): readonly Part[] {
    this.#buffer = joined(this.#buffer, chunk);
    const parts: Part[] = [];
    for (let part = this.#next(); part !== undefined; part = this.#next()) {
      if (part !== "again") parts.push(part);
    }
    return parts;
  }

  /** A part, `again` when something else was got through, undefined when more bytes are needed. */
  #next(): Part | "again" | undefined {
    switch (this.#state.at) {
      case "boundary":
        return this.#findBoundary();
      case "header":
        return this.#readHeader();
      case "body":
        return this.#state.length === undefined || !this.#state.kept
          ? this.#readToBoundary(this.#state)
          : this.#readLength(this.#state, this.#state.length);
    }
  }

  #findBoundary(): "again" | undefined {
    const start = indexOf(this.#buffer, this.#delimiter);
    if (start < 0) {
      this.#drop(Math.max(0, this.#buffer.length - this.#delimiter.length + 1));
      return undefined;
    }
    this.#drop(start + this.#delimiter.length);
    this.#state = { at: "header" };
    return "again";
  }

  #readHeader(): "again" | undefined {
    const end = headerEnd(this.#buffer);
    if (end === undefined || end > HEADER_BYTES_MAX) {
      if (this.#buffer.length <= HEADER_BYTES_MAX) return undefined;
      this.#headers += 1;
      this.#state = { at: "boundary" };
      return "again";
    }
    const header = new TextDecoder().decode(this.#buffer.subarray(0, end));
    this.#drop(end);
    const contentType = (/^content-type:\s*([^;\r\n]*)/im.exec(header)?.[1] ?? "").trim().toLowerCase();
    const digits = /^content-length:\s*(\d{1,9})\s*$/im.exec(header)?.[1];
    const length = digits === undefined ? undefined : Number(digits);
    const isText = !/^(?:image|video|audio)\//.test(contentType);
    const isLong = length !== undefined && length > PART_BYTES_MAX;
    if (isText && isLong) this.#oversized += 1;
    this.#state = { at: "body", contentType, length, kept: isText && !isLong };
    return "again";
  }

  /** Handed out with its last byte: who waits for the next boundary learns of an alarm with the next heartbeat. */
  #readLength({ contentType }: State & { at: "body" }, length: number): Part | "again" | undefined {
    const cut = indexOf(this.#buffer.subarray(0, length), this.#delimiter);
    if (cut >= 0) return this.#cutBody(contentType, cut);
    if (this.#buffer.length < length) return undefined;
    const body = this.#buffer.slice(0, length);
    this.#drop(length);
    this.#state = { at: "boundary" };
    return { contentType, body };
  }

  #cutBody(contentType: string, end: number): Part {
    this.#lengths += 1;
    const body = withoutNewline(this.#buffer.slice(0, end));
    this.#drop(end);
    this.#state = { at: "boundary" };
    return { contentType, body };
  }

  #readToBoundary({ contentType, kept }: State & { at: "body" }): Part | "again" | undefined {
    const end = indexOf(this.#buffer, this.#delimiter);
    if (end >= 0) {
      const body = withoutNewline(this.#buffer.slice(0, end));
      this.#drop(end);
      this.#state = { at: "boundary" };
      return kept ? { contentType, body } : "again";
    }
    const whole = Math.max(0, this.#buffer.length - this.#delimiter.length + 1);
    if (!kept) this.#drop(whole);
    else if (whole > PART_BYTES_MAX) {
      this.#oversized += 1;
      this.#drop(whole);
      this.#state = { at: "boundary" };
    }
    return undefined;
  }

  #drop(bytes: number): void {
    this.#buffer = bytes === this.#buffer.length ? EMPTY : this.#buffer.subarray(bytes);
  }
}

/** Some devices put the dashes into the parameter, others leave them out, and some leave the parameter out. */
function boundaryOf(contentType: string): string {
  const match = /;\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  const name = (match?.[1] ?? match?.[2] ?? "").replace(/^-+/, "");
  return name === "" ? DEFAULT_BOUNDARY : name;
}

/** Behind the empty line; lines end in CRLF, or in LF alone. */
function headerEnd(bytes: Uint8Array): number | undefined {
  // Two dashes behind the boundary close the stream; the line ends all the same, and what follows begins anew.
  let at = 0;
  while (at < bytes.length && bytes[at] === DASH) at += 1;
  for (; at < bytes.length; at += 1) {
    if (bytes[at] !== LF) continue;
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return undefined;
}

function withoutNewline(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === LF || bytes[end - 1] === CR || bytes[end - 1] === DASH)) end -= 1;
  return bytes.subarray(0, end);
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length === 0) return right;
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}

function indexOf(bytes: Uint8Array, pattern: Uint8Array): number {
  const [first = 0] = pattern;
  for (let start = bytes.indexOf(first); start >= 0; start = bytes.indexOf(first, start + 1)) {
    if (start + pattern.length > bytes.length) return -1;
    if (pattern.every((byte, i) => bytes[start + i] === byte)) return start;
  }
  return -1;
}
