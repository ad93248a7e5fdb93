/** People at the API: signing in with a password, what is theirs to do, and what is written down of it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Grant } from "../accounts/core/permissions.ts";
import { verifyTrail } from "../audit/verify.ts";
import { Browser, openPeople, type People } from "./testing/people.ts";
import { codeNow, PASSWORD } from "./testing/story.ts";

const EAST = "990100/990102";

let here: People;
/** How much later it is than on the clock on the wall. */
let ahead_ms: number;
beforeEach(async () => {
  ahead_ms = 0;
  here = await openPeople({ now: () => Date.now() + ahead_ms });
});
afterEach(() => here.close());

describe("signing in", () => {
  test("opens what the account's grants open, says who one is, and ends", async () => {
    await here.account("gate", [{ role: "guard", path: `${EAST}/first` }]);
    const browser = new Browser(here);
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
    expect(here.actions()).toEqual(["sign-out", "refused refused", "sign-in", "sign-in refused"]);
  });

  test("a write with a session's cookie has to say which page it comes from; one from elsewhere is refused", async () => {
    await here.account("gate", [{ role: "guard", path: "" }]);
    const browser = new Browser(here);
    await browser.signIn("gate");
    const act = (headers: object) => browser.ask("POST", "/alarms/a1/acknowledge", {}, headers);
    expect((await act({ origin: "http://evil.example" })).statusCode).toBe(403);
    expect((await act({ origin: undefined })).statusCode).toBe(403);
    expect((await act({ origin: "null" })).statusCode).toBe(403);
    expect(here.received).toEqual([]);
    expect((await act({})).statusCode).toBe(200);
    const foreign = await new Browser(here).ask(
      "POST",
      "/sign-in",
      { user: "gate", password: PASSWORD },
      { origin: "http://evil.example" },
    );
    expect(foreign.statusCode).toBe(403);
  });

  test("with a first password nothing is open but changing it", async () => {
    const { password } = await here.parts.accounts.add({
      name: "gate",
      title: "x",
      grants: [{ role: "guard", path: "" }],
    });
    const browser = new Browser(here);
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
    await here.account("gate", []);
    for (let each = 0; each < 5; each += 1) await new Browser(here).signIn("gate", "wrong");
    const told = await new Browser(here).signIn("gate");
    expect([told.statusCode, told.headers["retry-after"]]).toEqual([429, "1"]);
    const [last] = here.trail.search({ action: "sign-in", result: "refused", limit: 1 }, [""]);
    expect(JSON.stringify(last)).toContain('"why":"wait"');
  });

  test("a hundred requests at once without a session are told to slow down", async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => new Browser(here).ask("GET", "/me")));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([401, 429]));
  });

  test("an authenticator app is set up with a picture for it", async () => {
    await here.account("gate", []);
    const browser = new Browser(here);
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
    await here.close();
    here = await openPeople({ codesFor: ["administrator"] });
  });

  test("nothing is open before it is set up, everything after, and other roles are let in as before", async () => {
    await here.account("chief", chief);
    await here.account("gate", [{ role: "guard", path: "" }]);
    const browser = new Browser(here);
    await browser.signIn("chief");
    expect((await browser.ask("GET", "/accounts")).statusCode).toBe(403);
    expect((await browser.ask("GET", "/me")).json()).toMatchObject({
      account: { mustEnrol: true, totp: false },
    });
    const code = await begun(browser);
    expect((await browser.ask("PUT", "/me/totp", { code })).statusCode).toBe(200);
    expect((await browser.ask("GET", "/accounts")).statusCode).toBe(200);
    expect((await browser.ask("GET", "/me")).json()).toMatchObject({ account: { mustEnrol: false } });
    const guard = new Browser(here);
    await guard.signIn("gate");
    expect((await guard.ask("GET", "/alarms")).statusCode).toBe(200);
  });

  test("setting it up or taking it away ends what was signed in elsewhere", async () => {
    await here.account("gate", [{ role: "guard", path: "" }]);
    const [browser, elsewhere] = [new Browser(here), new Browser(here)];
    await browser.signIn("gate");
    await elsewhere.signIn("gate");
    const code = await begun(browser);
    expect((await browser.ask("PUT", "/me/totp", { code })).statusCode).toBe(200);
    expect((await elsewhere.ask("GET", "/me")).statusCode).toBe(401);
    expect((await browser.ask("POST", "/me/totp/end", { password: PASSWORD })).statusCode).toBe(204);
    expect((await browser.ask("GET", "/alarms")).statusCode).toBe(200);
  });
});

test("signing out tells the browser to forget what it has kept of the hub", async () => {
  await here.account("gate", []);
  const browser = new Browser(here);
  await browser.signIn("gate");
  expect((await browser.ask("POST", "/sign-out")).headers["clear-site-data"]).toBe('"cache"');
});

test("an open page hears no more once its session has ended", async () => {
  await here.account("gate", [{ role: "guard", path: "" }]);
  const browser = new Browser(here);
  await browser.signIn("gate");
  const stream = await fetch(`${here.url}/api/v1/stream`, { headers: { cookie: browser.cookie } });
  const reader = stream.body?.getReader();
  await reader?.read();
  here.feed.publish("status", "{}");
  expect((await reader?.read())?.done).toBe(false);
  here.parts.accounts.endSessions(1);
  here.feed.publish("status", "{}");
  await expect(reader?.read()).rejects.toThrow();
});

describe("administration", () => {
  test("of one county neither sees nor makes anything of another, and nobody changes themselves", async () => {
    const own = await here.account("chief", [{ role: "administrator", path: EAST }]);
    const other = await here.account("west", [{ role: "guard", path: "990100/990121" }]);
    const browser = new Browser(here);
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
    await here.account("chief", [{ role: "administrator", path: "" }]);
    const browser = new Browser(here);
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
    expect(JSON.stringify(here.trail.search({ limit: 100 }, [""]))).not.toContain(token);
  });
});

