/**
 * One alarm as a single file for the police, the bureau or a court: a page to read and print, with the data it was made
 * of inside. Whoever has it can verify it without the hub: `campus-ops verify <file>`.
 */
import { sign } from "node:crypto";
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmDetail } from "../api.ts";
import type { Disclosed } from "../store/drawer.ts";
import type { Link } from "./chain.ts";
import { pageOf } from "./page.ts";
import type { PictureFiles } from "./picture-section.ts";
import type { SigningKey } from "./signing-key.ts";

export const BUNDLE_FORMAT = "campus-ops alarm bundle 1";

export interface Bundle {
  readonly format: typeof BUNDLE_FORMAT;
  readonly hub: LocalText;
  /** IANA name of the times on the page; China's where it says none. */
  readonly timeZone?: string;
  readonly exportedAt: Timestamp;
  readonly exportedBy: string;
  readonly alarm: AlarmDetail;
  /** Every link of this alarm, the oldest first. */
  readonly chain: readonly Link[];
  /** The newest link of the hub's whole chain when it was exported. */
  readonly head: { readonly n: number; readonly hash: string };
  /** Values that the chain has sealed, with what proves them; those whose time is over are not among them. */
  readonly disclosed?: readonly Disclosed[];
  /** SHA-256 of the pictures on the page; absent in bundles of before there were any. */
  readonly pictures?: readonly string[];
  /** SPKI, PEM. */
  readonly publicKey: string;
}

/** What stands between the two marks is JSON of this; the rest of the file is made of it. */
export interface Sealed {
  readonly bundle: Bundle;
  /** Ed25519 over the bundle's JSON, base64. */
  readonly signature: string;
}

export const DATA_BEGIN = '<script type="application/json" id="bundle">';
export const DATA_END = "</script>";

/** `pictures`: content by SHA-256. It is in the page alone; what is signed are the hashes. */
export function sealed(
  bundle: Omit<Bundle, "format" | "pictures" | "publicKey">,
  key: SigningKey,
  pictures: PictureFiles = new Map(),
): string {
  const whole: Bundle = {
    format: BUNDLE_FORMAT,
    ...bundle,
    pictures: [...pictures.keys()].toSorted(),
    publicKey: key.public,
  };
  const signature = sign(null, Buffer.from(JSON.stringify(whole)), key.private).toString("base64");
  return fileOf({ bundle: whole, signature }, pictures);
}

export function fileOf(content: Sealed, pictures: PictureFiles): string {
  // "<" occurs in JSON only inside texts, where it may be written so that no text can end the element.
  const data = JSON.stringify(content).replaceAll("<", "\\u003c");
  return pageOf(content.bundle, `${DATA_BEGIN}${data}${DATA_END}`, pictures);
}
