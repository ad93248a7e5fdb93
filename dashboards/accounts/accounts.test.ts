import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Accounts, liesWithin } from "./accounts.ts";
import { AccountsStore } from "./accounts-store.ts";
import { AccountRefused } from "./refused.ts";
import { SignIn, type SignInRequest, type SignInResult } from "./sign-in.ts";
import { hotp, stepAt } from "./totp.ts";

const PASSWORD = "orange tram over river";
const HOUR_MS = 3_600_000;

let folder: string;
let store: AccountsStore;
let signIn: SignIn;
let accounts: Accounts;
let clock: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "accounts-"));
  clock = Date.UTC(2026, 8, 1);
  store = new AccountsStore(join(folder, "accounts.sqlite"));
  const now = () => clock;
  signIn = new SignIn({ store, now, cost: { memory: 64, passes: 1 } });
  accounts = new Accounts({ store, signIn, now });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const request = (more: Partial<SignInRequest>): SignInRequest => ({
  user: "guard-1",
  password: PASSWORD,
  address: "10.0.0.1",
  agent: "a browser",
  ...more,
});
const attempt = (more: Partial<SignInRequest> = {}): Promise<SignInResult> => signIn.signIn(request(more));

/** A guard who has changed the first password. */
async function guard(): Promise<number> {
  const { id, password } = await accounts.add({
    name: "Guard-1",
    title: "东门保安",
    grants: [{ role: "guard", path: "990100/990102/first" }],
  });
  await accounts.changePassword(id, password, PASSWORD, "");
  return id;
}
async function signedIn(more: Partial<SignInRequest> = {}) {
  const answer = await attempt(more);
  if (answer.result !== "signed-in") throw new Error(`not signed in: ${answer.result}`);
  return answer;
}
async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AccountRefused) return error.kind;
    throw error;
  }
  return "done";
}

