/**
 * PJLink lines, both directions. PJLink Specifications, JBMIA: class 1 version 1.04, and class 2.
 *
 * A command is `%1POWR ?` or `%1POWR 1`, its answer `%1POWR=1`, every line ends in CR. The device speaks first:
 * `PJLINK 0`, or `PJLINK 1 <random>` when a password is set.
 */
export type PjlinkClass = 1 | 2;

export type PjlinkGreeting =
  | { readonly kind: "open" }
  | { readonly kind: "password"; readonly random: string }
  /** Answer to a first command whose digest was wrong. */
  | { readonly kind: "refused" };

/** ERR1 undefined command · ERR2 out of parameter · ERR3 unavailable time · ERR4 projector failure. */
export type PjlinkErrorCode = 1 | 2 | 3 | 4;

export type PjlinkResult =
  | { readonly kind: "value"; readonly text: string }
  | { readonly kind: "error"; readonly code: PjlinkErrorCode };

export interface PjlinkCommand {
  readonly pjlinkClass: PjlinkClass;
  /** Four characters, for example `POWR`. */
  readonly command: string;
  /** `?` asks. */
  readonly parameter: string;
}

export interface PjlinkResponse {
  readonly pjlinkClass: PjlinkClass;
  readonly command: string;
  readonly result: PjlinkResult;
}

/** What came is no PJLink. */
export class PjlinkFrameError extends Error {
  override readonly name = "PjlinkFrameError";
}

/** `%`, class, command, separator, 128 bytes of parameter and CR. */
export const LINE_BYTES_MAX = 136;
/** A command may carry an MD5 digest in front. */
export const DIGEST_CHARACTERS = 32;

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
/** Occurs neither in UTF-8 nor in GB 18030. */
const NEVER_IN_TEXT = 0xff;

export const POWER_STATES = { 0: "off", 1: "on", 2: "cooling", 3: "warming" } as const;
export type PowerState = (typeof POWER_STATES)[keyof typeof POWER_STATES];

/** The six digits of `ERST`, in this order. */
export const ERROR_PARTS = ["Fan", "Lamp", "Overheat", "Cover", "Filter", "Other"] as const;
export type ErrorPart = (typeof ERROR_PARTS)[number];

export const ERROR_LEVELS = ["ok", "warning", "error"] as const;
export type ErrorLevel = (typeof ERROR_LEVELS)[number];

export interface Lamp {
  readonly hours: number;
  readonly on: boolean;
}

export function parseGreeting(line: string): PjlinkGreeting {
  if (line === "PJLINK 0") return { kind: "open" };
  if (line.toUpperCase() === "PJLINK ERRA") return { kind: "refused" };
  const random = /^PJLINK 1 ([0-9a-fA-F]{8})$/.exec(line)?.[1];
  if (random === undefined) throw new PjlinkFrameError(`${JSON.stringify(line)} is no PJLink greeting`);
  return { kind: "password", random };
}

export const formatCommand = ({ pjlinkClass, command, parameter }: PjlinkCommand): string =>
  `%${pjlinkClass}${command} ${parameter}\r`;

/** The other side's view of {@link formatCommand}, without CR; a digest in front is split off. */
export function parseCommand(line: string): { readonly digest: string; readonly command: PjlinkCommand } {
  const match = /^([0-9a-fA-F]{32})?%([12])(\S{4}) (.{1,128})$/.exec(line);
  const [, digest = "", digit, command, parameter] = match ?? [];
  if (command === undefined || parameter === undefined)
    throw new PjlinkFrameError(`${JSON.stringify(line)} is no PJLink command`);
  return {
    digest,
    command: { pjlinkClass: digit === "2" ? 2 : 1, command: command.toUpperCase(), parameter },
  };
}

export function formatResponse({ pjlinkClass, command, result }: PjlinkResponse): string {
  return `%${pjlinkClass}${command}=${result.kind === "value" ? result.text : `ERR${result.code}`}\r`;
}

