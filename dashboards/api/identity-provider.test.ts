/** People who sign in by a real OpenID Connect provider's word, and are signed out by it. */
import { decodeJwt } from "jose";
import { afterEach, describe, expect, test } from "vitest";
import { EAST } from "./testing/operations.ts";
import { Browser, openPeople, type People } from "./testing/people.ts";
import { openProvider, type RunningProvider } from "./testing/provider.ts";
import { title } from "./testing/world.ts";

const FORM = "application/x-www-form-urlencoded";

let here: People;
let provider: RunningProvider;
let clock = 0;
afterEach(async () => {
  await here.close();
  await provider.close();
});

async function open(groups: readonly string[]): Promise<void> {
  clock = 0;
  const now = () => Date.now() + clock;
  const deliver = async ({ body, url }: { readonly url: string; readonly body: string }) =>
    (await post(body, url.replace("http://hub.example", ""))).statusCode;
  provider = await openProvider(groups, { deliver, now });
  here = await openPeople({ provider: provider.atHub, now });
}

const post = (payload: string, url = "/api/v1/sign-in/provider/logout") =>
  here.server.inject({ method: "POST", url, headers: { "content-type": FORM }, payload });

/** There and back again; answers what the hub says to who is back. */
async function signIn(browser: Browser, query = "") {
  const away = await browser.ask("GET", `/sign-in/provider${query}`);
  const address = await provider.through(String(away.headers.location));
  return browser.ask("GET", address.replace("http://hub.example/api/v1", ""));
}
const status = async (browser: Browser): Promise<number> => (await browser.ask("GET", "/me")).statusCode;

describe("an identity provider", () => {
  test("signs people in, with the roles that their groups stand for", async () => {
    await open(["teachers", "east-officials"]);
    const browser = new Browser(here);
    expect((await browser.ask("GET", "/sign-in")).json()).toMatchObject({
      provider: { title: title("bureau") },
    });
    const returned = await signIn(browser);
    expect([returned.statusCode, returned.headers.location]).toEqual([303, "/"]);
    expect((await browser.ask("GET", "/me")).json()).toMatchObject({
      user: "li",
      title: { zh: "李" },
      grants: [{ role: "county-official", path: EAST }],
      account: { external: true },
    });
    expect(here.actions()).toEqual(["sign-in"]);
  });

  test("lets nobody in without a group that means something here, nor twice on one answer, nor on another's way", async () => {
    await open(["teachers"]);
    const browser = new Browser(here);
    const away = await browser.ask("GET", "/sign-in/provider");
    const address = (await provider.through(String(away.headers.location))).replace(
      "http://hub.example/api/v1",
      "",
    );
    const said = async (answer: Promise<{ headers: Record<string, unknown> }>): Promise<string> =>
      String((await answer).headers.location);
    expect(await said(new Browser(here).ask("GET", address))).toBe("/sign-in?refused=way-over");
    expect(await said(browser.ask("GET", address))).toBe("/sign-in?refused=no-role");
    expect(await said(browser.ask("GET", address))).toBe("/sign-in?refused=way-over");
    expect(await status(browser)).toBe(401);
  });

  test("that is away is said to be away, and local accounts go on", async () => {
    await open([]);
    await provider.close();
    await here.account("chief", [{ role: "administrator", path: "" }]);
    const browser = new Browser(here);
    const away = await browser.ask("GET", "/sign-in/provider");
    expect(away.headers.location).toBe("/sign-in?refused=provider-away");
    expect((await browser.signIn("chief")).statusCode).toBe(200);
  });

  test("asks its people for their password again before they do what needs it", async () => {
    await open(["east-officials"]);
    const browser = new Browser(here);
    await signIn(browser);
    const [session] = (await browser.ask("GET", "/me/sessions")).json<{ id: string }[]>();
    const end = () => browser.ask("DELETE", `/me/sessions/${session?.id}`);
    clock += 11 * 60_000;
    expect((await end()).json()).toMatchObject({ type: "urn:campus-ops:problem:confirm-first" });
    // Whoever only comes back signed in has not been asked: the provider says so, by the time of its own sign-in.
    expect((await signIn(browser, "?again=true")).headers.location).toBe("/sign-in?refused=not-vouched-for");
    clock = 0;
    expect((await signIn(browser, "?again=true")).headers.location).toBe("/");
    expect((await end()).statusCode).toBe(404);
  });
});

describe("signing out at the identity provider", () => {
  test("ends the sessions of that person here, all of them or the one that is named", async () => {
    await open(["east-officials"]);
    const [one, other] = [new Browser(here), new Browser(here)];
    await signIn(one);
    await signIn(other);
    await here.account("chief", []);
    const local = new Browser(here);
    await local.signIn("chief");
    const { sid } = decodeJwt(provider.lastIdToken());
    expect(sid).toEqual(expect.any(String));
    await provider.signOut("another session of theirs");
    expect(await status(one)).toBe(200);
    await provider.signOut(String(sid));
    expect([await status(one), await status(local)]).toEqual([401, 200]);
    await signIn(one);
    await provider.signOut();
    expect([await status(one), await status(other), await status(local)]).toEqual([401, 401, 200]);
    expect(here.actions().filter((action) => action === "account.end-sessions")).toHaveLength(2);
  });

  test("is believed of nobody else, nor by another token of the provider's, nor late", async () => {
    await open(["east-officials"]);
    const browser = new Browser(here);
    await signIn(browser);
    const refused = async (body: string) => (await post(body)).statusCode;
    expect(await refused("")).toBe(400);
    expect(await refused("logout_token=x.y.z")).toBe(400);
    expect(await refused(`logout_token=${provider.lastIdToken()}`)).toBe(400);
    clock += 10 * 60_000;
    await expect(provider.signOut()).rejects.toThrow("got: 400");
    expect(await status(browser)).toBe(200);
    clock = 0;
    await provider.signOut();
    expect(await status(browser)).toBe(401);
  });

  test("is told to nobody where people sign in here alone", async () => {
    provider = await openProvider([]);
    here = await openPeople();
    expect((await post("logout_token=x")).statusCode).toBe(404);
  });
});
