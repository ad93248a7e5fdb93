/**
 * Signing in by somebody else's word: OpenID Connect, authorization code with PKCE (RFC 6749, RFC 7636, OpenID Connect Core
 * 1.0). The provider's groups become roles at places by the hub's own configuration. Local accounts go on without it.
 */
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from "jose";
import * as oidc from "openid-client";
import type { ExternalEnd } from "./accounts.ts";
import type { Grant, Role } from "./core/permissions.ts";
import { AccountRefused } from "./refused.ts";
import { newSecret } from "./secrets.ts";
import type { External } from "./sign-in.ts";

export interface ProviderConfiguration {
  readonly title: LocalText;
  readonly issuer: string;
  readonly clientId: string;
  readonly scopes: string;
  /** Claims that hold the groups, the account's name and the person's name. */
  readonly groupsClaim: string;
  readonly nameClaim: string;
  readonly titleClaim: string;
  readonly grants: readonly { readonly group: string; readonly role: Role; readonly path: string }[];
}

/** Between leaving for the provider and coming back. */
const WAY_MS = 10 * 60_000;
/** People on the way; of more, the earliest starts again. */
const WAYS_MAX = 1_000;
const ANSWER_SECONDS_MAX = 10;
/** The provider's clock and ours. */
const SKEW_SECONDS_MAX = 60;
/** A logout token is used at once: what somebody kept of one is of no use a little later. */
const LOGOUT_SECONDS_MAX = 120;
const LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout";

interface Way {
  /** When the person left, where the provider has to see them anew. */
  readonly since: Timestamp | undefined;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly until: Timestamp;
}

export interface ProviderParts {
  readonly configuration: ProviderConfiguration;
  readonly clientSecret: string | undefined;
  /** Where the provider sends people back to. */
  readonly redirect: URL;
  readonly now: () => Timestamp;
  /** Told why the provider could not be spoken to. */
  readonly onFault: (error: unknown) => void;
}

export class IdentityProvider {
  readonly #parts: ProviderParts;
  readonly #ways = new Map<string, Way>();
  #known: oidc.Configuration | undefined;
  #keys: JWTVerifyGetKey | undefined;

  constructor(parts: ProviderParts) {
    this.#parts = parts;
  }

  get title(): LocalText {
    return this.#parts.configuration.title;
  }

