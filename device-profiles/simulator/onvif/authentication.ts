/** How the simulated camera checks who asks in SOAP: the UsernameToken of WS-Security. */
import { createHash, timingSafeEqual } from "node:crypto";
import { parseDateTime } from "../../codecs/iso-time.ts";
import { passwordDigestInput } from "../../codecs/onvif-requests.ts";
import { descend, textAt, type XmlElement } from "../../codecs/xml.ts";
import type { Account } from "../http/digest-guard.ts";

const CREATED_ERROR_MAX_ms = 300_000;
const NONCES_MAX = 1_000;

export class Authentication {
  readonly #account: Account | undefined;
  readonly #clock: () => number;
  /** The last nonces seen, with their times, so that a recorded request is not good a second time. */
  readonly #nonces = new Set<string>();

  /** Without an account everybody is let in. `clock` is the camera's own. */
  constructor(account: Account | undefined, clock: () => number) {
    this.#account = account;
    this.#clock = clock;
  }

  /** Checks the header of a SOAP envelope (UsernameToken Profile 1.0, clause 3.1). */
  acceptsSoap(envelope: XmlElement): boolean {
    if (this.#account === undefined) return true;
    const token = descend(envelope, "Header", "Security", "UsernameToken");
    const username = textAt(token, "Username");
    const password = textAt(token, "Password");
    const nonce = textAt(token, "Nonce");
    const created = textAt(token, "Created");
    if (password === undefined || nonce === undefined || created === undefined) return false;
    const time = parseDateTime(created);
    if (time === undefined || Math.abs(time - this.#clock()) > CREATED_ERROR_MAX_ms) return false;
    const input = passwordDigestInput(Buffer.from(nonce, "base64"), created, this.#account.password);
    const expected = createHash("sha1").update(input).digest("base64");
    if (username !== this.#account.username || !same(password, expected)) return false;
    return remember(this.#nonces, `${nonce} ${created}`);
  }
}

/** False when it was known already. The oldest is forgotten when there are too many. */
function remember(set: Set<string>, value: string): boolean {
  if (set.has(value)) return false;
  set.add(value);
  for (const oldest of set) {
    if (set.size <= NONCES_MAX) break;
    set.delete(oldest);
  }
  return true;
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
