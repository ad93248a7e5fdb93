/** People at the API: signing in with a password, by a real OpenID Connect provider, and what is written down of it. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Provider from "oidc-provider";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Accounts } from "../accounts/accounts.ts";
import { AccountsStore } from "../accounts/accounts-store.ts";
import type { Grant } from "../accounts/core/permissions.ts";
import { IdentityProvider } from "../accounts/identity-provider.ts";
import { SignIn, type SignInParts } from "../accounts/sign-in.ts";
import { type OpenTrail, openTrail } from "../audit/open-trail.ts";
import { verifyTrail } from "../audit/verify.ts";
import { type AccountParts, accountAccess } from "./account-access.ts";
import { codeNow } from "./testing/story.ts";
import { openFolder, title, type World, world } from "./testing/world.ts";

const PASSWORD = "orange tram over river";
const EAST = "990100/990102";

let data: string;
let store: AccountsStore;
let trail: OpenTrail;
let parts: AccountParts;
let here: World;
let close: () => Promise<void>;
let issuer: Server | undefined;

async function open(provider?: IdentityProvider, rules: Pick<SignInParts, "codesFor"> = {}): Promise<void> {
  close = await openFolder();
  data = mkdtempSync(join(tmpdir(), "people-"));
  store = new AccountsStore(join(data, "accounts.sqlite"));
  trail = openTrail(data, 6, title("hub"), Date.now);
  const now = Date.now;
  const signIn = new SignIn({ store, now, cost: { memory: 64, passes: 1 }, ...rules });
  const accounts = new Accounts({ store, signIn, now });
  parts = { accounts, signIn, secure: false, ...(provider === undefined ? {} : { provider }) };
  const audit = trail.append;
  here = await world(accountAccess(parts, now), { accounts: parts, trail, audit });
}
beforeEach(() => open());
afterEach(() => closeAll());

async function closeAll(): Promise<void> {
  await close();
  issuer?.closeAllConnections();
  issuer?.close();
  issuer = undefined;
  store.close();
  trail.close();
  rmSync(data, { recursive: true });
}

/** A browser: it keeps cookies and says which page its writes come from. */
class Browser {
  readonly #cookies = new Map<string, string>();

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async ask(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    url: string,
    body?: object,
    headers: object = {},
  ) {
    const { cookie } = this;
    const own = { host: "hub.example", origin: "http://hub.example", cookie, "accept-language": "en" };
    const sent: Readonly<Record<string, string | undefined>> = { ...own, ...headers };
    const answer = await here.server.inject({
      method,
      url: `/api/v1${url}`,
      headers: Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined)),
      ...(body === undefined ? {} : { payload: body }),
    });
    for (const line of [answer.headers["set-cookie"] ?? []].flat()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=");
      if (line.includes("Max-Age=0")) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }

  async signIn(user: string, password = PASSWORD, code?: string) {
    return this.ask("POST", "/sign-in", { user, password, ...(code === undefined ? {} : { code }) });
  }
}

async function account(name: string, grants: readonly Grant[]): Promise<number> {
  return (await parts.accounts.add({ name, title: name, grants, password: PASSWORD, own: true })).id;
}
const actions = (): readonly string[] =>
  trail
    .search({ limit: 100 }, [""])
    .map(({ action, result }) => (result === "done" ? action : `${action} ${result}`));

