/** HTTP Digest access authentication (RFC 7616), the server's side, with the moods that devices have. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

export interface Account {
  readonly username: string;
  readonly password: string;
}

/** `stale`: every second nonce, or every second use of one that is good for many, is called stale. `locked`: no login is right any more. */
export type GuardMood = "well" | "stale" | "locked";

const NONCES_MAX = 1_000;
const REALM = "device";
/** So many wrong logins in a row lock the account. */
export const FAILURES_MAX = 5;

export class DigestGuard {
  mood: GuardMood = "well";
  /** Wrong logins since the last right one. */
  failures = 0;
  readonly #account: Account | undefined;
  /** With the address each was given out for: it is good for no other. */
  readonly #nonces = new Map<string, string>();
  #used = 0;
  #isStale = false;

  readonly #uses: "one" | "many";

  /** Without an account everybody is let in. A nonce is good once and for one address, or for all of a connection. */
  constructor(account: Account | undefined, uses: "one" | "many" = "one") {
    this.#account = account;
    this.#uses = uses;
  }

  /** Checks an `Authorization` header (MD5 and SHA-256, qop auth). */
  accepts(method: string, url: string, header: string | undefined): boolean {
    this.#isStale = false;
    if (this.#account === undefined) return true;
    if (header === undefined) return false;
    const { username, password } = this.#account;
    const fields = fieldsOf(header);
    const field = (name: string): string => fields.get(name) ?? "";
    const algorithm = field("algorithm") === "SHA-256" ? "sha256" : "md5";
    const hash = (text: string): string => createHash(algorithm).update(text).digest("hex");
    const nonce = field("nonce");
    const givenFor = this.#nonces.get(nonce);
    if (this.#uses === "one") this.#nonces.delete(nonce);
    const a1 = hash(`${username}:${REALM}:${password}`);
    const a2 = hash(`${method}:${field("uri")}`);
    const expected = hash(`${a1}:${nonce}:${field("nc")}:${field("cnonce")}:auth:${a2}`);
    const isRight = field("username") === username && same(field("response"), expected);
    if (!isRight || this.mood === "locked" || this.failures >= FAILURES_MAX) {
      this.failures += 1;
      return false;
    }
    this.#used += 1;
    const isKnown = this.#uses === "one" ? givenFor === url : givenFor !== undefined;
    // One that is good for many uses is good for one at first, and then no more.
    const turn = this.#uses === "one" ? 1 : 0;
    this.#isStale = !isKnown || (this.mood === "stale" && this.#used % 2 === turn);
    if (!this.#isStale) this.failures = 0;
    return !this.#isStale;
  }

  /** Two challenges, the stronger first, with a nonce that is good for one answer. */
  challenges(url: string): string[] {
    const nonce = randomBytes(16).toString("hex");
    this.#nonces.set(nonce, url);
    for (const oldest of this.#nonces.keys()) {
      if (this.#nonces.size <= NONCES_MAX) break;
      this.#nonces.delete(oldest);
    }
    const stale = this.#isStale ? ", stale=true" : "";
    const common = `realm="${REALM}", qop="auth", nonce="${nonce}", opaque="device"${stale}`;
    return [`Digest ${common}, algorithm=SHA-256`, `Digest ${common}, algorithm=MD5`];
  }
}

function fieldsOf(header: string): ReadonlyMap<string, string> {
  return new Map(
    [...header.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, name = "", inQuotes, bare]) => [
      name,
      inQuotes ?? bare ?? "",
    ]),
  );
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
