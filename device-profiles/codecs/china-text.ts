/**
 * Texts of devices made for the Chinese market: GBK or GB18030 by their standards, UTF-8 by fashion, and often one
 * under the other's name, cut in the middle of a character.
 */
const UTF_8 = new TextDecoder("utf-8", { fatal: true });
const GB18030 = new TextDecoder("gb18030", { fatal: true });
const DAMAGED_UTF_8 = new TextDecoder("utf-8");
const UTF_16LE = new TextDecoder("utf-16le");

export type TextEncoding = "utf-8" | "gb18030";

/**
 * The text of a field that is filled up with NUL; undefined when its bytes are text in neither encoding. Both are
 * decoded strictly. Where `first` is GB18030, UTF-8 counts only when it is Chinese: GB18030 takes nearly any UTF-8 for
 * some text, and its own characters may by chance be two-byte UTF-8.
 */
export function decodeText(bytes: Uint8Array, first: TextEncoding = "utf-8"): string | undefined {
  const text = used(bytes);
  const utf8 = strictly(UTF_8, text);
  if (utf8 !== undefined && (first === "utf-8" || CHINESE.test(utf8))) return utf8;
  return strictly(GB18030, text) ?? utf8;
}

/** Like {@link decodeText} for a field of fixed length: a character that its end cuts in two is left out. */
export function decodeFixedText(bytes: Uint8Array, first: TextEncoding = "gb18030"): string | undefined {
  const text = used(bytes);
  const isFull = text.length === bytes.length;
  const shortened = (decoder: typeof UTF_8): string | undefined => {
    for (let cut = 0; cut <= (isFull ? CUT_BYTES_MAX : 0); cut += 1) {
      const decoded = strictly(decoder, text.subarray(0, text.length - cut));
      if (decoded !== undefined) return decoded;
    }
    return undefined;
  };
  const utf8 = shortened(UTF_8);
  if (utf8 !== undefined && (first === "utf-8" || CHINESE.test(utf8))) return utf8;
  return shortened(GB18030) ?? utf8;
}

/**
 * A whole document, of which one field may be cut inside a character: where neither encoding fits, what could not be
 * read stands as U+FFFD in the text, the rest of which is right. With its byte order mark, as spreadsheet programs
 * write "Unicode text", it may be UTF-16.
 */
export function decodeDocument(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return UTF_16LE.decode(bytes).trim();
  return strictly(UTF_8, bytes) ?? strictly(GB18030, bytes) ?? DAMAGED_UTF_8.decode(bytes).trim();
}

/** Whether a part of a {@link decodeDocument decoded document} lost characters. */
export const isDamaged = (text: string): boolean => text.includes("\uFFFD");

/** Chinese as UTF-8 has it, and nothing stranger: three bytes of GB18030 are seldom that by chance. */
const CHINESE = /^(?=.*[\u4e00-\u9fff])[\u0020-\u007e\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]*$/;
/** Both encodings have characters of up to four bytes. */
const CUT_BYTES_MAX = 3;

function used(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function strictly(decoder: typeof UTF_8, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes).trim();
  } catch {
    return undefined;
  }
}

let twoByteCodes: ReadonlyMap<string, number> | undefined;

/** Characters of two bytes by the WHATWG table; those of four (rare names) become `?`. For simulators and answers. */
export function encodeGb18030(text: string): Uint8Array {
  twoByteCodes ??= tableOfTwoByteCodes();
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const code = twoByteCodes.get(character);
    if (point < 0x80) bytes.push(point);
    else if (code === undefined) bytes.push(0x3f);
    else bytes.push(code >> 8, code & 0xff);
  }
  return Uint8Array.from(bytes);
}

/** GB18030-2005, 6.2: the first byte 81 to FE, the second 40 to FE without 7F. */
function tableOfTwoByteCodes(): ReadonlyMap<string, number> {
  const table = new Map<string, number>();
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      if (trail === 0x7f) continue;
      const character = GB18030.decode(Uint8Array.of(lead, trail));
      if (!table.has(character)) table.set(character, lead * 256 + trail);
    }
  }
  return table;
}
