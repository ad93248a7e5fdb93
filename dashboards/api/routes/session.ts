/** Signing in and out, and what somebody does with their own account. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import qrcode from "qrcode-generator";
import { PERMISSION_NAMES, placesOf } from "../../accounts/core/permissions.ts";
import { AccountRefused } from "../../accounts/refused.ts";
import type { SignInResult } from "../../accounts/sign-in.ts";
import {
  type AccountParts,
  demandOrigin,
  endSession,
  readCookie,
  writeCookie,
  writeSession,
} from "../account-access.ts";
import { accountOf, accountsOf, answering, sessionList, toSessionView } from "../account-parts.ts";
import type { MeView, SignInBody, SignInOptions, SignInView, TotpView } from "../accounts-api.ts";
import { DONE, ONWARD } from "../contents.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, boolean, idParams, number, object, string, text } from "../schemas.ts";

const secret = { type: "string", maxLength: 200 } as const;
const grant = object({ role: string, path: string });
const signInOptions = object({ local: boolean, provider: object({ title: text }), demonstration: boolean }, [
  "provider",
]);
const signInBody = object(
  { user: { type: "string", minLength: 1, maxLength: 128 }, password: secret, code: secret },
  ["code"],
);
const signInView = object({ result: { enum: ["signed-in", "code-needed"] }, mustChange: boolean }, [
  "mustChange",
]);
const meView = object(
  {
    user: string,
    title: text,
    demonstration: boolean,
    grants: array(grant),
    permissions: { type: "object", additionalProperties: array(string), description: "places by permission" },
    account: object({
      mustChange: boolean,
      mustEnrol: boolean,
      totp: boolean,
      recoveryCodesLeft: number,
      external: boolean,
    }),
  },
  ["account"],
);
const passwordBody = object({ current: secret, next: secret });
const confirmBody = object({ password: secret });
const againQuery = object(
  {
    again: {
      type: "boolean",
      description: "the provider asks for the password again, whoever is signed in there",
    },
  },
  ["again"],
);
const codeBody = object({ code: secret });
const totpView = object({ uri: string, qr: { type: "string", description: "a picture, as a data: URL" } });
const recoveryCodes = object({ recoveryCodes: array(string) });

/** Pixels a module of the QR code. */
const QR_CELL = 4;

