/** Passwords at rest: Argon2id (RFC 9106) in the PHC string format, so that the cost can be raised later. */
import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify(argon2);

export interface HashCost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
}

/** What OWASP's password storage cheat sheet asks at least; about 50 ms of one core of a small server. */
export const HASH_COST: HashCost = { memory: 19_456, passes: 2 };
const LANES = 1;
const SALT_BYTES = 16;
const TAG_BYTES = 32;

const STORED = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

export async function hashPassword(password: string, cost: HashCost): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await tagOf(password, salt, cost, LANES);
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${LANES}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** True when `stored` was made of this password; false for a stored text that is not ours. */
export async function isPassword(password: string, stored: string): Promise<boolean> {
  const [, memory, passes, lanes, salt, tag] = STORED.exec(stored) ?? [];
  if (salt === undefined || tag === undefined) return false;
  const expected = Buffer.from(tag, "base64");
  const cost = { memory: Number(memory), passes: Number(passes) };
  const found = await tagOf(password, Buffer.from(salt, "base64"), cost, Number(lanes));
  return found.length === expected.length && timingSafeEqual(found, expected);
}

/** The same password from two keyboards is one (NIST SP 800-63B, 3.1.1.2). */
function tagOf(
  password: string,
  nonce: Buffer,
  { memory, passes }: HashCost,
  parallelism: number,
): Promise<Buffer> {
  const message = password.normalize("NFKC");
  return derive("argon2id", { message, nonce, parallelism, tagLength: TAG_BYTES, memory, passes });
}

const unpadded = (bytes: Buffer): string => bytes.toString("base64").replaceAll("=", "");