describe("signing in", () => {
  test("opens what the account's grants open, says who one is, and ends", async () => {
    await account("gate", [{ role: "guard", path: `${EAST}/first` }]);
    const browser = new Browser();
    expect((await browser.ask("GET", "/me")).statusCode).toBe(401);
    const wrong = await browser.signIn("gate", "something else");
    expect([wrong.statusCode, wrong.json().detail]).toEqual([401, expect.stringContaining("is not right")]);
    const right = await browser.signIn("gate");
    expect(right.json()).toEqual({ result: "signed-in", mustChange: false });
    expect(String(right.headers["set-cookie"])).toMatch(
      /campus-ops-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict/,
    );
    const me = (await browser.ask("GET", "/me")).json();
    expect(me).toMatchObject({ user: "gate", permissions: { "alarms.act": [`${EAST}/first`] } });
    expect(me.permissions["accounts.manage"]).toBeUndefined();
    expect((await browser.ask("GET", "/alarms/a1")).statusCode).toBe(200);
    expect((await browser.ask("GET", "/accounts")).statusCode).toBe(403);
    expect((await browser.ask("POST", "/sign-out", {})).statusCode).toBe(204);
    expect((await browser.ask("GET", "/me")).statusCode).toBe(401);
    expect(actions()).toEqual(["sign-out", "refused refused", "sign-in", "sign-in refused"]);
  });

  test("a write with a session's cookie has to say which page it comes from; one from elsewhere is refused", async () => {
    await account("gate", [{ role: "guard", path: "" }]);
    const browser = new Browser();
    await browser.signIn("gate");
    const act = (headers: object) => browser.ask("POST", "/alarms/a1/acknowledge", {}, headers);
    expect((await act({ origin: "http://evil.example" })).statusCode).toBe(403);
    expect((await act({ origin: undefined })).statusCode).toBe(403);
    expect((await act({ origin: "null" })).statusCode).toBe(403);
    expect(here.received).toEqual([]);
    expect((await act({})).statusCode).toBe(200);
    const foreign = await new Browser().ask(
      "POST",
      "/sign-in",
      { user: "gate", password: PASSWORD },
      { origin: "http://evil.example" },
    );
    expect(foreign.statusCode).toBe(403);
  });

  test("with a first password nothing is open but changing it", async () => {
    const { password } = await parts.accounts.add({
      name: "gate",
      title: "x",
      grants: [{ role: "guard", path: "" }],
    });
    const browser = new Browser();
    expect((await browser.signIn("gate", password)).json()).toMatchObject({ mustChange: true });
    expect((await browser.ask("GET", "/alarms")).json().detail).toBe(
      "change the password you were given first",
    );
    expect(
      (await browser.ask("POST", "/me/password", { current: password, next: "password1234" })).statusCode,
    ).toBe(400);
    expect(
      (await browser.ask("POST", "/me/password", { current: password, next: PASSWORD })).statusCode,
    ).toBe(204);
    expect((await browser.ask("GET", "/alarms")).statusCode).toBe(200);
  });

  test("too many attempts wait, and are told for how long", async () => {
    await account("gate", []);
    for (let each = 0; each < 5; each += 1) await new Browser().signIn("gate", "wrong");
    const told = await new Browser().signIn("gate");
    expect([told.statusCode, told.headers["retry-after"]]).toEqual([429, "1"]);
    const [last] = trail.search({ action: "sign-in", result: "refused", limit: 1 }, [""]);
    expect(JSON.stringify(last)).toContain('"why":"wait"');
  });

  test("a hundred requests at once without a session are told to slow down", async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => new Browser().ask("GET", "/me")));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([401, 429]));
  });

  test("an authenticator app is set up with a picture for it", async () => {
    await account("gate", []);
    const browser = new Browser();
    await browser.signIn("gate");
    const begun = (await browser.ask("POST", "/me/totp", { password: PASSWORD })).json();
    expect(begun).toMatchObject({
      uri: expect.stringContaining("otpauth://totp/campus-ops%3Agate"),
      qr: expect.stringMatching(/^data:image\/gif;base64,/),
    });
    expect((await browser.ask("PUT", "/me/totp", { code: "000000" })).statusCode).toBe(400);
  });
});

describe("where a role asks for an authenticator app", () => {
  const chief: readonly Grant[] = [{ role: "administrator", path: "" }];
  const begun = async (browser: Browser): Promise<string> => {
    const { uri } = (await browser.ask("POST", "/me/totp", { password: PASSWORD })).json<{ uri: string }>();
    return codeNow(uri);
  };
  beforeEach(async () => {
    await closeAll();
    await open(undefined, { codesFor: ["administrator"] });
  });

  test("nothing is open before it is set up, everything after, and other roles are let in as before", async () => {
    await account("chief", chief);
    await account("gate", [{ role: "guard", path: "" }]);
    const browser = new Browser();
    await browser.signIn("chief");
    expect((await browser.ask("GET", "/accounts")).statusCode).toBe(403);
    expect((await browser.ask("GET", "/me")).json()).toMatchObject({
      account: { mustEnrol: true, totp: false },
    });
    const code = await begun(browser);
    expect((await browser.ask("PUT", "/me/totp", { code })).statusCode).toBe(200);
    expect((await browser.ask("GET", "/accounts")).statusCode).toBe(200);
    expect((await browser.ask("GET", "/me")).json()).toMatchObject({ account: { mustEnrol: false } });
    const guard = new Browser();
    await guard.signIn("gate");
    expect((await guard.ask("GET", "/alarms")).statusCode).toBe(200);
  });

  test("setting it up or taking it away ends what was signed in elsewhere", async () => {
    await account("gate", [{ role: "guard", path: "" }]);
    const [here, elsewhere] = [new Browser(), new Browser()];
    await here.signIn("gate");
    await elsewhere.signIn("gate");
    const code = await begun(here);
    expect((await here.ask("PUT", "/me/totp", { code })).statusCode).toBe(200);
    expect((await elsewhere.ask("GET", "/me")).statusCode).toBe(401);
    expect((await here.ask("POST", "/me/totp/end", { password: PASSWORD })).statusCode).toBe(204);
    expect((await here.ask("GET", "/alarms")).statusCode).toBe(200);
  });
});

