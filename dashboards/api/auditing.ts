/**
 * What the audit trail is told beside what routes tell it: where a request came from, every write that a route did not
 * write down itself, every refusal, and every look at data that a route declares as sensitive.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ApiParts } from "./parts.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What is looked at here that not everybody may see, for example `evidence`: each look is written down. */
    sensitive?: string;
    /** False for a POST that only asks. */
    writes?: boolean;
  }
}

interface Current {
  readonly request: FastifyRequest;
  /** True once the route has said itself what was done. */
  told: boolean;
}

/** Answers the parts with an audit trail that knows which request each entry belongs to. */
export function auditing(server: FastifyInstance, parts: ApiParts): ApiParts {
  const current = new AsyncLocalStorage<Current>();
  const ofRequest = new WeakMap<FastifyRequest, Current>();
  server.addHook("onRequest", (request, _reply, done) => {
    const here = { request, told: false };
    ofRequest.set(request, here);
    current.run(here, done);
  });
  // Reading a body leaves the context behind.
  server.addHook("preValidation", (request, _reply, done) => {
    current.run(ofRequest.get(request) ?? { request, told: false }, done);
  });
  server.addHook("onResponse", async (request, reply) => {
    const entry = untold(request, reply.statusCode, ofRequest.get(request)?.told === true);
    if (entry !== undefined) parts.audit(entry, { address: request.ip });
  });
  return {
    ...parts,
    audit: (entry, from) => {
      const here = current.getStore();
      if (here !== undefined) here.told = true;
      parts.audit(entry, from ?? (here === undefined ? {} : { address: here.request.ip }));
    },
  };
}

function untold(
  { identity, method, params, routeOptions }: FastifyRequest,
  status: number,
  told: boolean,
): Readonly<Record<string, unknown>> | undefined {
  // Strangers are counted, not written down: who fails to sign in is, where that is tried.
  if (identity === undefined || told) return undefined;
  const { sensitive, writes = method !== "GET" && method !== "HEAD" } = routeOptions.config;
  const about = { user: identity.user, method, route: routeOptions.url, params };
  if (status === 403) return { ...about, action: "refused", result: "refused" };
  if (status >= 400) return undefined;
  if (sensitive !== undefined) return { ...about, action: `look.${sensitive}` };
  return writes ? { ...about, action: "write" } : undefined;
}
