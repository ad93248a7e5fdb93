/** What people do with their own account, and administrators with everybody's. */
import { randomBytes } from "node:crypto";
import {
  AssetPath,
  InvalidAssetPathError,
  isWithin,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { AccountRecord, AccountsStore, SessionRecord, TokenRecord } from "./accounts-store.ts";
import { refusedPassword } from "./core/password-rules.ts";
import { type Grant, ROLES } from "./core/permissions.ts";
import { AccountRefused } from "./refused.ts";
import { hashOfSecret, hashOfTyped, newRecoveryCodes, newSecret, newTypedSecret } from "./secrets.ts";
import type { SignIn } from "./sign-in.ts";
import { acceptedStep, otpauthUri, SECRET_BYTES } from "./totp.ts";

export const ACCOUNT_NAME_PATTERN = "^[a-z0-9][a-z0-9._@-]{1,63}$";
export const ACCOUNTS_MAX = 20_000;
export const GRANTS_MAX = 50;
const TITLE_CHARACTERS_MAX = 64;
/** A password that somebody else chose is changed by then, or a new one is needed. */
const FIRST_PASSWORD_MS = 72 * 3_600_000;

export interface NewAccount {
  readonly name: string;
  readonly title: string;
  readonly grants: readonly Grant[];
  /** Chosen by the administrator; one is made up unless said. */
  readonly password?: string | undefined;
  /** True where the person chose the password: it need not be changed. */
  readonly own?: boolean;
}

/** What an identity provider says is over: a session by its own name for it, a person by theirs, or both. */
export interface ExternalEnd {
  readonly provider: string;
  readonly subject: string | undefined;
  readonly session: string | undefined;
}

/** Whether a password is in the lists of attackers; rejects where that cannot be told now. */
export interface KnowsLeaked {
  has(password: string): Promise<boolean>;
}

export class Accounts {
  readonly #store: AccountsStore;
  readonly #signIn: SignIn;
  readonly #now: () => Timestamp;
  readonly #leaked: KnowsLeaked | undefined;

  constructor({
    leaked,
    now,
    signIn,
    store,
  }: {
    readonly store: AccountsStore;
    readonly signIn: SignIn;
    readonly now: () => Timestamp;
    readonly leaked?: KnowsLeaked | undefined;
  }) {
    this.#leaked = leaked;
    this.#store = store;
    this.#signIn = signIn;
    this.#now = now;
  }

  all(): readonly AccountRecord[] {
    return this.#store.accounts();
  }

  /** Throws {@link AccountRefused} `not-found`. */
  get(id: number): AccountRecord {
    const account = this.#store.account(id);
    if (account === undefined)
      throw new AccountRefused("not-found", "没有这个账号", "there is no such account");
    return account;
  }

  named(name: string): AccountRecord | undefined {
    return this.#store.accountNamed(name.toLowerCase());
  }

  /** Adds an account and answers its first password, which is changed at the first sign-in. */
  async add({
    grants,
    name,
    own = false,
    password,
    title,
  }: NewAccount): Promise<{ readonly id: number; readonly password: string }> {
    const wanted = name.toLowerCase();
    if (!new RegExp(ACCOUNT_NAME_PATTERN).test(wanted)) {
      throw new AccountRefused(
        "bad-request",
        "账号名由 2 至 64 个小写字母、数字或 . _ @ - 组成，以字母或数字开头",
        "an account's name has 2 to 64 lower-case letters, digits or . _ @ -, and begins with a letter or digit",
      );
    }
    checkTitle(title);
    checkGrants(grants);
    if (this.named(wanted) !== undefined)
      throw new AccountRefused("conflict", `账号 ${wanted} 已存在`, `there is an account ${wanted} already`);
    if (this.#store.accounts().length >= ACCOUNTS_MAX)
      throw new AccountRefused("conflict", "账号数量已达上限", "there are as many accounts as there can be");
    const first = password ?? newTypedSecret();
    await this.#checkPassword(first, wanted, title);
    const hash = await this.#signIn.hash(first);
    const now = this.#now();
    const id = this.#store.transaction(() => {
      const added = this.#store.addAccount(wanted, title, now);
      this.#store.change(added, { password: hash, passwordAt: now });
      if (!own) this.#store.change(added, { passwordUntil: now + FIRST_PASSWORD_MS, mustChange: true });
      this.#store.setGrants("account", added, grants);
      return added;
    });
    return { id, password: first };
  }

  /** Changes what is named. Who is disabled is signed out at once. */
  change(
    id: number,
    change: { readonly title?: string; readonly enabled?: boolean; readonly grants?: readonly Grant[] },
  ): void {
    const account = this.get(id);
    const { enabled, grants, title } = change;
    if (title !== undefined) checkTitle(title);
    if (grants !== undefined) {
      checkGrants(grants);
      if (account.provider !== undefined) {
        throw new AccountRefused(
          "conflict",
          "此账号的角色来自统一认证，请在那里修改",
          "this account's roles come from the identity provider: change them there",
        );
      }
    }
    const administered = this.#isAdministered();
    this.#store.transaction(() => {
      if (title !== undefined) this.#store.change(id, { title });
      if (enabled !== undefined) this.#store.change(id, { enabled });
      if (grants !== undefined) this.#store.setGrants("account", id, grants);
      if (enabled === false) this.#store.endSessions(id);
      if (administered && !this.#isAdministered()) {
        throw new AccountRefused(
          "conflict",
          "至少要留一个可用的、管理整个平台的本地管理员",
          "one local account that administers the whole hub has to stay",
        );
      }
    });
  }

  /** Gives a new first password, ends all sessions, and takes the authenticator app away where asked. */
  async reset(
    id: number,
    options: { readonly password?: string | undefined; readonly totp: boolean },
  ): Promise<string> {
    const account = this.#local(id);
    const first = options.password ?? newTypedSecret();
    await this.#checkPassword(first, account.name, account.title);
    const hash = await this.#signIn.hash(first);
    const now = this.#now();
    this.#store.transaction(() => {
      this.#store.change(id, {
        password: hash,
        passwordAt: now,
        passwordUntil: now + FIRST_PASSWORD_MS,
        mustChange: true,
      });
      if (options.totp) this.#forgetTotp(id);
      this.#store.endSessions(id);
    });
    return first;
  }

  /** By the account's owner; every other session of theirs ends. */
  async changePassword(id: number, current: string, next: string, session: string): Promise<void> {
    const account = this.#local(id);
    await this.#confirm(account, current);
    await this.#checkPassword(next, account.name, account.title);
    if (next === current)
      throw new AccountRefused("bad-request", "新密码与旧密码相同", "the new password is the old one");
    const hash = await this.#signIn.hash(next);
    this.#store.transaction(() => {
      this.#store.change(id, {
        password: hash,
        passwordAt: this.#now(),
        passwordUntil: null,
        mustChange: false,
      });
      this.#store.endSessions(id, session);
    });
  }

  /** Begins with an authenticator app: the secret for it, which counts only once a code of it was given. */
  async beginTotp(id: number, password: string): Promise<{ readonly uri: string }> {
    const account = this.#local(id);
    await this.#confirm(account, password);
    const secret = randomBytes(SECRET_BYTES);
    this.#store.change(id, { totpPending: secret });
    return { uri: otpauthUri(secret, account.name) };
  }

  /** From now on a code is asked for, on other devices too. Answers the recovery codes, which are shown once. */
  confirmTotp(id: number, code: string, session: string): readonly string[] {
    const { totpPending } = this.#local(id);
    const step = totpPending === undefined ? undefined : acceptedStep(totpPending, code, this.#now(), 0);
    if (totpPending === undefined || step === undefined) {
      throw new AccountRefused(
        "bad-request",
        "验证码不对；请检查手机时间，并用最新的验证码再试",
        "the code is not right; check the telephone's clock and try the newest one",
      );
    }
    const codes = newRecoveryCodes();
    this.#store.transaction(() => {
      this.#store.change(id, { totp: totpPending, totpPending: null, totpStep: step });
      this.#store.setRecoveryCodes(id, codes.map(hashOfTyped));
      this.#store.endSessions(id, session);
    });
    return codes;
  }

  /** Every other session of the account ends. */
  async endTotp(id: number, password: string, session: string): Promise<void> {
    await this.#confirm(this.#local(id), password);
    this.#store.transaction(() => {
      this.#forgetTotp(id);
      this.#store.endSessions(id, session);
    });
  }

  recoveryCodesLeft(id: number): number {
    return this.#store.recoveryCodesLeft(id);
  }

  /** Who signed in proves to be there, by the password; good for a while, in this session alone. */
  async confirmSession(id: number, password: string, session: string): Promise<void> {
    await this.#confirm(this.#local(id), password);
    this.#store.markSessionConfirmed(session, this.#now());
  }

  /**
   * Ends what the identity provider says is over: one session of its own, or all of a person's. Answers whose they were.
   */
  endExternal({ provider, session, subject }: ExternalEnd): readonly AccountRecord[] {
    const named = subject === undefined ? undefined : this.#store.accountOf(provider, subject);
    if (session === undefined) {
      if (named !== undefined) this.#store.endSessions(named.id);
      return named === undefined ? [] : [named];
    }
    const accounts = this.#store
      .accountsInSession(provider, session)
      .filter(({ id }) => subject === undefined || id === named?.id);
    for (const { id } of accounts) this.#store.endProviderSession(id, session);
    return accounts;
  }

  sessions(id: number): readonly SessionRecord[] {
    return this.#store.sessionsOf(id);
  }

  /** Throws {@link AccountRefused} `not-found`. */
  endSession(id: number, hash: string): void {
    if (!this.#store.endSession(id, hash))
      throw new AccountRefused("not-found", "没有这个会话", "there is no such session");
  }

  endSessions(id: number): void {
    this.#store.endSessions(id);
  }

  tokens(): readonly TokenRecord[] {
    return this.#store.tokens();
  }

  /** The token itself is answered once and kept nowhere. */
  addToken(token: {
    readonly name: string;
    readonly grants: readonly Grant[];
    readonly createdBy: string;
    readonly expiresAt?: Timestamp | undefined;
  }): { readonly id: number; readonly token: string } {
    const { createdBy, expiresAt, grants, name } = token;
    checkGrants(grants);
    if (this.#store.tokens().some((each) => each.name === name))
      throw new AccountRefused("conflict", `令牌 ${name} 已存在`, `there is a token ${name} already`);
    const secret = newSecret();
    const id = this.#store.transaction(() => {
      const added = this.#store.addToken({
        name,
        hash: hashOfSecret(secret),
        createdBy,
        createdAt: this.#now(),
        expiresAt,
      });
      this.#store.setGrants("token", added, grants);
      return added;
    });
    return { id, token: secret };
  }

  revokeToken(id: number): void {
    if (!this.#store.revokeToken(id, this.#now()))
      throw new AccountRefused("not-found", "没有这个令牌", "there is no such token");
  }

  #local(id: number): AccountRecord {
    const account = this.get(id);
    if (account.provider === undefined) return account;
    throw new AccountRefused(
      "conflict",
      "此账号由统一认证登录，密码与验证码在那里管理",
      "this account signs in through the identity provider, which keeps its password and codes",
    );
  }

  async #confirm(account: AccountRecord, password: string): Promise<void> {
    if (await this.#signIn.confirms(account, password)) return;
    throw new AccountRefused("not-allowed", "当前密码不对", "the current password is not right");
  }

  async #checkPassword(password: string, name: string, title: string): Promise<void> {
    const refused = refusedPassword(password, [name, title]);
    if (refused !== undefined) throw new AccountRefused("bad-request", refused.zh, refused.en);
    if (!(await this.#isLeaked(password))) return;
    throw new AccountRefused(
      "bad-request",
      "这个密码出现在已泄露的密码名单中，攻击者会先试它；请换成几个不相干的词",
      "this password is in a list of leaked ones, which attackers try first; take a few unrelated words",
    );
  }

  /** Without the list no password is taken: it was asked for, and nobody would notice that it is not looked at. */
  async #isLeaked(password: string): Promise<boolean> {
    try {
      return (await this.#leaked?.has(password)) ?? false;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new AccountRefused(
        "conflict",
        `泄露密码名单读不出来（${why}），密码没有修改；请联系管理员检查 dashboards.signIn.leakedPasswordsFile`,
        `the list of leaked passwords cannot be read (${why}); the password is as it was; an administrator checks dashboards.signIn.leakedPasswordsFile`,
      );
    }
  }

  #forgetTotp(id: number): void {
    this.#store.change(id, { totp: null, totpPending: null });
    this.#store.setRecoveryCodes(id, []);
  }

  #isAdministered(): boolean {
    return this.#store
      .accounts()
      .some(
        ({ enabled, grants, provider }) => enabled && provider === undefined && grants.some(isAdministrator),
      );
  }
}

