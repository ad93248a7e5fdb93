/** How the simulated camera checks who asks: WS-Security UsernameToken for SOAP, HTTP Digest for pictures. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { passwordDigestInput } from "../../codecs/onvif-requests.ts";
import { parseDateTime } from "../../codecs/iso-time.ts";
import { descend, textAt, type XmlElement } from "../../codecs/xml.ts";

export interface Account {
  readonly username: string;
  readonly password: string;
}

const CREATED_ERROR_MAX_ms = 300_000;
const NONCES_MAX = 1_000;
const REALM = "camera";

export class Authentication {
  readonly #account: Account | undefined;
  readonly #clock: () => number;
  /** The last nonces seen, so that a recorded request is not good a second time. */
  readonly #nonces = new Set<string>();
  readonly #digestNonces = new Set<string>();

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
    return remember(this.#nonces, nonce);
  }

  /** Checks an `Authorization` header (RFC 7616, MD5 and SHA-256, qop auth). */
  acceptsDigest(method: string, header: string | undefined): boolean {
    if (this.#account === undefined) return true;
    const fields = new Map(
      [...(header ?? "").matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, name, inQuotes, bare]) => [
        name,
        inQuotes ?? bare ?? "",
      ]),
    );
    const field = (name: string): string => fields.get(name) ?? "";
    const algorithm = field("algorithm") === "SHA-256" ? "sha256" : "md5";
    const hash = (text: string): string => createHash(algorithm).update(text).digest("hex");
    const { username, password } = this.#account;
    const a1 = hash(`${username}:${REALM}:${password}`);
    const a2 = hash(`${method}:${field("uri")}`);
    const expected = hash(`${a1}:${field("nonce")}:${field("nc")}:${field("cnonce")}:auth:${a2}`);
    return (
      field("username") === username &&
      same(field("response"), expected) &&
      this.#digestNonces.delete(field("nonce"))
    );
  }

  /** Two challenges, the stronger first, with a nonce that is good for one answer. */
  challenges(): string[] {
    const nonce = randomBytes(16).toString("hex");
    remember(this.#digestNonces, nonce);
    const common = `realm="${REALM}", qop="auth", nonce="${nonce}", opaque="camera"`;
    return [`Digest ${common}, algorithm=SHA-256`, `Digest ${common}, algorithm=MD5`];
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
