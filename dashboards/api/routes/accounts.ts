/** Accounts of people and tokens of machines: for administrators, each over what lies within their own places. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ACCOUNT_NAME_PATTERN, GRANTS_MAX, liesWithin } from "../../accounts/accounts.ts";
import type { AccountRecord, TokenRecord } from "../../accounts/accounts-store.ts";
import { type Grant, ROLES } from "../../accounts/core/permissions.ts";
import { accountsOf, answering, sessionList, toSessionView } from "../account-parts.ts";
import type {
  AccountBody,
  AccountChangeBody,
  AccountView,
  FirstPasswordView,
  TokenBody,
  TokenMadeView,
  TokenView,
} from "../accounts-api.ts";
import { DONE } from "../contents.ts";
import type { Identity } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, boolean, number, object, string, timestamp } from "../schemas.ts";

const role = { enum: ROLES } as const;
const grants = array(object({ role, path: string }));
const grantsBody = {
  type: "array",
  maxItems: GRANTS_MAX,
  items: object({ role, path: { type: "string", maxLength: 400 } }),
} as const;
const title = { type: "string", minLength: 1, maxLength: 64 } as const;
const accountView = object(
  {
    id: number,
    name: string,
    title: string,
    enabled: boolean,
    grants,
    totp: boolean,
    mustChange: boolean,
    provider: string,
    createdAt: timestamp,
    signedInAt: timestamp,
  },
  ["provider", "signedInAt"],
);
const accountBody = object({
  name: { type: "string", pattern: ACCOUNT_NAME_PATTERN },
  title,
  grants: grantsBody,
});
const accountChange = object({ title, enabled: boolean, grants: grantsBody }, ["title", "enabled", "grants"]);
const firstPassword = object({
  id: number,
  password: { type: "string", description: "told once; changed at the first sign-in" },
});
const resetBody = object({ totp: { type: "boolean", description: "take the authenticator app away too" } });
const tokenView = object(
  {
    id: number,
    name: string,
    grants,
    createdBy: string,
    createdAt: timestamp,
    expiresAt: timestamp,
    usedAt: timestamp,
    revokedAt: timestamp,
  },
  ["expiresAt", "usedAt", "revokedAt"],
);
const tokenBody = object(
  {
    name: { type: "string", pattern: "^[a-z0-9][a-z0-9._-]{0,63}$" },
    grants: grantsBody,
    expiresAt: timestamp,
  },
  ["expiresAt"],
);
const tokenMade = object({
  id: number,
  token: { type: "string", description: "told once, and kept nowhere" },
});
const numberParams = object({ id: { type: "integer", minimum: 1 } });

type ById = { Params: { id: number } };

export function accountRoutes(server: FastifyInstance, parts: ApiParts): void {
  const { audit } = parts;
  const tags = ["accounts"];
  const read = { permission: "accounts.read" } as const;
  const manage = { permission: "accounts.manage" } as const;
  const change = { ...manage, confirmed: true } as const;
  const there = () => accountsOf(parts).accounts;

  server.get(
    "/accounts",
    {
      config: {
        ...read,
        paged: { by: ["id"], filters: { enabled: boolean, totp: boolean, provider: string } },
      },
      schema: { tags, response: { 200: array(accountView) } },
    },
    async ({ identity }) =>
      there()
        .all()
        .filter((account) => touches(identity, account.grants))
        .map(toAccountView),
  );

  server.post<{ Body: AccountBody }>(
    "/accounts",
    { config: change, schema: { tags, body: accountBody, response: { 200: firstPassword } } },
    async ({ body, identity }): Promise<FirstPasswordView> => {
      demandWithin(identity, body.grants);
      const added = await answering(() => there().add(body));
      audit({ user: identity.user, action: "account.add", account: body.name, grants: body.grants });
      return added;
    },
  );

  server.patch<ById & { Body: AccountChangeBody }>(
    "/accounts/:id",
    {
      config: change,
      schema: { tags, params: numberParams, body: accountChange, response: { 200: accountView } },
    },
    async (request): Promise<AccountView> => {
      const { body, identity } = request;
      const account = find(request);
      if (body.grants !== undefined) demandWithin(identity, body.grants);
      await answering(() => there().change(account.id, body));
      audit({ user: identity.user, action: "account.change", account: account.name, ...body });
      return toAccountView(there().get(account.id));
    },
  );

  server.post<ById & { Body: { totp: boolean } }>(
    "/accounts/:id/reset",
    {
      config: change,
      schema: { tags, params: numberParams, body: resetBody, response: { 200: firstPassword } },
    },
    async (request): Promise<FirstPasswordView> => {
      const { id, name } = find(request);
      const { totp } = request.body;
      const password = await answering(() => there().reset(id, { totp }));
      audit({ user: request.identity.user, action: "account.reset", account: name, totp });
      return { id, password };
    },
  );

  server.get<ById>(
    "/accounts/:id/sessions",
    {
      config: { ...manage, paged: { by: ["usedAt", "id"], newestFirst: true } },
      schema: { tags, params: numberParams, response: { 200: sessionList } },
    },
    async (request) =>
      there()
        .sessions(find(request).id)
        .map((session) => toSessionView(session, "")),
  );

  server.delete<ById>(
    "/accounts/:id/sessions",
    { config: change, schema: { tags, params: numberParams, response: DONE } },
    async (request, reply) => {
      const { id, name } = find(request);
      there().endSessions(id);
      audit({ user: request.identity.user, action: "account.end-sessions", account: name });
      return reply.code(204).send();
    },
  );

  server.get(
    "/tokens",
    { config: { ...read, paged: { by: ["id"] } }, schema: { tags, response: { 200: array(tokenView) } } },
    async ({ identity }) =>
      there()
        .tokens()
        .filter((token) => touches(identity, token.grants))
        .map(toTokenView),
  );

  server.post<{ Body: TokenBody }>(
    "/tokens",
    { config: change, schema: { tags, body: tokenBody, response: { 200: tokenMade } } },
    async ({ body, identity }): Promise<TokenMadeView> => {
      demandWithin(identity, body.grants);
      const made = await answering(() => there().addToken({ ...body, createdBy: identity.user }));
      audit({
        user: identity.user,
        action: "token.add",
        name: body.name,
        grants: body.grants,
        expiresAt: body.expiresAt,
      });
      return made;
    },
  );

  // Nothing may stand between somebody and taking a stolen token out of use.
  server.delete<ById>(
    "/tokens/:id",
    { config: manage, schema: { tags, params: numberParams, response: DONE } },
    async ({ identity, params }, reply) => {
      const token = there()
        .tokens()
        .find(({ id }) => id === params.id);
      if (token === undefined || !liesWithin(token.grants, identity.places))
        throw new ApiProblem("not-found");
      await answering(() => there().revokeToken(token.id));
      audit({ user: identity.user, action: "token.revoke", name: token.name });
      return reply.code(204).send();
    },
  );

  /**
   * An account that the caller administers: all of its grants lie within the caller's places, and it is not the caller's own,
   * which nobody changes but by its own means.
   */
  function find({ identity, params }: FastifyRequest<ById>): AccountRecord {
    const account = there()
      .all()
      .find(({ id }) => id === params.id);
    if (account === undefined || !touches(identity, account.grants)) throw new ApiProblem("not-found");
    if (account.id === identity.account) {
      throw new ApiProblem("not-allowed", {
        zh: "不能修改自己的账号，请由另一位管理员操作",
        en: "nobody changes their own account; another administrator does",
      });
    }
    demandWithin(identity, account.grants);
    return account;
  }
}

