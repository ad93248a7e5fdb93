/** Signing in, and who a request's session or token belongs to. */
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AccountRecord, AccountsStore, SessionRecord } from "./accounts-store.ts";
import { Attempts } from "./core/attempts.ts";
import type { Grant, Role } from "./core/permissions.ts";
import { isConfirmed, isOver, SESSION_MS_MAX, sessionLimits } from "./core/session-rules.ts";
import { type HashCost, hashPassword, isPassword } from "./password-hash.ts";
import { hashOfSecret, hashOfTyped, newSecret } from "./secrets.ts";
import { acceptedStep } from "./totp.ts";

/** A hash takes a core for a while: more at a time would take the platform's. */
const HASHES_AT_ONCE_MAX = 2;
const HASHES_WAITING_MAX = 40;
/** A session's last use is written down this often at most: reading is most of what is done. */
const USE_WRITTEN_MS = 60_000;
const AGENT_CHARACTERS_MAX = 200;

export interface SignInRequest {
  readonly user: string;
  readonly password: string;
  /** Of the authenticator app, or a recovery code. */
  readonly code?: string | undefined;
  /** The secret that a device was given when somebody signed in on it. */
  readonly device?: string | undefined;
  readonly address: string;
  readonly agent: string;
}

export type SignedIn = {
  readonly result: "signed-in";
  /** For the cookie; kept nowhere. */
  readonly session: string;
  readonly device: string;
  readonly account: AccountRecord;
};
export type SignInResult =
  | SignedIn
  /** The password is right; the account asks for a code too. */
  | { readonly result: "code-needed" }
  /** Wrong, and not said what. */
  | { readonly result: "refused" }
  | { readonly result: "wait"; readonly wait_ms: number }
  /** Too many people sign in at once. */
  | { readonly result: "busy" };

/** Somebody whom a provider vouches for. */
export interface External {
  readonly provider: string;
  readonly subject: string;
  readonly name: string;
  readonly title: string;
  readonly grants: readonly Grant[];
  /** What the provider calls its own session (`sid`), where it says so. */
  readonly session?: string | undefined;
}

/** Who a request comes from. */
export interface Holder {
  /** What actions are recorded under. */
  readonly user: string;
  readonly title: LocalText;
  readonly grants: readonly Grant[];
  readonly account?: number;
  /** The session's hash. */
  readonly session?: string;
  /** Of a session: whether whoever signed in has proven lately to be there. */
  readonly confirmed?: boolean;
  /** True until a password that somebody else chose is changed: nothing else can be done. */
  readonly mustChange?: boolean;
  /** True while one of the roles asks for an authenticator app and the account has none: nothing else can be done. */
  readonly mustEnrol?: boolean;
}

export interface SignInParts {
  readonly store: AccountsStore;
  readonly now: () => Timestamp;
  readonly cost: HashCost;
  /** Roles whose people sign in with a code too; nobody has to unless said. A provider asks for its own. */
  readonly codesFor?: readonly Role[];
}

export class SignIn {
  readonly #store: AccountsStore;
  readonly #now: () => Timestamp;
  readonly #cost: HashCost;
  readonly #codesFor: readonly Role[];
  readonly #attempts = new Attempts();
  readonly #waiting: (() => void)[] = [];
  #hashing = 0;
  #nobody: Promise<string> | undefined;

  constructor({ codesFor = [], cost, now, store }: SignInParts) {
    this.#codesFor = codesFor;
    this.#store = store;
    this.#now = now;
    this.#cost = cost;
  }

