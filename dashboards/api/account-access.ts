/** Who calls, by the cookie of a session or the token of a machine. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Accounts } from "../accounts/accounts.ts";
import { RateLimit } from "../accounts/core/rate-limit.ts";
import { sessionLimits } from "../accounts/core/session-rules.ts";
import type { IdentityProvider } from "../accounts/identity-provider.ts";
import type { SignedIn, SignIn } from "../accounts/sign-in.ts";
import type { Authenticate } from "./identity.ts";
import { ApiProblem } from "./problem.ts";

/** What the API needs of accounts; absent where access is not by accounts. */
export interface AccountParts {
  readonly accounts: Accounts;
  readonly signIn: SignIn;
  /** True where the browser speaks TLS, to us or to a proxy in front: cookies then travel no other way. */
  readonly secure: boolean;
  /** People's other way in; absent where there is none. */
  readonly provider?: IdentityProvider;
}

/**
 * Sent by a page, as `?1`, with what it asks by itself while nobody touches it (a structured header, RFC 9651). Such a request
 * is answered like any other, and keeps no person's session from becoming idle.
 */
export const UNATTENDED_HEADER = "campus-ops-unattended";

/** A console page makes some dozens of requests; a person opens some pages a minute. */
const RATE = { burst: 300, perSecond: 30 } as const;
/** Who has not said who it is. */
const STRANGERS_RATE = { burst: 60, perSecond: 2 } as const;
/** The device is known again for as long as somebody signs in on it twice a year. */
const DEVICE_SECONDS = 183 * 24 * 3_600;

type Cookie = "session" | "device" | "way";

/** `__Host-` binds a cookie to this host and to TLS (RFC 6265bis, 4.1.3.2). */
function nameOf(cookie: Cookie, secure: boolean): string {
  return `${secure ? "__Host-" : ""}campus-ops-${cookie}`;
}

export function readCookie(
  request: Pick<FastifyRequest, "headers">,
  cookie: Cookie,
  secure: boolean,
): string | undefined {
  const wanted = `${nameOf(cookie, secure)}=`;
  const found = (request.headers.cookie ?? "").split(";").find((each) => each.trimStart().startsWith(wanted));
  return found?.trim().slice(wanted.length) || undefined;
}

export function writeCookie(
  reply: FastifyReply,
  cookie: Cookie,
  value: string,
  options: { readonly secure: boolean; readonly seconds?: number; readonly crossSite?: boolean },
): void {
  const { crossSite = false, seconds, secure } = options;
  const parts = [
    `${nameOf(cookie, secure)}=${value}`,
    "Path=/",
    "HttpOnly",
    `SameSite=${crossSite ? "Lax" : "Strict"}`,
    ...(secure ? ["Secure"] : []),
    ...(seconds === undefined ? [] : [`Max-Age=${seconds}`]),
  ];
  reply.header("set-cookie", parts.join("; "));
}

/**
 * The session's cookie ends with the browser at the latest, and with the session at the hub in any case. A wall's outlives its
 * browser: nobody is there in the morning to sign in.
 */
export function writeSession(
  reply: FastifyReply,
  { account, device, session }: SignedIn,
  secure: boolean,
): void {
  const { absolute_ms, unattended } = sessionLimits(account.grants);
  writeCookie(reply, "session", session, { secure, ...(unattended && { seconds: absolute_ms / 1_000 }) });
  writeCookie(reply, "device", device, { secure, seconds: DEVICE_SECONDS });
}

export function endSession(reply: FastifyReply, secure: boolean): void {
  writeCookie(reply, "session", "", { secure, seconds: 0 });
}

export function accountAccess(
  { secure, signIn }: Pick<AccountParts, "secure" | "signIn">,
  now: () => number,
): Authenticate {
  const callers = new RateLimit(RATE);
  const strangers = new RateLimit(STRANGERS_RATE);
  return (request, again = false) => {
    const [scheme, bearer] = (request.headers.authorization ?? "").split(" ");
    const cookie = readCookie(request, "session", secure);
    const address = request.ip ?? request.socket.remoteAddress ?? "";
    const holder =
      scheme?.toLowerCase() === "bearer" && bearer !== undefined
        ? signIn.ofToken(bearer)
        : cookie === undefined
          ? undefined
          : signIn.ofSession(cookie, !again && isAttended(request));
    if (holder === undefined) {
      if (!strangers.take(address, now())) throw tooMany();
      throw new ApiProblem("not-signed-in");
    }
    if (!again && !callers.take(`${holder.user} ${address}`, now())) throw tooMany();
    if (holder.session !== undefined) demandOrigin(request);
    return holder;
  };
}

/** An `EventSource`, which cannot say more than what it accepts, opens again by itself whenever it is cut. */
function isAttended({ headers }: Pick<FastifyRequest, "headers">): boolean {
  return headers[UNATTENDED_HEADER] !== "?1" && headers.accept !== "text/event-stream";
}

/**
 * A cookie comes along with whatever page sent the request, so a write has to say which page it was: every browser does.
 * That it is one of ours is checked for every caller.
 */
export function demandOrigin({ headers, method }: Pick<FastifyRequest, "method" | "headers">): void {
  if (method === "GET" || method === "HEAD" || headers.origin !== undefined) return;
  throw new ApiProblem("not-allowed", {
    zh: "请求没有说明来自哪个页面（缺少 Origin）；程序请使用令牌",
    en: "the request does not say which page it comes from (no Origin); programs use a token",
  });
}

function tooMany(): ApiProblem {
  return new ApiProblem(
    "too-many",
    { zh: "请求过于频繁，请稍候再试", en: "too many requests; wait a moment" },
    1,
  );
}
