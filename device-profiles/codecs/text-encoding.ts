/** Texts of devices that say UTF-8 and send GB18030 (of which CP936 and GB2312 are subsets). */

export interface DecodedText {
  readonly text: string;
  /** `unknown`: neither fits; what could not be read stands as U+FFFD in the text, the rest of which is right. */
  readonly encoding: "utf-8" | "gb18030" | "unknown";
}

/** Strictly UTF-8, strictly GB18030, and then as much of it as is UTF-8: a text cut inside a character is not lost. */
export function decodeText(bytes: Uint8Array): DecodedText {
  for (const encoding of ["utf-8", "gb18030"] as const) {
    try {
      return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding };
    } catch {
      // Not this encoding: the next one is tried.
    }
  }
  return { text: new TextDecoder("utf-8").decode(bytes), encoding: "unknown" };
}

const REPLACEMENT = "\uFFFD";

/** Whether a part of a {@link DecodedText} lost characters. */
export function isDamaged(text: string): boolean {
  return text.includes(REPLACEMENT);
}
