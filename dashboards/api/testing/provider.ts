/** A real OpenID Connect provider on loopback: it knows one person, `s1`, and asks for no password. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";
import { IdentityProvider } from "../../accounts/identity-provider.ts";
import { EAST } from "./operations.ts";
import { title } from "./world.ts";

const HUB = "http://hub.example";
const CALLBACK = `${HUB}/api/v1/sign-in/provider/callback`;
const LOGOUT = `${HUB}/api/v1/sign-in/provider/logout`;
const SECRET = "a secret of the hub's";

/** Takes what the provider sends to the hub by itself, and answers with what status. */
type Deliver = (request: { readonly url: string; readonly body: string }) => Promise<number>;

export interface RunningProvider {
  /** As a hub has it that signs in through it. */
  readonly atHub: IdentityProvider;
  /** What the hub was told of that went wrong. */
  readonly faults: unknown[];
  /** Goes through the provider's pages as one browser would; answers the address at the hub that it is sent back to. */
  through(address: string): Promise<string>;
  /** As if the person had signed out at the provider; by its own name for the session, or all of theirs. */
  signOut(session?: string): Promise<void>;
  /** What the provider signs for its client, to be tried as something else. */
  lastIdToken(): string;
  close(): Promise<void>;
}

export async function openProvider(
  groups: readonly string[],
  { deliver = async () => 404, now = Date.now }: { deliver?: Deliver; now?: () => number } = {},
): Promise<RunningProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let idToken = "";
  const oidc = new Provider(issuer, {
    clients: [
      {
        client_id: "hub",
        client_secret: SECRET,
        redirect_uris: [CALLBACK],
        grant_types: ["authorization_code"],
        response_types: ["code"],
        backchannel_logout_uri: LOGOUT,
        // It gives its sessions a name then, in ID tokens too.
        backchannel_logout_session_required: true,
      },
    ],
    pkce: { required: () => true },
    claims: {
      openid: ["sub", "sid"],
      profile: ["name", "preferred_username", "groups"],
    },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    fetch: async (url, options) => {
      const status = await deliver({ url: String(url), body: String(options?.body) });
      return new Response(null, { status });
    },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: "李", preferred_username: "Li", groups: [...groups] }),
    }),
  });
  const answer = oidc.callback();
  server.on("request", (request, response) => {
    if (request.url?.startsWith("/interaction/") !== true) {
      if (request.url === "/token") {
        const end = response.end.bind(response);
        response.end = ((body: unknown) => {
          idToken = (JSON.parse(String(body)) as { id_token?: string }).id_token ?? "";
          return end(body);
        }) as typeof response.end;
      }
      return void answer(request, response);
    }
    void (async () => {
      const { params, prompt } = await oidc.interactionDetails(request, response);
      const grant = new oidc.Grant({ accountId: "s1", clientId: String(params.client_id) });
      grant.addOIDCScope("openid profile");
      const result =
        prompt.name === "login"
          ? { login: { accountId: "s1" } }
          : { consent: { grantId: await grant.save() } };
      await oidc.interactionFinished(request, response, result);
    })();
  });

  const cookies = new Map<string, string>();
  const faults: unknown[] = [];
  const atHub = new IdentityProvider({
    configuration: {
      title: title("bureau"),
      issuer,
      clientId: "hub",
      scopes: "openid profile",
      groupsClaim: "groups",
      nameClaim: "preferred_username",
      titleClaim: "name",
      grants: [{ group: "east-officials", role: "county-official", path: EAST }],
    },
    clientSecret: SECRET,
    redirect: new URL(CALLBACK),
    now,
    onFault: (error) => faults.push(error),
  });
  return {
    atHub,
    faults,
    lastIdToken: () => idToken,
    through: async (address) => {
      let next = address;
      for (let hops = 0; hops < 10 && !next.startsWith(HUB); hops += 1) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
        const page = await fetch(next, { redirect: "manual", headers: { cookie } });
        for (const line of page.headers.getSetCookie()) {
          const [pair = ""] = line.split(";");
          cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
        }
        next = new URL(page.headers.get("location") ?? "", next).href;
      }
      return next;
    },
    signOut: async (session) => {
      const client = await oidc.Client.find("hub");
      if (client === undefined) throw new Error("the provider does not know the hub");
      Object.assign(client, { backchannelLogoutSessionRequired: session !== undefined });
      await (client as unknown as Leaving).backchannelLogout("s1", session);
    },
    close: async () => {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Of a client of `oidc-provider`, but not of its types. */
interface Leaving {
  backchannelLogout(subject: string, session: string | undefined): Promise<void>;
}
