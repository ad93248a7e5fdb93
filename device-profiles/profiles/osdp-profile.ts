/** Card readers that speak OSDP: what a profile says, and what a reader's answers mean. */
import { bitsOf, CardIdentityError, cardFromBits } from "../codecs/card-identity.ts";
import { Reply } from "../codecs/osdp-frame.ts";
import { parseIdentity, parseKeypad, parseLocalStatus, parseRaw } from "../codecs/osdp-messages.ts";
import {
  type EventName,
  GOOD,
  type MetricName,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "../vocabulary/index.ts";
import type { ProfileCommon } from "./profile.ts";

export interface OsdpProfile extends ProfileCommon {
  readonly protocol: "osdp";
  /** True when it has keys; what is typed becomes a credential as a card does, when `#` is pressed. */
  readonly keypad: boolean;
}

export const OSDP_METRICS: readonly MetricName[] = [
  "Reader/Tamper",
  "Reader/PowerFault",
  "Properties/Serial",
];
export const OSDP_EVENTS: readonly EventName[] = ["Access/Swipe"];

export type ReaderNews =
  | { readonly kind: "samples"; readonly samples: readonly Sample[] }
  /** A card was read: its canonical name, see codecs/card-identity.ts. Never to be logged or sent. */
  | { readonly kind: "card"; readonly card: string }
  /** A card was held too briefly, or at an angle. */
  | { readonly kind: "misread"; readonly why: string }
  | { readonly kind: "keys"; readonly keys: string }
  | { readonly kind: "nothing" };

/** What a reader's reply says. Throws `OsdpFrameError` where its data is shorter than its code demands. */
export function readReply(code: number, data: Uint8Array, eventTime: Timestamp): ReaderNews {
  const samples = (values: Readonly<Record<MetricName, SampleValue>>): ReaderNews => ({
    kind: "samples",
    samples: Object.entries(values).map(([metric, value]) => ({ metric, value, quality: GOOD, eventTime })),
  });
  switch (code) {
    case Reply.Id: {
      const { firmware, model, serial, vendor } = parseIdentity(data);
      return samples({
        "Properties/Vendor": vendor,
        "Properties/Model": model,
        "Properties/Serial": serial,
        "Properties/Firmware": firmware,
      });
    }
    case Reply.LocalStatus: {
      const { powerFailed, tampered } = parseLocalStatus(data);
      return samples({ "Reader/Tamper": tampered, "Reader/PowerFault": powerFailed });
    }
    case Reply.Raw:
      try {
        return { kind: "card", card: cardFromBits(parseRaw(data)) };
      } catch (error) {
        if (!(error instanceof CardIdentityError)) throw error;
        return { kind: "misread", why: error.message };
      }
    case Reply.Keypad:
      return { kind: "keys", keys: parseKeypad(data) };
    default:
      return { kind: "nothing" };
  }
}

/** Bits of a card as the simulator presents it: its canonical name of whole bytes. */
export function bitsOfCard(card: string): string {
  const bytes = Uint8Array.from(card.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  return bitsOf(bytes, bytes.length * 8);
}

/** Keys that are typed one after the other until `#`; `*` begins anew. */
export class TypedCode {
  #typed = "";
  #at = 0;

  /** The code when it is complete. Keys that were typed too long ago are forgotten. */
  type(keys: string, now: Timestamp): string | undefined {
    if (now - this.#at > CODE_MS_MAX) this.#typed = "";
    this.#at = now;
    let complete: string | undefined;
    for (const key of keys) {
      if (key === "#") {
        if (this.#typed !== "") complete = this.#typed;
        this.#typed = "";
      } else if (key === "*") this.#typed = "";
      else this.#typed = (this.#typed + key).slice(-CODE_KEYS_MAX);
    }
    return complete;
  }
}

export const CODE_MS_MAX = 10_000;
export const CODE_KEYS_MAX = 16;
