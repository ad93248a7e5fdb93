/** HTTP Digest access authentication (RFC 7616), the client's side. */
import { createHash, randomBytes } from "node:crypto";

export interface DigestLogin {
  readonly username: string;
  readonly password: string;
}

interface Challenge {
  readonly hash: "md5" | "sha256";
  readonly algorithm?: string;
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  readonly auth: boolean;
}

/**
 * The `Authorization` header that answers a 401, or undefined when none of its challenges can be answered. Of several
 * the strongest is taken. Basic is never answered: it would send the password in the clear.
 */
export function digestAuthorization(
  challenges: readonly string[],
  login: DigestLogin,
  request: { readonly method: string; readonly uri: string },
  cnonce: string = randomBytes(8).toString("hex"),
): string | undefined {
  const understood = challenges.flatMap(splitChallenges).flatMap((each) => challengeOf(each) ?? []);
  const challenge = understood.find(({ hash }) => hash === "sha256") ?? understood[0];
  if (challenge === undefined) return undefined;

  const hash = (text: string): string => createHash(challenge.hash).update(text).digest("hex");
  const a1 = hash(`${login.username}:${challenge.realm}:${login.password}`);
  const a2 = hash(`${request.method}:${request.uri}`);
  const { nonce, realm, opaque, algorithm } = challenge;
  // A nonce is used once: each request begins with its own 401, so the count is always one.
  const response = challenge.auth
    ? hash(`${a1}:${nonce}:00000001:${cnonce}:auth:${a2}`)
    : hash(`${a1}:${nonce}:${a2}`);
  const fields = [
    `username="${quoted(login.username)}"`,
    `realm="${quoted(realm)}"`,
    `nonce="${quoted(nonce)}"`,
    `uri="${request.uri}"`,
    `response="${response}"`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(opaque === undefined ? [] : [`opaque="${quoted(opaque)}"`]),
    ...(challenge.auth ? ["qop=auth", "nc=00000001", `cnonce="${cnonce}"`] : []),
  ];
  return `Digest ${fields.join(", ")}`;
}

/** Of so many nonces that are called stale in a row the last one ends the attempt. */
const STALE_NONCES_MAX = 3;

/**
 * Sends without a login first, then with the answer to the 401's challenge. Every request begins so: a nonce is used
 * once and for one address only, because devices bind it to both. A nonce that is called stale before it was used is
 * replaced; that is no wrong password, and any other second 401 is one and is not tried again.
 */
export async function withDigest<
  Answer extends { readonly status: number; readonly challenges: readonly string[] },
>(
  send: (authorization: string | undefined) => Promise<Answer>,
  login: DigestLogin | undefined,
  request: { readonly method: string; readonly uri: string },
): Promise<Answer> {
  let answer = await send(undefined);
  for (
    let attempt = 0;
    login !== undefined && answer.status === 401 && attempt < STALE_NONCES_MAX;
    attempt += 1
  ) {
    if (attempt > 0 && !answer.challenges.some(isStale)) break;
    const authorization = digestAuthorization(answer.challenges, login, request);
    if (authorization === undefined) break;
    answer = await send(authorization);
  }
  return answer;
}

/** RFC 7616, clause 3.3. */
function isStale(challenge: string): boolean {
  return /[\s,]stale\s*=\s*"?true/i.test(challenge);
}

/** Some servers put two challenges into one header line. */
function splitChallenges(header: string): string[] {
  return header.split(/,\s*(?=(?:Digest|Basic)\s)/i);
}

function challengeOf(text: string): Challenge | undefined {
  const scheme = /^\s*Digest\s+(.*)$/is.exec(text);
  if (scheme === null) return undefined;
  const parameters = new Map<string, string>();
  for (const [, name, inQuotes, bare] of (scheme[1] ?? "").matchAll(
    /(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g,
  )) {
    parameters.set((name ?? "").toLowerCase(), inQuotes?.replace(/\\(.)/g, "$1") ?? bare ?? "");
  }
  const realm = parameters.get("realm");
  const nonce = parameters.get("nonce");
  const algorithm = parameters.get("algorithm");
  const hash = { MD5: "md5", "SHA-256": "sha256" }[algorithm?.toUpperCase() ?? "MD5"] as
    | Challenge["hash"]
    | undefined;
  const qop = parameters
    .get("qop")
    ?.split(",")
    .map((each) => each.trim());
  const auth = qop?.includes("auth") ?? false;
  if (realm === undefined || nonce === undefined || hash === undefined || (qop !== undefined && !auth)) {
    return undefined;
  }
  const opaque = parameters.get("opaque");
  return {
    hash,
    realm,
    nonce,
    auth,
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(opaque === undefined ? {} : { opaque }),
  };
}

function quoted(text: string): string {
  return text.replace(/["\\]/g, "\\$&");
}