const isAdministrator = ({ path, role }: Grant): boolean => role === "administrator" && path === "";

/** True where every grant lies within places of the caller's. */
export function liesWithin(grants: readonly Grant[], places: readonly string[]): boolean {
  return grants.every(({ path }) => places.some((place) => isWithin(path, place)));
}

function checkTitle(title: string): void {
  if (title.trim() === "" || title.length > TITLE_CHARACTERS_MAX)
    throw new AccountRefused(
      "bad-request",
      "请填写姓名，最多 64 个字符",
      "a person's name has 1 to 64 characters",
    );
}

function checkGrants(grants: readonly Grant[]): void {
  if (grants.length > GRANTS_MAX)
    throw new AccountRefused(
      "bad-request",
      `最多 ${GRANTS_MAX} 项授权`,
      `there are at most ${GRANTS_MAX} grants`,
    );
  for (const { path, role } of grants) {
    if (!ROLES.includes(role))
      throw new AccountRefused("bad-request", `没有角色 ${role}`, `there is no role ${role}`);
    if (path === "") continue;
    try {
      AssetPath(path);
    } catch (error) {
      if (!(error instanceof InvalidAssetPathError)) throw error;
      throw new AccountRefused("bad-request", `场所 ${path} 不正确`, error.message);
    }
  }
}
