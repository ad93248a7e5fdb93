/** Cuts a byte stream into lines of text, and long ones short, so that a process gone mad cannot fill our memory. */
import { StringDecoder } from "node:string_decoder";

/** What a line has beyond this many characters is dropped, and said to be. */
export const LINE_CHARACTERS_MAX = 65_536;

const CUT = " … (cut)";

export class LineSplitter {
  readonly #decoder = new StringDecoder("utf8");
  readonly #onLine: (line: string) => void;
  #rest = "";
  #overlong = false;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    const parts = this.#decoder.write(chunk).split("\n");
    const last = parts.pop() ?? "";
    for (const part of parts) {
      this.#append(part);
      this.#finish();
    }
    this.#append(last);
  }

  /** The stream has ended: what is left counts as a line. */
  end(): void {
    this.#append(this.#decoder.end());
    if (this.#rest !== "") this.#finish();
  }

  #append(text: string): void {
    const room = LINE_CHARACTERS_MAX - this.#rest.length;
    this.#overlong ||= text.length > room;
    this.#rest += text.slice(0, room);
  }

  #finish(): void {
    const line = this.#overlong ? this.#rest + CUT : this.#rest;
    this.#rest = "";
    this.#overlong = false;
    if (line !== "") this.#onLine(line);
  }
}
