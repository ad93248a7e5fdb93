/** What the routes about accounts have in common. */
import type { FastifyRequest } from "fastify";
import type { SessionRecord } from "../accounts/accounts-store.ts";
import { AccountRefused } from "../accounts/refused.ts";
import type { AccountParts } from "./account-access.ts";
import type { AccountSessionView } from "./accounts-api.ts";
import type { ApiParts } from "./parts.ts";
import { ApiProblem } from "./problem.ts";
import { array, boolean, object, string, timestamp } from "./schemas.ts";

export const sessionList = array(
  object({
    id: string,
    address: string,
    agent: string,
    createdAt: timestamp,
    usedAt: timestamp,
    current: boolean,
  }),
);

/** Throws {@link ApiProblem} `not-found` where access is not by accounts. */
export function accountsOf({ accounts }: Pick<ApiParts, "accounts">): AccountParts {
  if (accounts !== undefined) return accounts;
  throw new ApiProblem("not-found", {
    zh: "本平台没有启用账号登录；在配置中设置 dashboards.access: accounts",
    en: "this hub has no accounts; set dashboards.access: accounts in its configuration",
  });
}

/** The caller's own account. Throws {@link ApiProblem} `not-found` for callers that have none. */
export function accountOf({ identity }: FastifyRequest): {
  readonly id: number;
  readonly session: string;
  readonly user: string;
} {
  const { account, session = "", user } = identity;
  if (account === undefined)
    throw new ApiProblem("not-found", { zh: "没有登录账号", en: "there is no account" });
  return { id: account, session, user };
}

/** Passes on what accounts refuse, as a problem. */
export async function answering<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof AccountRefused ? new ApiProblem(error.kind, error.detail) : error;
  }
}

export function toSessionView(
  { address, agent, createdAt, hash, usedAt }: SessionRecord,
  current: string,
): AccountSessionView {
  return { id: hash, address, agent, createdAt, usedAt, current: hash === current };
}
