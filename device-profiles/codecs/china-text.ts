/**
 * Texts of devices made for the Chinese market: GBK or GB18030 by their standards, UTF-8 by fashion, and often one
 * under the other's name, cut in the middle of a character.
 */
const UTF_8 = new TextDecoder("utf-8", { fatal: true });
const GB18030 = new TextDecoder("gb18030", { fatal: true });

export type TextEncoding = "utf-8" | "gb18030";

/**
 * The text of a field that is filled up with NUL; undefined when its bytes are text in neither encoding. Both are
 * decoded strictly, `first` before the other: GB18030 takes much UTF-8 for Chinese, and UTF-8 hardly any GB18030.
 */
export function decodeText(bytes: Uint8Array, first: TextEncoding = "utf-8"): string | undefined {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  for (const decoder of first === "utf-8" ? [UTF_8, GB18030] : [GB18030, UTF_8]) {
    try {
      return decoder.decode(text).trim();
    } catch {
      // Not in this encoding.
    }
  }
  return undefined;
}

/** Like {@link decodeText} for a field of fixed length: a character that its end cuts in two is left out. */
export function decodeFixedText(bytes: Uint8Array, first: TextEncoding = "gb18030"): string | undefined {
  const whole = decodeText(bytes, first);
  if (whole !== undefined || bytes.includes(0)) return whole;
  // GB18030 characters have one, two or four bytes; UTF-8 up to four.
  for (let cut = 1; cut <= 3; cut += 1) {
    const shorter = decodeText(bytes.subarray(0, bytes.length - cut), first);
    if (shorter !== undefined) return shorter;
  }
  return undefined;
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
