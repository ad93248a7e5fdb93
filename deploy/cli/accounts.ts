/** `campus-ops accounts`: the first administrator, and a way back in when nobody can sign in any more. */

import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import {
  AccountRefused,
  type Grant,
  type LocalAccounts,
  openLocalAccounts,
  ROLE_TITLES,
  ROLES,
  type Role,
} from "@campus-ops/dashboards/accounts";
import type { Language } from "@campus-ops/device-profiles/vocabulary";
import { OperatorError } from "@campus-ops/service";

const DAY_MS = 24 * 3_600_000;

export interface AccountsOptions {
  readonly title?: string | undefined;
  /** As many as `at`, and in its order. */
  readonly role: readonly string[];
  readonly at: readonly string[];
  readonly administrator: boolean;
  readonly generate: boolean;
  readonly totp: boolean;
  readonly days?: string | undefined;
  readonly file?: string | undefined;
}

export interface AccountsContext {
  readonly language: Language;
  readonly readPassword: () => Promise<string>;
}

/** Does what the words say and answers what to print. Throws {@link OperatorError}. */
export async function runAccounts(
  data: string,
  words: readonly string[],
  options: AccountsOptions,
  context: AccountsContext,
): Promise<readonly string[]> {
  const local = openLocalAccounts(data);
  try {
    return await run(local, words, options, context);
  } catch (error) {
    if (error instanceof AccountRefused) throw new OperatorError(error.detail[context.language]);
    throw error;
  } finally {
    local.close();
  }
}

async function run(
  { accounts, audit }: LocalAccounts,
  [verb = "list", name]: readonly string[],
  options: AccountsOptions,
  { language, readPassword }: AccountsContext,
): Promise<readonly string[]> {
  const say = (zh: string, en: string): string => (language === "zh" ? zh : en);
  const by = `machine:${userInfo().username}`;
  const told = (password: string): string[] =>
    options.generate
      ? [
          say(
            `初始密码（72 小时内首次登录并修改）：${password}`,
            `first password (sign in and change it within 72 hours): ${password}`,
          ),
        ]
      : [];
  if (verb === "list") {
    return accounts.all().map(({ enabled, grants, name: each, provider, title, totp }) => {
      const marks = [
        ...(enabled ? [] : [say("停用", "disabled")]),
        ...(totp === undefined ? [] : [say("动态验证码", "authenticator app")]),
        ...(provider === undefined ? [] : [provider]),
      ];
      return [each, title, grants.map((grant) => grantText(grant, language)).join(", "), ...marks].join("  ");
    });
  }
  if (name === undefined) throw new OperatorError(say("请写明账号名", "say which account"));
  const grants = grantsOf(options, say);
  if (verb === "add") {
    if (grants.length === 0)
      throw new OperatorError(
        say(
          "请用 --administrator，或 --role 与 --at 说明角色与场所",
          "say --administrator, or --role and --at",
        ),
      );
    const typed = options.generate ? {} : { password: await readPassword(), own: true };
    const added = await accounts.add({ name, title: options.title ?? name, grants, ...typed });
    audit(by, "account.add", { account: name, grants });
    return [say(`已添加账号 ${name}`, `added the account ${name}`), ...told(added.password)];
  }
  if (verb === "token") {
    const days = Number(options.days ?? 365);
    if (grants.length === 0 || !(days > 0))
      throw new OperatorError(
        say("请用 --role、--at 与 --days 说明令牌", "say --role, --at and --days of the token"),
      );
    const { token } = accounts.addToken({
      name,
      grants,
      createdBy: by,
      expiresAt: Date.now() + days * DAY_MS,
    });
    audit(by, "token.add", { name, grants, days });
    if (options.file === undefined) return [token];
    writeFileSync(options.file, `${token}\n`, { mode: 0o600, flag: "wx" });
    return [say(`令牌已写入 ${options.file}`, `the token is in ${options.file}`)];
  }
  const account = accounts.named(name);
  if (account === undefined) throw new OperatorError(say(`没有账号 ${name}`, `there is no account ${name}`));
  if (verb === "reset") {
    const password = options.generate ? undefined : await readPassword();
    const first = await accounts.reset(account.id, { password, totp: options.totp });
    audit(by, "account.reset", { account: name, totp: options.totp });
    return [
      say(
        `已重置 ${name} 的密码，其所有会话已结束；首次登录须修改`,
        `reset the password of ${name} and ended its sessions; it is changed at the next sign-in`,
      ),
      ...told(first),
    ];
  }
  if (verb === "disable" || verb === "enable") {
    accounts.change(account.id, { enabled: verb === "enable" });
    audit(by, "account.change", { account: name, enabled: verb === "enable" });
    return [
      verb === "enable"
        ? say(`已启用 ${name}`, `enabled ${name}`)
        : say(`已停用 ${name}`, `disabled ${name}`),
    ];
  }
  throw new OperatorError(say(`没有子命令 ${verb}`, `there is no accounts ${verb}; see campus-ops help`));
}

function grantsOf(
  { administrator, at, role }: AccountsOptions,
  say: (zh: string, en: string) => string,
): readonly Grant[] {
  if (role.length !== at.length) {
    throw new OperatorError(
      say(
        '每个 --role 都要有一个 --at；整个平台写 --at ""',
        'each --role needs its --at; the whole hub is --at ""',
      ),
    );
  }
  const named = role.map((each, index): Grant => {
    if (!(ROLES as readonly string[]).includes(each))
      throw new OperatorError(
        say(
          `没有角色 ${each}；有：${ROLES.join("、")}`,
          `there is no role ${each}; there are: ${ROLES.join(", ")}`,
        ),
      );
    return { role: each as Role, path: at[index] ?? "" };
  });
  return administrator ? [{ role: "administrator", path: "" }, ...named] : named;
}

function grantText({ path, role }: Grant, language: Language): string {
  return `${ROLE_TITLES[role][language]} @ ${path === "" ? "*" : path}`;
}