test("signing out tells the browser to forget what it has kept of the hub", async () => {
  await account("gate", []);
  const browser = new Browser();
  await browser.signIn("gate");
  expect((await browser.ask("POST", "/sign-out")).headers["clear-site-data"]).toBe('"cache"');
});

test("an open page hears no more once its session has ended", async () => {
  await account("gate", [{ role: "guard", path: "" }]);
  const browser = new Browser();
  await browser.signIn("gate");
  const stream = await fetch(`${here.url}/api/v1/stream`, { headers: { cookie: browser.cookie } });
  const reader = stream.body?.getReader();
  await reader?.read();
  here.feed.publish("status", "{}");
  expect((await reader?.read())?.done).toBe(false);
  parts.accounts.endSessions(1);
  here.feed.publish("status", "{}");
  await expect(reader?.read()).rejects.toThrow();
});

describe("administration", () => {
  test("of one county neither sees nor makes anything of another, and nobody changes themselves", async () => {
    const own = await account("chief", [{ role: "administrator", path: EAST }]);
    const other = await account("west", [{ role: "guard", path: "990100/990121" }]);
    const browser = new Browser();
    await browser.signIn("chief");
    expect((await browser.ask("GET", "/accounts")).json()).toMatchObject([{ name: "chief" }]);
    expect((await browser.ask("POST", `/accounts/${other}/reset`, { totp: false })).statusCode).toBe(404);
    expect(
      (await browser.ask("PATCH", `/accounts/${own}`, { grants: [{ role: "auditor", path: "" }] }))
        .statusCode,
    ).toBe(403);
    const add = (path: string) =>
      browser.ask("POST", "/accounts", { name: "new", title: "n", grants: [{ role: "guard", path }] });
    expect((await add("")).statusCode).toBe(403);
    expect((await add(`${EAST}/first`)).json()).toMatchObject({
      password: expect.stringMatching(/^[a-z2-7-]{19}$/),
    });
    expect(
      (await browser.ask("POST", "/tokens", { name: "t", grants: [{ role: "auditor", path: "" }] }))
        .statusCode,
    ).toBe(403);
  });

  test("makes tokens that machines use without cookies, and revokes them", async () => {
    await account("chief", [{ role: "administrator", path: "" }]);
    const browser = new Browser();
    await browser.signIn("chief");
    const grants = [{ role: "county-official", path: EAST }];
    const { id, token } = (await browser.ask("POST", "/tokens", { name: "bureau", grants })).json();
    const use = () =>
      here.server.inject({
        method: "GET",
        url: "/api/v1/alarms",
        headers: { authorization: `Bearer ${token}` },
      });
    expect((await use()).statusCode).toBe(200);
    expect((await browser.ask("DELETE", `/tokens/${id}`)).statusCode).toBe(204);
    expect((await use()).statusCode).toBe(401);
    expect(JSON.stringify(trail.search({ limit: 100 }, [""]))).not.toContain(token);
  });
});

test("the trail is searched and exported by an auditor, verifies, and says who looked", async () => {
  await account("auditor", [{ role: "auditor", path: "" }]);
  const browser = new Browser();
  await browser.signIn("auditor");
  const found = (await browser.ask("GET", "/audit?action=sign-in&limit=5")).json();
  expect(found).toMatchObject({ entries: [{ user: "auditor", action: "sign-in", address: "127.0.0.1" }] });
  const file = await browser.ask("GET", `/audit/export?from=0&to=${Date.now() + 1}`);
  expect(verifyTrail(file.body)).toMatchObject({ problems: [], keyFingerprint: found.fingerprint });
  expect(actions()).toEqual(["audit.export", "look.audit", "sign-in"]);
});

