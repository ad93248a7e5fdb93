/**
 * `campus-ops card`: the number of the card on a desk reader (PC/SC), in every way it is written, so that what a list of
 * credentials says and what a gate reads can be compared. Asked through OpenSC's own tool: it is in Debian, and a
 * binding of our own would have to be compiled on every desk.
 */
import { spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { cardFromText } from "@campus-ops/device-profiles/codecs/card-identity";
import type { Language } from "@campus-ops/device-profiles/vocabulary";
import { OperatorError } from "@campus-ops/service";

/** PC/SC part 3, clause 3.2.2.1.3: Get Data, the card's UID. */
const GET_UID = "FFCA000000";
/** A person lays a card on the reader within this. */
const WAIT_MS_MAX = 60_000;
const ASK_AGAIN_MS = 300;
/** What the tool says of a reader without a card. */
const NO_CARD = "Card not present";
/** ISO/IEC 14443-3: 4, 7 or 10 bytes. */
const UID_BYTES_MAX = 10;
const OUTPUT_BYTES_MAX = 65_536;

export interface CardReading {
  /** What the platform calls the card, before it is made a pseudonym. */
  readonly canonical: string;
  readonly hexReversed: string;
  /** Of four-byte numbers, ten digits. */
  readonly decimal?: string;
  readonly decimalReversed?: string;
}

/**
 * Waits for a card on the reader of this number. Rejects with an {@link OperatorError}. Asks again and again: the tool's
 * own waiting is for a card that is laid down, and would not see one that lies there already.
 */
export async function readCard(reader: number, signal: AbortSignal): Promise<CardReading> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS_MAX)]);
  for (;;) {
    const { code, said } = await openscTool(["--reader", String(reader), "--send-apdu", GET_UID], patience);
    if (code === 0) return cardOf(said);
    if (!said.includes(NO_CARD))
      throw new OperatorError(
        `the reader cannot be used: ${said.trim().split("\n").at(-1) ?? ""}; is it plugged in?`,
      );
    await setTimeout(ASK_AGAIN_MS, undefined, { signal: patience }).catch(() => {
      throw noCard();
    });
  }
}

/** From what the tool says. Throws an {@link OperatorError} for what is no UID. */
export function cardOf(output: string): CardReading {
  const [, status, dump = ""] =
    /Received \(SW1=0x([0-9A-F]{2}), SW2=0x[0-9A-F]{2}\):?\s*\n?([^\n]*)/i.exec(output) ?? [];
  if (status === undefined)
    throw new OperatorError("the reader said nothing that makes sense; try another card");
  if (status !== "90")
    throw new OperatorError(
      "this card does not tell its number; contact cards have none, try the contactless side",
    );
  const hex = bytesOf(dump);
  const canonical = cardFromText(hex, "hex");
  const hexReversed = cardFromText(hex, "hex-reversed");
  if (hex.length !== 8) return { canonical, hexReversed };
  const decimal = (digits: string): string => String(Number.parseInt(digits, 16)).padStart(10, "0");
  return { canonical, hexReversed, decimal: decimal(canonical), decimalReversed: decimal(hexReversed) };
}

/** `04 A1 B2 C3 ....`: the bytes in hex, then each once more as a character, which may look like hex, too. */
function bytesOf(dump: string): string {
  for (let count = 1; count <= UID_BYTES_MAX; count += 1) {
    const bytes = dump.slice(0, count * 3);
    if (/^([0-9A-F]{2} )+$/i.test(bytes) && dump.length === count * 4)
      return bytes.replaceAll(" ", "").toLowerCase();
  }
  throw new OperatorError("the reader said nothing that makes sense; try another card");
}

export function cardLines(card: CardReading, language: Language): readonly string[] {
  const words = WORDS[language];
  return [
    `${words.canonical}: ${card.canonical}`,
    `${words.hexReversed}: ${card.hexReversed}`,
    ...(card.decimal === undefined ? [] : [`${words.decimal}: ${card.decimal}`]),
    ...(card.decimalReversed === undefined ? [] : [`${words.decimalReversed}: ${card.decimalReversed}`]),
  ];
}

const WORDS = {
  zh: { canonical: "卡号", hexReversed: "反序", decimal: "十进制", decimalReversed: "反序十进制" },
  en: {
    canonical: "card",
    hexReversed: "reversed",
    decimal: "decimal",
    decimalReversed: "decimal, reversed",
  },
} as const;

function noCard(): OperatorError {
  return new OperatorError("no card was laid on the reader within a minute; nothing was changed");
}

function openscTool(
  arguments_: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly code: number | null; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("opensc-tool", arguments_, { stdio: ["ignore", "pipe", "pipe"], signal });
    let said = "";
    const hear = (chunk: Buffer): void => {
      if (said.length < OUTPUT_BYTES_MAX) said += chunk.toString();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT")
        reject(new OperatorError("opensc-tool is not there; install it: apt install opensc pcscd"));
      else reject(error.name === "AbortError" ? noCard() : error);
    });
    child.once("close", (code) => resolve({ code, said }));
  });
}
