/**
 * Each route says, in its `config`, which permission it is for; a hook sees to it before the route runs, and a route that
 * says nothing does not start.
 *
 *   server.get("/drills", { config: { permission: "drills.run" }, schema }, …)
 */
import type { FastifyInstance } from "fastify";
import { type Permission, placesOf } from "../accounts/core/permissions.ts";
import { type Authenticate, type Caller, type Identity, refuseForeignWrites } from "./identity.ts";
import { ApiProblem } from "./problem.ts";

/**
 * `signed-in`: whoever is somebody; it shows or changes nothing but what is the caller's own. `anyone`: how to become
 * somebody.
 */
export type Needed = Permission | "signed-in" | "anyone";

declare module "fastify" {
  interface FastifyContextConfig {
    permission?: Needed;
    /** True for what a screen that somebody left must not do: whoever is signed in has proven lately to be there. */
    confirmed?: true;
  }
}

const ANYONE: Identity = { user: "", title: { zh: "", en: "" }, grants: [], places: [] };

/** Guards every route that is registered on `server` from now on. */
export function guard(server: FastifyInstance, authenticate: Authenticate): void {
  server.addHook("onRoute", ({ config, method, url }) => {
    if (config?.permission === undefined) throw new Error(`${String(method)} ${url} declares no permission`);
  });
  server.addHook("onRequest", async (request) => {
    refuseForeignWrites(request);
    const needed = request.routeOptions.config.permission;
    // A route that is not there is nobody's.
    if (needed === undefined) return;
    if (needed === "anyone") {
      request.identity = ANYONE;
      return;
    }
    const caller = authenticate(request);
    // Who is refused is known by name.
    request.identity = { ...ANYONE, ...caller };
    request.identity = identify(caller, needed);
    if (request.routeOptions.config.confirmed === true) demandConfirmed(caller);
  });
}

/** Of a session alone: a machine's token and the machine's own operator have nobody to ask. */
function demandConfirmed({ confirmed, session }: Caller): void {
  if (session === undefined || confirmed === true) return;
  throw new ApiProblem("confirm-first", {
    zh: "此操作需要再次确认是您本人：请输入您的密码，或重新通过统一认证登录",
    en: "this asks once more whether it is you: give your password, or sign in at the identity provider again",
  });
}

/** What the caller is here. Throws {@link ApiProblem} `not-allowed` where the permission is nowhere theirs. */
export function identify(caller: Caller, needed: Permission | "signed-in"): Identity {
  if (needed === "signed-in") return { ...caller, places: [] };
  if (caller.mustChange === true) {
    throw new ApiProblem("not-allowed", {
      zh: "请先修改初始密码",
      en: "change the password you were given first",
    });
  }
  if (caller.mustEnrol === true) {
    throw new ApiProblem("not-allowed", {
      zh: "您的角色要求使用验证器应用，请先设置",
      en: "a role of yours asks for an authenticator app: set one up first",
    });
  }
  const places = placesOf(caller.grants, needed);
  if (places.length === 0) throw new ApiProblem("not-allowed");
  return { ...caller, places };
}
