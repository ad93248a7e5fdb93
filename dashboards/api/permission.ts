/**
 * Each route says, in its `config`, which permission it is for; a hook sees to it before the route runs, and a route that
 * says nothing does not start.
 *
 *   server.get("/drills", { config: { permission: "drills.run" }, schema }, …)
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
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
  }
}

const ANYONE: Identity = { user: "", title: { zh: "", en: "" }, grants: [], places: [], scope: "-" };

/** Guards every route that is registered on `server` from now on. */
export function guard(server: FastifyInstance, authenticate: Authenticate): void {
  server.addHook("onRequest", async (request) => {
    refuseForeignWrites(request);
    const needed = neededBy(request);
    if (needed === "anyone") {
      request.identity = ANYONE;
      return;
    }
    const caller = authenticate(request);
    // Who is refused is known by name.
    request.identity = { ...ANYONE, ...caller };
    request.identity = identify(caller, needed);
  });
}

/** What the caller is here. Throws {@link ApiProblem} `not-allowed` where the permission is nowhere theirs. */
export function identify(caller: Caller, needed: Permission | "signed-in"): Identity {
  if (needed === "signed-in") return { ...caller, places: [], scope: "-" };
  if (caller.mustChange === true) {
    throw new ApiProblem("not-allowed", {
      zh: "请先修改初始密码",
      en: "change the password you were given first",
    });
  }
  const places = placesOf(caller.grants, needed);
  const [scope] = places;
  if (scope === undefined) throw new ApiProblem("not-allowed");
  return { ...caller, places, scope };
}

function neededBy({ method, routeOptions }: FastifyRequest): Needed {
  return routeOptions.config.permission ?? (method === "GET" ? "overview.read" : "settings.write");
}