describe("an identity provider", () => {
  /** A real one; it knows one person, whose groups are told, and asks for no password. */
  async function provider(groups: readonly string[]): Promise<void> {
    issuer = createServer();
    await new Promise<void>((resolve) => issuer?.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
    const redirect = new URL("http://hub.example/api/v1/sign-in/provider/callback");
    const oidc = new Provider(address, {
      clients: [
        {
          client_id: "hub",
          client_secret: "a secret of the hub's",
          redirect_uris: [redirect.href],
          grant_types: ["authorization_code"],
          response_types: ["code"],
        },
      ],
      pkce: { required: () => true },
      claims: { openid: ["sub"], profile: ["name", "preferred_username", "groups"] },
      conformIdTokenClaims: false,
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
      findAccount: (_context, id) => ({
        accountId: id,
        claims: () => ({ sub: id, name: "李", preferred_username: "Li", groups: [...groups] }),
      }),
    });
    const answer = oidc.callback();
    issuer.on("request", (request, response) => {
      if (request.url?.startsWith("/interaction/") !== true) return void answer(request, response);
      void (async () => {
        const { prompt, params } = await oidc.interactionDetails(request, response);
        const grant = new oidc.Grant({ accountId: "s1", clientId: String(params.client_id) });
        grant.addOIDCScope("openid profile");
        const result =
          prompt.name === "login"
            ? { login: { accountId: "s1" } }
            : { consent: { grantId: await grant.save() } };
        await oidc.interactionFinished(request, response, result);
      })();
    });
    const configuration = {
      title: title("bureau"),
      issuer: address,
      clientId: "hub",
      scopes: "openid profile",
      groupsClaim: "groups",
      nameClaim: "preferred_username",
      titleClaim: "name",
      grants: [{ group: "east-officials", role: "county-official", path: EAST }],
    } as const;
    await afterOpen(
      new IdentityProvider({
        configuration,
        clientSecret: "a secret of the hub's",
        redirect,
        now: Date.now,
        onFault: () => undefined,
      }),
    );
  }
  async function afterOpen(identityProvider: IdentityProvider): Promise<void> {
    await close();
    store.close();
    trail.close();
    rmSync(data, { recursive: true });
    await open(identityProvider);
  }

  /** Goes through the provider's pages as a browser would; answers the address it is sent back to. */
  async function through(address: string): Promise<string> {
    const cookies = new Map<string, string>();
    let next = address;
    for (let hops = 0; hops < 10 && !next.startsWith("http://hub.example"); hops += 1) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const answer = await fetch(next, { redirect: "manual", headers: { cookie } });
      for (const line of answer.headers.getSetCookie()) {
        const [pair = ""] = line.split(";");
        cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
      }
      next = new URL(answer.headers.get("location") ?? "", next).href;
    }
    return next;
  }
  const back = (address: string): string => address.replace("http://hub.example/api/v1", "");

  test("signs people in, with the roles that their groups stand for", async () => {
    await provider(["teachers", "east-officials"]);
    const browser = new Browser();
    expect((await browser.ask("GET", "/sign-in")).json()).toMatchObject({
      provider: { title: title("bureau") },
    });
    const away = await browser.ask("GET", "/sign-in/provider");
    const returned = await browser.ask("GET", back(await through(String(away.headers.location))));
    expect([returned.statusCode, returned.headers.location]).toEqual([303, "/"]);
    expect((await browser.ask("GET", "/me")).json()).toMatchObject({
      user: "li",
      title: { zh: "李" },
      grants: [{ role: "county-official", path: EAST }],
      account: { external: true },
    });
    expect(actions()).toEqual(["sign-in"]);
  });

  test("lets nobody in without a group that means something here, nor twice on one answer, nor on another's way", async () => {
    await provider(["teachers"]);
    const browser = new Browser();
    const away = await browser.ask("GET", "/sign-in/provider");
    const address = back(await through(String(away.headers.location)));
    const said = async (answer: Promise<{ headers: Record<string, unknown> }>): Promise<string> =>
      String((await answer).headers.location);
    expect(await said(new Browser().ask("GET", address))).toBe("/sign-in?refused=way-over");
    expect(await said(browser.ask("GET", address))).toBe("/sign-in?refused=no-role");
    expect(await said(browser.ask("GET", address))).toBe("/sign-in?refused=way-over");
    expect((await browser.ask("GET", "/me")).statusCode).toBe(401);
  });

  test("that is away is said to be away, and local accounts go on", async () => {
    await provider([]);
    issuer?.closeAllConnections();
    await new Promise((resolve) => issuer?.close(resolve));
    await account("chief", [{ role: "administrator", path: "" }]);
    const browser = new Browser();
    const away = await browser.ask("GET", "/sign-in/provider");
    expect(away.headers.location).toBe("/sign-in?refused=provider-away");
    expect((await browser.signIn("chief")).statusCode).toBe(200);
  });
});
