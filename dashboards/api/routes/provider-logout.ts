/** The identity provider says that somebody is signed out there (OpenID Connect Back-Channel Logout 1.0): here, too, then. */
import type { FastifyInstance } from "fastify";
import { RateLimit } from "../../accounts/core/rate-limit.ts";
import { accountsOf, answering } from "../account-parts.ts";
import { DONE } from "../contents.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";

const TOKEN_BYTES_MAX = 8 * 1024;
/** A school's people at the end of a day; each costs the check of a signature. */
const RATE = { burst: 100, perSecond: 5 } as const;
const FORM = "application/x-www-form-urlencoded";

export async function providerLogoutRoute(server: FastifyInstance, parts: ApiParts): Promise<void> {
  const calls = new RateLimit(RATE);
  await server.register(async (form) => {
    // As other programs send it, and nothing else.
    form.removeAllContentTypeParsers();
    form.addContentTypeParser(FORM, { parseAs: "string" }, async (_request: unknown, text: string) => ({
      logout_token: new URLSearchParams(text).get("logout_token") ?? "",
    }));
    form.post<{ Body: { logout_token: string } }>(
      "/sign-in/provider/logout",
      {
        bodyLimit: TOKEN_BYTES_MAX,
        config: { permission: "anyone" },
        schema: { tags: ["session"], consumes: [FORM], body: logoutBody, response: DONE },
      },
      async (request, reply) => {
        const { accounts, provider } = accountsOf(parts);
        if (provider === undefined) throw new ApiProblem("not-found");
        if (!calls.take(request.ip, parts.now())) throw new ApiProblem("too-many", undefined, 1);
        const ends = await answering(() => provider.loggedOut(request.body.logout_token));
        for (const { name } of accounts.endExternal(ends))
          parts.audit({ user: name, action: "account.end-sessions", provider: ends.provider });
        return reply.code(204).send();
      },
    );
  });
}

const logoutBody = {
  type: "object",
  required: ["logout_token"],
  properties: { logout_token: { type: "string", description: "a JWT that the provider has signed" } },
} as const;
