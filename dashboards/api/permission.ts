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

/** `signed-in`: whoever has an account; it shows or changes nothing but what is the caller's own. */
export type Needed = Permission | "signed-in";

declare module "fastify" {
  interface FastifyContextConfig {
    permission?: Needed;
  }
}

/** Guards every route that is registered on `server` from now on. */
export function guard(server: FastifyInstance, authenticate: Authenticate): void {
  server.addHook("onRequest", async (request) => {
    refuseForeignWrites(request);
    request.identity = identify(authenticate(request), neededBy(request));
  });
}

/** What the caller is here. Throws {@link ApiProblem} `not-allowed` where the permission is nowhere theirs. */
export function identify(caller: Caller, needed: Needed): Identity {
  if (needed === "signed-in") return { ...caller, places: [], scope: "-" };
  const places = placesOf(caller.grants, needed);
  const [scope] = places;
  if (scope === undefined) throw new ApiProblem("not-allowed");
  return { ...caller, places, scope };
}

function neededBy({ method, routeOptions }: FastifyRequest): Needed {
  return routeOptions.config.permission ?? (method === "GET" ? "overview.read" : "settings.write");
}