export function sessionRoutes(server: FastifyInstance, parts: ApiParts): void {
  const { audit, demonstration } = parts;
  const tags = ["session"];
  const anyone = { permission: "anyone" } as const;
  const own = { permission: "signed-in" } as const;

  server.get(
    "/sign-in",
    { config: anyone, schema: { tags, response: { 200: signInOptions } } },
    async (): Promise<SignInOptions> => {
      const provider = parts.accounts?.provider;
      return {
        local: parts.accounts !== undefined,
        demonstration,
        ...(provider === undefined ? {} : { provider: { title: provider.title } }),
      };
    },
  );

  server.post<{ Body: SignInBody }>(
    "/sign-in",
    { config: anyone, schema: { tags, body: signInBody, response: { 200: signInView } } },
    async (request, reply): Promise<SignInView> => {
      const accounts = accountsOf(parts);
      demandOrigin(request);
      const { code, password, user } = request.body;
      const device = readCookie(request, "device", accounts.secure);
      const result = await accounts.signIn.signIn({ user, password, code, device, ...from(request) });
      if (result.result === "code-needed") return { result: "code-needed" };
      // Who is made to wait is written down too: that is what an attack looks like.
      if (result.result === "refused" || result.result === "wait")
        audit({
          user,
          action: "sign-in",
          result: "refused",
          ...(result.result === "wait" ? { why: "wait" } : {}),
        });
      if (result.result !== "signed-in") throw refusal(result);
      welcome(request, reply, accounts, result);
      audit({ user: result.account.name, action: "sign-in", withCode: code !== undefined });
      return { result: "signed-in", mustChange: result.account.mustChange };
    },
  );

  server.get<{ Querystring: { again?: boolean } }>(
    "/sign-in/provider",
    { config: anyone, schema: { tags, querystring: againQuery, response: ONWARD } },
    async (request, reply) => {
      const { provider, secure } = accountsOf(parts);
      if (provider === undefined) throw new ApiProblem("not-found");
      try {
        const { url, way } = await provider.begin(request.query.again);
        writeCookie(reply, "way", way, { secure, seconds: 600, crossSite: true });
        return await reply.redirect(url.href, 303);
      } catch (error) {
        return refusedOnTheWay(reply, error);
      }
    },
  );

  server.get(
    "/sign-in/provider/callback",
    { config: anyone, schema: { tags, response: ONWARD } },
    async (request, reply) => {
      const accounts = accountsOf(parts);
      const { provider, secure, signIn } = accounts;
      if (provider === undefined) throw new ApiProblem("not-found");
      try {
        const external = await provider.finish(
          readCookie(request, "way", secure),
          URL.parse(request.url, "http://hub")?.search ?? "",
        );
        const device = readCookie(request, "device", secure);
        const result = signIn.signInExternal(external, { ...from(request), device });
        if (result === undefined) {
          audit({ user: external.name, action: "sign-in", result: "refused", provider: external.provider });
          throw new AccountRefused(
            "not-allowed",
            "此账号在本平台已停用，或与本地账号重名，请联系管理员",
            "this account is disabled here, or a local account has its name; ask the administrator",
            "name-taken",
          );
        }
        welcome(request, reply, accounts, result);
        audit({
          user: result.account.name,
          action: "sign-in",
          provider: external.provider,
          grants: external.grants,
        });
        return await reply.redirect("/", 303);
      } catch (error) {
        return refusedOnTheWay(reply, error);
      }
    },
  );

  server.post("/sign-out", { config: own, schema: { tags, response: DONE } }, async (request, reply) => {
    const { accounts, secure } = accountsOf(parts);
    const { account, session, user } = request.identity;
    if (account !== undefined && session !== undefined) {
      accounts.endSession(account, session);
      audit({ user, action: "sign-out" });
    }
    endSession(reply, secure);
    // Answers are never kept, and neither is what a browser kept all the same.
    reply.header("clear-site-data", '"cache"');
    return reply.code(204).send();
  });

  server.get(
    "/me",
    { config: own, schema: { tags, response: { 200: meView } } },
    async ({ identity }): Promise<MeView> => {
      const { account, grants, mustChange = false, mustEnrol = false, title, user } = identity;
      const has = PERMISSION_NAMES.map((name) => [name, placesOf(grants, name)] as const);
      const permissions = Object.fromEntries(has.filter(([, places]) => places.length > 0));
      const view = { user, title, demonstration, grants, permissions };
      if (account === undefined || parts.accounts === undefined) return view;
      const { accounts } = parts.accounts;
      const { provider, totp } = accounts.get(account);
      const recoveryCodesLeft = accounts.recoveryCodesLeft(account);
      return {
        ...view,
        account: {
          mustChange,
          mustEnrol,
          totp: totp !== undefined,
          recoveryCodesLeft,
          external: provider !== undefined,
        },
      };
    },
  );

  server.post<{ Body: { current: string; next: string } }>(
    "/me/password",
    { config: own, schema: { tags, body: passwordBody, response: DONE } },
    async (request, reply) => {
      const { id, session, user } = accountOf(request);
      const { current, next } = request.body;
      await answering(() => accountsOf(parts).accounts.changePassword(id, current, next, session));
      audit({ user, action: "account.change-password" });
      return reply.code(204).send();
    },
  );

  server.post<{ Body: { password: string } }>(
    "/me/totp",
    { config: own, schema: { tags, body: confirmBody, response: { 200: totpView } } },
    async (request): Promise<TotpView> => {
      const { id, user } = accountOf(request);
      const { uri } = await answering(() => accountsOf(parts).accounts.beginTotp(id, request.body.password));
      audit({ user, action: "account.begin-totp" });
      return { uri, qr: pictureOf(uri) };
    },
  );

  server.put<{ Body: { code: string } }>(
    "/me/totp",
    { config: own, schema: { tags, body: codeBody, response: { 200: recoveryCodes } } },
    async (request) => {
      const { id, session, user } = accountOf(request);
      const { code } = request.body;
      const codes = await answering(() => accountsOf(parts).accounts.confirmTotp(id, code, session));
      audit({ user, action: "account.confirm-totp" });
      return { recoveryCodes: codes };
    },
  );

  server.post<{ Body: { password: string } }>(
    "/me/totp/end",
    { config: own, schema: { tags, body: confirmBody, response: DONE } },
    async (request, reply) => {
      const { id, session, user } = accountOf(request);
      const { password } = request.body;
      await answering(() => accountsOf(parts).accounts.endTotp(id, password, session));
      audit({ user, action: "account.end-totp" });
      return reply.code(204).send();
    },
  );

  server.post<{ Body: { password: string } }>(
    "/me/confirm",
    { config: own, schema: { tags, body: confirmBody, response: DONE } },
    async (request, reply) => {
      const { id, session, user } = accountOf(request);
      const { password } = request.body;
      await answering(() => accountsOf(parts).accounts.confirmSession(id, password, session));
      audit({ user, action: "account.confirm" });
      return reply.code(204).send();
    },
  );

  server.get(
    "/me/sessions",
    {
      config: { ...own, paged: { by: ["usedAt", "id"], newestFirst: true } },
      schema: { tags, response: { 200: sessionList } },
    },
    async (request) => {
      const { id, session } = accountOf(request);
      return accountsOf(parts)
        .accounts.sessions(id)
        .map((each) => toSessionView(each, session));
    },
  );

  server.delete<{ Params: { id: string } }>(
    "/me/sessions/:id",
    { config: { ...own, confirmed: true }, schema: { tags, params: idParams, response: DONE } },
    async (request, reply) => {
      const { id, user } = accountOf(request);
      await answering(() => accountsOf(parts).accounts.endSession(id, request.params.id));
      audit({ user, action: "account.end-session" });
      return reply.code(204).send();
    },
  );

  /** A new session, and the one before it, if there was one, is over. */
  function welcome(
    request: FastifyRequest,
    reply: FastifyReply,
    { secure, signIn, accounts }: AccountParts,
    result: Extract<SignInResult, { readonly result: "signed-in" }>,
  ): void {
    const before = readCookie(request, "session", secure);
    const old = before === undefined ? undefined : signIn.ofSession(before, false);
    if (old?.account !== undefined && old.session !== undefined)
      accounts.endSession(old.account, old.session);
    writeSession(reply, result, secure);
  }

  /** The browser is on its way between pages: it is sent to ours, which has the words for why. */
  function refusedOnTheWay(reply: FastifyReply, error: unknown): FastifyReply {
    if (!(error instanceof AccountRefused) || error.code === undefined) throw error;
    return reply.redirect(`/sign-in?refused=${error.code}`, 303);
  }
}

function from(request: FastifyRequest): { readonly address: string; readonly agent: string } {
  return { address: request.ip, agent: request.headers["user-agent"] ?? "" };
}

function refusal(
  result: Exclude<SignInResult, { readonly result: "signed-in" | "code-needed" }>,
): ApiProblem {
  switch (result.result) {
    case "refused":
      return new ApiProblem("not-signed-in", {
        zh: "账号、密码或验证码不对，或账号已停用；忘记密码请联系管理员重置",
        en: "the name, the password or the code is not right, or the account is disabled; an administrator can reset it",
      });
    case "wait": {
      const seconds = Math.ceil(result.wait_ms / 1_000);
      const detail = {
        zh: `尝试次数过多，请 ${seconds} 秒后再试；曾登录过的电脑不受他人尝试影响`,
        en: `too many attempts; try again in ${seconds} s`,
      };
      return new ApiProblem("too-many", detail, seconds);
    }
    case "busy":
      return new ApiProblem(
        "too-many",
        { zh: "登录的人太多，请稍候再试", en: "too many people sign in; wait a moment" },
        5,
      );
  }
}

function pictureOf(uri: string): string {
  const code = qrcode(0, "M");
  code.addData(uri);
  code.make();
  return code.createDataURL(QR_CELL);
}