describe("an account", () => {
  test("begins with a password that is good for three days and has to be changed", async () => {
    const { id, password } = await accounts.add({ name: "guard-1", title: "保安", grants: [] });
    expect(password).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
    const { session } = await signedIn({ password });
    expect(signIn.ofSession(session)).toMatchObject({ user: "guard-1", mustChange: true });
    await accounts.changePassword(id, password, PASSWORD, signIn.ofSession(session)?.session ?? "");
    expect(signIn.ofSession(session)).toMatchObject({ mustChange: false });
    expect((await attempt({ password })).result).toBe("refused");
    await accounts.reset(id, { totp: false, password: "nine blue pencils" });
    expect(signIn.ofSession(session)).toBeUndefined();
    clock += 73 * HOUR_MS;
    expect((await attempt({ password: "nine blue pencils" })).result).toBe("refused");
  });

  test("is refused with a bad name, a place that is none, a bad password, or a name that is taken", async () => {
    const add = (more: object) => () => accounts.add({ name: "guard-2", title: "x", grants: [], ...more });
    expect(await refusal(add({ name: "甲" }))).toBe("bad-request");
    expect(await refusal(add({ title: " " }))).toBe("bad-request");
    expect(await refusal(add({ grants: [{ role: "guard", path: "../etc" }] }))).toBe("bad-request");
    expect(await refusal(add({ grants: [{ role: "king", path: "" }] }))).toBe("bad-request");
    expect(await refusal(add({ password: "guard-2 guard-2" }))).toBe("bad-request");
    await guard();
    expect(await refusal(add({ name: "GUARD-1" }))).toBe("conflict");
  });

  test("that is disabled is signed out at once and cannot come back", async () => {
    const id = await guard();
    const { session } = await signedIn();
    accounts.change(id, { enabled: false });
    expect(signIn.ofSession(session)).toBeUndefined();
    expect((await attempt()).result).toBe("refused");
  });

  test("loses a grant at once, not at the next sign-in", async () => {
    const id = await guard();
    const { session } = await signedIn();
    accounts.change(id, { grants: [] });
    expect(signIn.ofSession(session)?.grants).toEqual([]);
  });

  test("of the last administrator can be neither disabled nor stripped", async () => {
    const grants = [{ role: "administrator", path: "" }] as const;
    const { id } = await accounts.add({ name: "chief", title: "x", grants });
    expect(await refusal(() => accounts.change(id, { enabled: false }))).toBe("conflict");
    expect(await refusal(() => accounts.change(id, { grants: [] }))).toBe("conflict");
    expect(accounts.get(id)).toMatchObject({ enabled: true, grants });
    await accounts.add({ name: "second", title: "x", grants });
    expect(await refusal(() => accounts.change(id, { enabled: false }))).toBe("done");
  });

  test("leaves neither password nor session nor token readable on the disk, in a file of the hub's own", async () => {
    await guard();
    const { session } = await signedIn();
    const { token } = accounts.addToken({ name: "bureau", grants: [], createdBy: "chief" });
    const file = join(folder, "accounts.sqlite");
    const bytes = Buffer.concat([readFileSync(file), readFileSync(`${file}-wal`)]).toString("latin1");
    for (const secret of [PASSWORD, session, token]) expect(bytes.includes(secret)).toBe(false);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});

describe("a password", () => {
  const within = (leaked: { has(password: string): Promise<boolean> }): Accounts =>
    new Accounts({ store, signIn, now: () => clock, leaked });

  test("that has leaked is refused, to its owner as to an administrator; another is taken", async () => {
    const id = await guard();
    const careful = within({ has: async (password) => password.startsWith("nine") });
    const change = (next: string) => () => careful.changePassword(id, PASSWORD, next, "");
    expect(await refusal(change("nine blue pencils"))).toBe("bad-request");
    expect(await refusal(() => careful.reset(id, { password: "nine blue pencils", totp: false }))).toBe(
      "bad-request",
    );
    expect(await refusal(change("ten blue pencils"))).toBe("done");
  });

  test("is not changed while the list of leaked ones cannot be read", async () => {
    const id = await guard();
    const blind = within({ has: () => Promise.reject(new Error("EIO")) });
    expect(await refusal(() => blind.changePassword(id, PASSWORD, "ten blue pencils", ""))).toBe("conflict");
    await signedIn();
  });
});

describe("a session", () => {
  test("of a desk lasts a shift without a touch; of anybody else half an hour", async () => {
    const id = await guard();
    const { session } = await signedIn();
    clock += 12.5 * HOUR_MS;
    expect(signIn.ofSession(session)?.user).toBe("guard-1");
    clock += HOUR_MS;
    expect(signIn.ofSession(session)).toBeUndefined();
    accounts.change(id, { grants: [{ role: "principal", path: "" }] });
    const { session: other } = await signedIn();
    clock += 29 * 60_000;
    expect(signIn.ofSession(other)?.user).toBe("guard-1");
    clock += 29 * 60_000;
    expect(signIn.ofSession(other, false)?.user).toBe("guard-1");
    clock += 2 * 60_000;
    expect(signIn.ofSession(other)).toBeUndefined();
  });

  test("is a new one at each sign-in, is listed, and ends one by one; changing the password ends the others", async () => {
    const id = await guard();
    const [one, two, three] = [await signedIn(), await signedIn(), await signedIn()];
    expect(new Set([one.session, two.session, three.session]).size).toBe(3);
    expect(accounts.sessions(id)).toMatchObject([{ address: "10.0.0.1", agent: "a browser" }, {}, {}]);
    accounts.endSession(id, signIn.ofSession(two.session)?.session ?? "");
    expect(signIn.ofSession(two.session)).toBeUndefined();
    const mine = signIn.ofSession(one.session)?.session ?? "";
    await accounts.changePassword(id, PASSWORD, "nine blue pencils", mine);
    expect(signIn.ofSession(one.session)?.user).toBe("guard-1");
    expect(signIn.ofSession(three.session)).toBeUndefined();
    expect(await refusal(() => accounts.endSession(id + 1, mine))).toBe("not-found");
  });

  test("of an account that signs in everywhere: the oldest give way", async () => {
    const id = await guard();
    for (let each = 0; each < 25; each += 1) {
      clock += 1_000;
      await signedIn();
    }
    expect(accounts.sessions(id)).toHaveLength(20);
  });
});

describe("attempts", () => {
  test("a stranger who tries the desk's name all night does not keep the desk from signing in", async () => {
    await guard();
    const { device } = await signedIn();
    for (let each = 0; each < 30; each += 1) await attempt({ password: "wrong", address: "10.0.0.66" });
    expect(await attempt({ address: "10.0.0.7" })).toMatchObject({ result: "wait" });
    expect((await attempt({ device })).result).toBe("signed-in");
  });

  test("a hundred at once are a hundred: all but the free ones wait", async () => {
    await guard();
    const results = await Promise.all(
      Array.from({ length: 30 }, () => attempt({ password: "wrong one here" })),
    );
    expect(results.filter(({ result }) => result === "refused")).toHaveLength(5);
    expect(results.filter(({ result }) => result === "wait")).toHaveLength(25);
  });

  test("from many addresses at once find the platform busy, and memory and cores bounded", async () => {
    const results = await Promise.all(
      Array.from({ length: 60 }, (_, each) => attempt({ user: `u${each}`, address: `10.0.1.${each}` })),
    );
    expect(results.filter(({ result }) => result === "busy").length).toBeGreaterThan(0);
    expect(results.every(({ result }) => result === "busy" || result === "refused")).toBe(true);
  });

  test("a wrong name and a wrong password are answered alike", async () => {
    await guard();
    expect(await attempt({ user: "nobody" })).toEqual(await attempt({ password: "wrong" }));
  });

  test("confirming with a wrong password is counted too", async () => {
    const id = await guard();
    const wrong = () => refusal(() => accounts.changePassword(id, "wrong", "nine blue pencils", ""));
    for (let each = 0; each < 6; each += 1) expect(await wrong()).toBe("not-allowed");
    expect(await refusal(() => accounts.changePassword(id, PASSWORD, "nine blue pencils", ""))).toBe(
      "not-allowed",
    );
  });
});

describe("an authenticator app", () => {
  /** Sets it up; answers what makes codes, and the recovery codes. */
  async function withApp(id: number) {
    const { uri } = await accounts.beginTotp(id, PASSWORD);
    const letters = new URL(uri).searchParams.get("secret") ?? "";
    const bits = [...letters]
      .map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"))
      .join("");
    const secret = Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
    const code = () => hotp(secret, stepAt(clock));
    expect((await attempt()).result).toBe("signed-in");
    expect(await refusal(() => accounts.confirmTotp(id, "000000", ""))).toBe("bad-request");
    return { code, recovery: accounts.confirmTotp(id, code(), "") };
  }

  test("is asked for once it was confirmed, and each code is good once, also for two at the same time", async () => {
    const { code } = await withApp(await guard());
    expect((await attempt()).result).toBe("code-needed");
    expect((await attempt({ code: code() })).result).toBe("refused");
    clock += 30_000;
    const both = await Promise.all([attempt({ code: code() }), attempt({ code: code() })]);
    expect(both.map(({ result }) => result).toSorted()).toEqual(["refused", "signed-in"]);
  });

  test("that is lost is stood in for by recovery codes, each once", async () => {
    const id = await guard();
    const { recovery } = await withApp(id);
    expect(recovery).toHaveLength(8);
    const [first = ""] = recovery;
    expect((await attempt({ code: first.toUpperCase().replaceAll("-", " ") })).result).toBe("signed-in");
    expect((await attempt({ code: first })).result).toBe("refused");
    expect(accounts.recoveryCodesLeft(id)).toBe(7);
  });

  test("is taken away by its owner with the password, or by an administrator's reset", async () => {
    const id = await guard();
    await withApp(id);
    expect(await refusal(() => accounts.endTotp(id, "wrong", ""))).toBe("not-allowed");
    await accounts.endTotp(id, PASSWORD, "");
    expect((await attempt()).result).toBe("signed-in");
    await withApp(id);
    const password = await accounts.reset(id, { totp: true });
    expect((await attempt({ password })).result).toBe("signed-in");
  });
});

describe("somebody whom a provider vouches for", () => {
  const external = {
    provider: "https://id.example",
    subject: "s1",
    name: "li",
    title: "李",
    grants: [{ role: "county-official", path: "990100/990102" }],
  } as const;
  const from = { address: "10.0.0.1", agent: "" };

  test("gets the grants that the groups stand for at each sign-in, and has no password here", async () => {
    const first = signIn.signInExternal(external, from);
    expect(signIn.ofSession(first?.session ?? "")?.grants).toEqual(external.grants);
    signIn.signInExternal({ ...external, grants: [] }, from);
    expect(signIn.ofSession(first?.session ?? "")?.grants).toEqual([]);
    expect((await attempt({ user: "li", password: "" })).result).toBe("refused");
    expect(await refusal(() => accounts.reset(first?.account.id ?? 0, { totp: false }))).toBe("conflict");
  });

  test("does not become a local account because of its name", async () => {
    await guard();
    expect(signIn.signInExternal({ ...external, name: "guard-1" }, from)).toBeUndefined();
  });
});

test("a token of a machine has its own grants, an end, and can be revoked", () => {
  const grants = [{ role: "county-official", path: "990100" }] as const;
  const { id, token } = accounts.addToken({
    name: "bureau",
    grants,
    createdBy: "chief",
    expiresAt: clock + HOUR_MS,
  });
  expect(signIn.ofToken(token)).toMatchObject({ user: "token:bureau", grants });
  expect(signIn.ofToken(`${token}x`)).toBeUndefined();
  clock += HOUR_MS;
  expect(signIn.ofToken(token)).toBeUndefined();
  clock -= HOUR_MS;
  accounts.revokeToken(id);
  expect(signIn.ofToken(token)).toBeUndefined();
  expect(accounts.tokens()).toMatchObject([{ name: "bureau", createdBy: "chief", revokedAt: clock }]);
});

test("an administrator of one place can give what lies there, and nothing above", () => {
  expect(liesWithin([{ role: "guard", path: "c/a/s" }], ["c/a"])).toBe(true);
  expect(liesWithin([{ role: "guard", path: "c" }], ["c/a"])).toBe(false);
  expect(liesWithin([{ role: "guard", path: "" }], ["c/a"])).toBe(false);
});

test("a file of a newer program is refused, and left as it is", () => {
  const file = join(folder, "newer.sqlite");
  new AccountsStore(file).close();
  const newer = new DatabaseSync(file);
  newer.exec("PRAGMA user_version = 99");
  newer.close();
  const before = readFileSync(file);
  expect(() => new AccountsStore(file)).toThrow(/newer version of campus-ops/);
  expect(readFileSync(file).equals(before)).toBe(true);
});