test("the trail is searched and exported by an auditor, verifies, and says who looked", async () => {
  await here.account("auditor", [{ role: "auditor", path: "" }]);
  const browser = new Browser(here);
  await browser.signIn("auditor");
  const found = (await browser.ask("GET", "/audit?action=sign-in&limit=5")).json();
  expect(found).toMatchObject({ entries: [{ user: "auditor", action: "sign-in", address: "127.0.0.1" }] });
  const file = await browser.ask("GET", `/audit/export?from=0&to=${Date.now() + 1}`);
  expect(verifyTrail(file.body)).toMatchObject({ problems: [], keyFingerprint: found.fingerprint });
  expect(here.actions()).toEqual(["audit.export", "look.audit", "sign-in"]);
});

describe("what a screen that somebody left must not do", () => {
  const MINUTE_MS = 60_000;

  test("asks for the password again, some minutes after one has signed in, and once for all of it", async () => {
    const gate = await here.account("gate", []);
    await here.account("chief", [{ role: "administrator", path: "" }]);
    const browser = new Browser(here);
    await browser.signIn("chief");
    const end = async () => (await browser.ask("DELETE", `/accounts/${gate}/sessions`)).statusCode;
    expect(await end()).toBe(204);
    ahead_ms += 10 * MINUTE_MS;
    const asked = await browser.ask("DELETE", `/accounts/${gate}/sessions`);
    expect(asked.json()).toMatchObject({ status: 403, type: "urn:campus-ops:problem:confirm-first" });
    expect((await browser.ask("POST", "/me/confirm", { password: "something else" })).statusCode).toBe(403);
    expect(await end()).toBe(403);
    expect((await browser.ask("POST", "/me/confirm", { password: PASSWORD })).statusCode).toBe(204);
    expect([await end(), await end()]).toEqual([204, 204]);
    ahead_ms += 10 * MINUTE_MS;
    expect(await end()).toBe(403);
  });

  test("is asked of each session by itself, and of no machine", async () => {
    await here.account("chief", [{ role: "administrator", path: "" }]);
    const [one, other] = [new Browser(here), new Browser(here)];
    await one.signIn("chief");
    await other.signIn("chief");
    const made = await one.ask("POST", "/tokens", {
      name: "t",
      grants: [{ role: "administrator", path: "" }],
    });
    ahead_ms += 10 * MINUTE_MS;
    await one.ask("POST", "/me/confirm", { password: PASSWORD });
    const body = { name: "li", title: "n", grants: [] };
    expect((await one.ask("POST", "/accounts", body)).statusCode).toBe(200);
    expect((await other.ask("POST", "/accounts", { ...body, name: "he" })).statusCode).toBe(403);
    const authorization = `Bearer ${made.json().token}`;
    const machine = await new Browser(here).ask(
      "POST",
      "/accounts",
      { ...body, name: "he" },
      { authorization },
    );
    expect(machine.statusCode).toBe(200);
  });

  test("is every change of accounts and of where data goes, and the end of a session; a stolen token is taken out of use at once", () => {
    const { paths } = here.server.swagger() as unknown as {
      paths: Record<string, Record<string, { "x-permission": string; "x-confirmed"?: boolean }>>;
    };
    const writes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method, each]) => method !== "get" && each["x-permission"] === "accounts.manage")
        .map(([method, each]) => [`${method} ${path}`, each["x-confirmed"] === true] as const),
    );
    expect(writes.filter(([, confirmed]) => !confirmed).map(([name]) => name)).toEqual([
      "delete /api/v1/tokens/{id}",
      "post /api/v1/webhooks/{id}/test",
    ]);
    expect(writes.length).toBeGreaterThan(4);
    expect(paths["/api/v1/me/sessions/{id}"]?.delete?.["x-confirmed"]).toBe(true);
    for (const name of ["backup", "notify"]) {
      const { delete: reset, put } = paths[`/api/v1/settings/${name}`] ?? {};
      expect([put?.["x-confirmed"], reset?.["x-confirmed"]]).toEqual([true, true]);
    }
  });

  test("what a page asks by itself keeps nobody signed in but a wall", async () => {
    await here.account("official", [{ role: "county-official", path: EAST }]);
    await here.account("screen", [{ role: "wall-display", path: EAST }]);
    const [person, wall] = [new Browser(here), new Browser(here)];
    await person.signIn("official");
    const kept = String((await wall.signIn("screen")).headers["set-cookie"]);
    expect(kept).toMatch(/campus-ops-session=[^;]+;[^,]*Max-Age=7948800/);
    const ask = async (browser: Browser, attended: boolean): Promise<number> =>
      (await browser.ask("GET", "/me", undefined, attended ? {} : { "campus-ops-unattended": "?1" }))
        .statusCode;
    ahead_ms += 20 * MINUTE_MS;
    expect([await ask(person, true), await ask(wall, false)]).toEqual([200, 200]);
    ahead_ms += 20 * MINUTE_MS;
    expect([await ask(person, false), await ask(wall, false)]).toEqual([200, 200]);
    ahead_ms += 20 * MINUTE_MS;
    expect([await ask(person, false), await ask(wall, false)]).toEqual([401, 200]);
    for (let day = 0; day < 5; day += 1) {
      ahead_ms += 24 * 60 * MINUTE_MS;
      expect(await ask(wall, false)).toBe(200);
    }
    ahead_ms += 5 * 24 * 60 * MINUTE_MS;
    expect(await ask(wall, false)).toBe(401);
  });
});