/** Devices differ in the case of what they repeat. */
export function parseResponse(line: string): PjlinkResponse {
  const match = /^%([12])(\S{4})=(.{0,128})$/.exec(line);
  const [, digit, command, text] = match ?? [];
  if (command === undefined || text === undefined)
    throw new PjlinkFrameError(`${JSON.stringify(line)} is no PJLink answer`);
  const error = /^ERR([1-4])$/i.exec(text)?.[1];
  return {
    pjlinkClass: digit === "2" ? 2 : 1,
    command: command.toUpperCase(),
    result:
      error === undefined
        ? { kind: "value", text }
        : { kind: "error", code: Number(error) as PjlinkErrorCode },
  };
}

export function parsePower(text: string): PowerState {
  const state = Object.entries(POWER_STATES).find(([digit]) => digit === text)?.[1];
  if (state === undefined) throw new PjlinkFrameError(`power state ${JSON.stringify(text)} is not 0 to 3`);
  return state;
}

export function formatPower(state: PowerState): string {
  return Object.entries(POWER_STATES).find(([, name]) => name === state)?.[0] ?? "0";
}

/** `002000`: everything well but the third part, which has an error. */
export function parseErrorStatus(text: string): Readonly<Record<ErrorPart, ErrorLevel>> {
  if (!/^[0-2]{6}$/.test(text))
    throw new PjlinkFrameError(`error status ${JSON.stringify(text)} is not six of 0 to 2`);
  const entries = ERROR_PARTS.map((part, index) => [part, ERROR_LEVELS[Number(text[index])]]);
  return Object.fromEntries(entries) as Record<ErrorPart, ErrorLevel>;
}

export function formatErrorStatus(levels: Readonly<Record<ErrorPart, ErrorLevel>>): string {
  return ERROR_PARTS.map((part) => ERROR_LEVELS.indexOf(levels[part])).join("");
}

/** Pairs of hours and on-flag: `1024 1 870 0` are two lamps. */
export function parseLamps(text: string): readonly Lamp[] {
  if (!/^\d{1,5} [01](?: \d{1,5} [01]){0,7}$/.test(text))
    throw new PjlinkFrameError(`lamp status ${JSON.stringify(text)} is not 1 to 8 pairs of hours and 0 or 1`);
  const numbers = text.split(" ").map(Number);
  return Array.from({ length: numbers.length / 2 }, (_, index) => ({
    hours: numbers[index * 2] ?? 0,
    on: numbers[index * 2 + 1] === 1,
  }));
}

export const formatLamps = (lamps: readonly Lamp[]): string =>
  lamps.map(({ hours, on }) => `${hours} ${on ? 1 : 0}`).join(" ");

/** Cuts bytes, in pieces of any size, into lines without their CR. Holds at most `bytesMax` bytes. */
export class LineSplitter {
  readonly #bytesMax: number;
  #rest: readonly number[] = [];

  constructor(bytesMax = LINE_BYTES_MAX + DIGEST_CHARACTERS) {
    this.#bytesMax = bytesMax;
  }

  /** Throws {@link PjlinkFrameError} on a line that is too long or cannot be text. */
  push(bytes: Uint8Array): readonly string[] {
    const lines: string[] = [];
    let line = [...this.#rest];
    for (const byte of bytes) {
      if (byte === CR) {
        lines.push(decodeLine(line));
        line = [];
      } else if (byte === LF && line.length === 0) {
        // Some devices end their lines with CR and LF.
      } else if (byte < SPACE || byte === NEVER_IN_TEXT) {
        throw new PjlinkFrameError(`byte ${byte} in a line`);
      } else if (line.length >= this.#bytesMax) {
        throw new PjlinkFrameError(`a line of more than ${this.#bytesMax} bytes`);
      } else line.push(byte);
    }
    this.#rest = line;
    return lines;
  }
}

/** Names are UTF-8 by the specification, and GB 18030 on devices that were set up in Chinese without reading it. */
function decodeLine(bytes: readonly number[]): string {
  for (const encoding of ["utf-8", "gb18030"]) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(Uint8Array.from(bytes));
    } catch {}
  }
  throw new PjlinkFrameError("a line in no known encoding");
}