/** Who administers one place sees the accounts that have something to do with it; who has none is the whole hub's. */
function touches({ places }: Identity, grants: readonly Grant[]): boolean {
  return places.includes("") || grants.some((grant) => liesWithin([grant], places));
}

function demandWithin({ places }: Identity, grants: readonly Grant[]): void {
  if (liesWithin(grants, places)) return;
  throw new ApiProblem("not-allowed", {
    zh: "授权超出了您管理的场所",
    en: "these grants reach beyond the places that you administer",
  });
}

function toAccountView(account: AccountRecord): AccountView {
  const { createdAt, enabled, grants, id, mustChange, name, provider, signedInAt, title, totp } = account;
  return {
    id,
    name,
    title,
    enabled,
    grants,
    mustChange,
    totp: totp !== undefined,
    createdAt,
    ...(provider === undefined ? {} : { provider }),
    ...(signedInAt === undefined ? {} : { signedInAt }),
  };
}

function toTokenView({
  createdAt,
  createdBy,
  expiresAt,
  grants,
  id,
  name,
  revokedAt,
  usedAt,
}: TokenRecord): TokenView {
  return {
    id,
    name,
    grants,
    createdBy,
    createdAt,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(usedAt === undefined ? {} : { usedAt }),
    ...(revokedAt === undefined ? {} : { revokedAt }),
  };
}