  async signIn(request: SignInRequest): Promise<SignInResult> {
    const { address, code, device, password } = request;
    const account = this.#store.accountNamed(request.user.toLowerCase());
    const keys = [this.#accountBucket(request.user.toLowerCase(), account, device), `address ${address}`];
    const wait_ms = this.#attempts.wait(keys, this.#now());
    if (wait_ms > 0) return { result: "wait", wait_ms };
    // Counted before they are looked at: a hundred attempts at once are a hundred.
    this.#attempts.failed(keys, this.#now());
    // A name that nobody has takes as long as one that somebody has.
    this.#nobody ??= hashPassword(newSecret(), this.#cost);
    const stored = account?.password ?? (await this.#nobody);
    const right = await this.#turn(() => isPassword(password, stored));
    if (right === "busy") {
      this.#attempts.forgive(keys);
      return { result: "busy" };
    }
    // As it is now: while the password was looked at, another request may have used the code, or an administrator acted.
    const current = account === undefined ? undefined : this.#store.account(account.id);
    const now = this.#now();
    if (!right || current?.password !== stored || !current.enabled || isOutdated(current, now))
      return { result: "refused" };
    if (current.totp !== undefined) {
      if (code === undefined || code === "") {
        this.#attempts.forgive(keys);
        return { result: "code-needed" };
      }
      if (!this.#isCode(current, current.totp, code, now)) return { result: "refused" };
    }
    this.#attempts.succeeded(keys.slice(0, 1));
    this.#attempts.forgive(keys.slice(1));
    return this.#begin(current, request, now);
  }

  /**
   * Signs in somebody whom a provider vouches for, with the grants that the provider's groups stand for. Undefined where a
   * local account has the name: it is not theirs because they are called the same.
   */
  signInExternal(
    external: External,
    from: Pick<SignInRequest, "address" | "agent" | "device">,
  ): SignedIn | undefined {
    const { grants, name, provider, subject, title } = external;
    const now = this.#now();
    const account = this.#store.transaction(() => {
      const known = this.#store.accountOf(provider, subject);
      if (known === undefined && this.#store.accountNamed(name) !== undefined) return undefined;
      const id = known?.id ?? this.#store.addAccount(name, title, now, { provider, subject });
      this.#store.change(id, { title });
      this.#store.setGrants("account", id, grants);
      return this.#store.account(id);
    });
    return account?.enabled === true ? this.#begin(account, from, now, external.session) : undefined;
  }

  /**
   * Whose session it is; undefined when there is none, or it is over. `attended` is false for what a page does by itself: that
   * is a use of the session for a wall alone.
   */
  ofSession(secret: string, attended = true): Holder | undefined {
    const session = this.#store.session(hashOfSecret(secret));
    const account = session === undefined ? undefined : this.#store.account(session.account);
    if (session === undefined || account === undefined) return undefined;
    const now = this.#now();
    const limits = sessionLimits(account.grants);
    if (!account.enabled || isOver(session, limits, now)) {
      this.#store.endSession(account.id, session.hash);
      return undefined;
    }
    const used = attended || limits.unattended;
    if (used && now - session.usedAt >= USE_WRITTEN_MS) this.#store.markSessionUsed(session.hash, now);
    const { grants, id, mustChange, name, provider, title, totp } = account;
    const mustEnrol =
      totp === undefined &&
      provider === undefined &&
      grants.some(({ role }) => this.#codesFor.includes(role));
    return {
      user: name,
      title: { zh: title, en: title },
      grants,
      account: id,
      session: session.hash,
      confirmed: isConfirmed(session, now),
      mustChange,
      mustEnrol,
    };
  }

  ofToken(secret: string): Holder | undefined {
    const token = this.#store.tokenOf(hashOfSecret(secret));
    const now = this.#now();
    if (token === undefined || token.revokedAt !== undefined || (token.expiresAt ?? now + 1) <= now)
      return undefined;
    if (now - (token.usedAt ?? 0) >= USE_WRITTEN_MS) this.#store.markTokenUsed(token.id, now);
    const { grants, name } = token;
    return { user: `token:${name}`, title: { zh: `令牌 ${name}`, en: `token ${name}` }, grants };
  }

  /** True when it is the account's password; counted like a sign-in, because it is one. */
  async confirms(account: AccountRecord, password: string): Promise<boolean> {
    const keys = [`confirm ${account.name}`];
    if (this.#attempts.wait(keys, this.#now()) > 0 || account.password === undefined) return false;
    const { password: stored } = account;
    this.#attempts.failed(keys, this.#now());
    const right = (await this.#turn(() => isPassword(password, stored))) === true;
    if (right) this.#attempts.succeeded(keys);
    return right;
  }

  hash(password: string): Promise<string> {
    return hashPassword(password, this.#cost);
  }

  #begin(
    account: AccountRecord,
    from: Pick<SignInRequest, "address" | "agent" | "device">,
    now: Timestamp,
    providerSession: string | null = null,
  ): SignedIn {
    const session = newSecret();
    const { device = newSecret() } = from;
    const record: SessionRecord = {
      hash: hashOfSecret(session),
      account: account.id,
      createdAt: now,
      usedAt: now,
      address: from.address,
      agent: from.agent.slice(0, AGENT_CHARACTERS_MAX),
      confirmedAt: now,
      providerSession,
    };
    this.#store.transaction(() => {
      this.#store.forgetSessions(now - SESSION_MS_MAX);
      this.#store.addSession(record);
      this.#store.keepDevice(account.id, hashOfSecret(device), now);
      this.#store.change(account.id, { signedInAt: now });
    });
    return { result: "signed-in", session, device, account };
  }

  #isCode(account: AccountRecord, totp: Uint8Array, code: string, now: Timestamp): boolean {
    const step = acceptedStep(totp, code, now, account.totpStep);
    if (step === undefined) return this.#store.takeRecoveryCode(account.id, hashOfTyped(code));
    this.#store.change(account.id, { totpStep: step });
    return true;
  }

  #accountBucket(name: string, account: AccountRecord | undefined, device: string | undefined): string {
    const known =
      account !== undefined && device !== undefined && this.#store.isDevice(account.id, hashOfSecret(device));
    return known ? `device ${hashOfSecret(device)} of ${name}` : `account ${name}`;
  }

  async #turn<T>(work: () => Promise<T>): Promise<T | "busy"> {
    if (this.#hashing >= HASHES_AT_ONCE_MAX) {
      if (this.#waiting.length >= HASHES_WAITING_MAX) return "busy";
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#hashing += 1;
    try {
      return await work();
    } finally {
      this.#hashing -= 1;
      this.#waiting.shift()?.();
    }
  }
}

function isOutdated({ passwordUntil }: AccountRecord, now: Timestamp): boolean {
  return passwordUntil !== undefined && now >= passwordUntil;
}