  /**
   * Where to send the browser, and what it brings back in a cookie. `again`: whoever is signed in at the provider is asked for
   * the password there all the same. Throws {@link AccountRefused}.
   */
  async begin(again = false): Promise<{ readonly url: URL; readonly way: string }> {
    const { configuration, now, redirect } = this.#parts;
    const provider = await this.#provider();
    const verifier = oidc.randomPKCECodeVerifier();
    const way: Way = {
      since: again ? now() : undefined,
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier,
      until: now() + WAY_MS,
    };
    const url = oidc.buildAuthorizationUrl(provider, {
      redirect_uri: redirect.href,
      scope: configuration.scopes,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state: way.state,
      nonce: way.nonce,
      ...(again ? { prompt: "login", max_age: "0" } : {}),
    });
    const id = newSecret();
    this.#ways.set(id, way);
    for (const oldest of this.#ways.keys()) {
      if (this.#ways.size <= WAYS_MAX) break;
      this.#ways.delete(oldest);
    }
    return { url, way: id };
  }

  /** Who came back; `search` is the query of the address they came to. Throws {@link AccountRefused}. */
  async finish(id: string | undefined, search: string): Promise<External> {
    const way = id === undefined ? undefined : this.#ways.get(id);
    if (id !== undefined) this.#ways.delete(id);
    if (way === undefined || way.until < this.#parts.now()) {
      throw new AccountRefused(
        "not-allowed",
        "登录过程已过期或不是从本页面开始的，请重新登录",
        "this sign-in took too long or did not begin here; sign in again",
        "way-over",
      );
    }
    const provider = await this.#provider();
    const back = new URL(this.#parts.redirect);
    back.search = search;
    let claims: oidc.IDToken | undefined;
    try {
      const tokens = await oidc.authorizationCodeGrant(provider, back, {
        pkceCodeVerifier: way.verifier,
        expectedState: way.state,
        expectedNonce: way.nonce,
        idTokenExpected: true,
      });
      claims = tokens.claims();
    } catch (error) {
      this.#parts.onFault(error);
      throw new AccountRefused(
        "not-allowed",
        `统一认证没有确认您的身份（${reasonOf(error)}），请重新登录；若一直如此，请联系管理员`,
        `the identity provider did not vouch for you (${reasonOf(error)}); sign in again, and tell the administrator if it goes on`,
        "not-vouched-for",
      );
    }
    if (way.since !== undefined && !wasSeenSince(claims, way.since)) {
      throw new AccountRefused(
        "not-allowed",
        "统一认证没有重新确认您的身份，请重新登录",
        "the identity provider did not ask again who you are; sign in again",
        "not-vouched-for",
      );
    }
    return this.#external(claims);
  }

  /**
   * What a logout token ends (OpenID Connect Back-Channel Logout 1.0, 2.4 to 2.6), which the provider sends by itself. Typed as
   * what it is, so that no other token of the provider's passes for one. Throws {@link AccountRefused}.
   */
  async loggedOut(token: string): Promise<ExternalEnd> {
    const { clientId, issuer } = this.#parts.configuration;
    const keys = await this.#keysOf();
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: (await this.#provider()).serverMetadata().issuer,
        audience: clientId,
        typ: "logout+jwt",
        requiredClaims: ["iat", "exp", "jti", "events"],
        maxTokenAge: LOGOUT_SECONDS_MAX,
        clockTolerance: SKEW_SECONDS_MAX,
        currentDate: new Date(this.#parts.now()),
      });
      const { events, nonce, sid, sub } = payload;
      const isLogout = typeof events === "object" && events !== null && Object.hasOwn(events, LOGOUT_EVENT);
      if (!isLogout || nonce !== undefined) throw new Error("it is another kind of token");
      const session = typeof sid === "string" ? sid : undefined;
      if (session === undefined && sub === undefined)
        throw new Error("it names neither a session nor a person");
      return { provider: issuer, subject: sub, session };
    } catch (error) {
      this.#parts.onFault(error);
      throw new AccountRefused(
        "bad-request",
        "这不是统一认证发来的有效退出通知，没有结束任何登录",
        "this is no valid logout token of the provider's; nobody was signed out",
      );
    }
  }

  /** Fetched when a token first needs them, and again, at most twice a minute, for a key that is not among them. */
  async #keysOf(): Promise<JWTVerifyGetKey> {
    const { jwks_uri: address } = (await this.#provider()).serverMetadata();
    if (address === undefined)
      throw new AccountRefused(
        "conflict",
        "统一认证没有公布签名密钥，无法核对退出通知",
        "the identity provider publishes no keys, so its logout tokens cannot be checked",
      );
    this.#keys ??= createRemoteJWKSet(new URL(address), { timeoutDuration: ANSWER_SECONDS_MAX * 1_000 });
    return this.#keys;
  }

  #external(claims: oidc.IDToken | undefined): External {
    const { grants, groupsClaim, issuer, nameClaim, titleClaim } = this.#parts.configuration;
    if (claims === undefined)
      throw new AccountRefused(
        "not-allowed",
        "统一认证没有给出身份",
        "the provider named nobody",
        "not-vouched-for",
      );
    const claimed = claims[groupsClaim];
    const groups = new Set(
      Array.isArray(claimed) ? claimed.map(String) : claimed === undefined ? [] : [String(claimed)],
    );
    const given = grants
      .filter(({ group }) => groups.has(group))
      .map(({ path, role }): Grant => ({ role, path }));
    if (given.length === 0) {
      throw new AccountRefused(
        "not-allowed",
        "您已通过统一认证，但没有分配到本平台的角色，请联系管理员",
        "the provider knows you, but none of your groups has a role here; ask the administrator",
        "no-role",
      );
    }
    const name = String(claims[nameClaim] ?? claims.sub).toLowerCase();
    const title = String(claims[titleClaim] ?? name);
    const session = typeof claims.sid === "string" ? claims.sid : undefined;
    return { provider: issuer, subject: claims.sub, name, title, grants: given, session };
  }

  async #provider(): Promise<oidc.Configuration> {
    if (this.#known !== undefined) return this.#known;
    const { clientSecret, configuration, onFault } = this.#parts;
    const issuer = new URL(configuration.issuer);
    try {
      this.#known = await oidc.discovery(issuer, configuration.clientId, clientSecret, undefined, {
        timeout: ANSWER_SECONDS_MAX,
        // Plain HTTP is for a provider on this very machine; the configuration's schema allows no other.
        execute: issuer.protocol === "http:" ? [oidc.allowInsecureRequests] : [],
      });
      return this.#known;
    } catch (error) {
      onFault(error);
      throw new AccountRefused(
        "conflict",
        "统一认证暂时无法访问，请用本地账号登录，或稍后再试",
        "the identity provider cannot be reached; sign in with a local account, or try again later",
        "provider-away",
      );
    }
  }
}

/** Whether the provider says that it has seen the person since then (OpenID Connect Core 1.0, 3.1.2.1, `max_age`). */
function wasSeenSince(claims: oidc.IDToken | undefined, since: Timestamp): boolean {
  const seen = claims?.auth_time;
  return seen !== undefined && (seen + SKEW_SECONDS_MAX) * 1_000 >= since;
}

/** A code for the person to pass on, never what the provider said in full. */
function reasonOf(error: unknown): string {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError)
    return error.error;
  return error instanceof Error && "code" in error ? String(error.code) : "error";
}
