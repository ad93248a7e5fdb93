import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AccountsOptions, runAccounts } from "./accounts.ts";
import { readPassword } from "./password-prompt.ts";
import { verdictOn } from "./verify-bundle.ts";

const NONE: AccountsOptions = { role: [], at: [], administrator: false, generate: false, totp: false };
let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "accounts-cli-"));
});
afterEach(() => rmSync(data, { recursive: true }));

const accounts = (words: string, options: Partial<AccountsOptions> = {}, password = "nine blue pencils") =>
  runAccounts(
    data,
    words.split(" "),
    { ...NONE, ...options },
    { language: "en", readPassword: async () => password },
  );
const audited = (): readonly string[] => {
  const db = new DatabaseSync(join(data, "audit.sqlite"));
  const rows = db.prepare("SELECT action FROM entries ORDER BY n").all();
  db.close();
  return rows.map(({ action }) => String(action));
};

describe("campus-ops accounts", () => {
  test("makes the first administrator, lists, resets, disables, and each is written down", async () => {
    await accounts("add chief", { administrator: true, title: "管理员" });
    await accounts("add second", { administrator: true });
    expect(await accounts("list")).toEqual([
      "chief  管理员  administrator @ *",
      "second  second  administrator @ *",
    ]);
    const [, made] = await accounts("reset chief", { generate: true });
    expect(made).toMatch(/first password .*: [a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
    await accounts("disable second");
    expect((await accounts("list"))[1]).toContain("disabled");
    expect(audited()).toEqual(["account.add", "account.add", "account.reset", "account.change"]);
  });

  test("gives roles at places, and says what is wrong with them", async () => {
    await accounts("add gate", { role: ["guard"], at: ["990100/990102/first"] });
    expect(await accounts("list")).toEqual(["gate  gate  guard @ 990100/990102/first"]);
    await expect(accounts("add x1", { role: ["guard"] })).rejects.toThrow("each --role needs its --at");
    await expect(accounts("add x1", { role: ["king"], at: [""] })).rejects.toThrow("there is no role king");
    await expect(accounts("add x1")).rejects.toThrow("--administrator");
    await expect(accounts("add x1", { administrator: true }, "password1234")).rejects.toThrow(
      "first that are tried",
    );
    await expect(accounts("reset nobody")).rejects.toThrow("there is no account nobody");
  });

  test("writes a token into a file of the owner's, and never over one that is there", async () => {
    const file = join(data, "token");
    const options = { role: ["administrator"], at: [""], file };
    await accounts("token flows", options);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toMatch(/^[\w-]{43}\n$/);
    await expect(accounts("token other", options)).rejects.toThrow("EEXIST");
  });
});

describe("a password", () => {
  const asked = async (lines: string, isTTY: boolean) => {
    const input = Object.assign(new PassThrough(), { isTTY });
    input.end(lines);
    let seen = "";
    const password = await readPassword(input, { write: (text) => (seen += text) }, "en");
    return { password, seen };
  };

  test("comes from a pipe as one line, and from a person twice, unseen", async () => {
    expect(await asked("orange tram\nrest", false)).toEqual({ password: "orange tram", seen: "" });
    const { password, seen } = await asked("orange tram\norange tram\n", true);
    expect(password).toBe("orange tram");
    expect(seen).not.toContain("orange");
  });

  test("that is not there, or not the same twice, is refused", async () => {
    await expect(asked("", false)).rejects.toThrow("there is no password");
    await expect(asked("orange tram\norange trams\n", true)).rejects.toThrow("not the same");
  });
});

test("an exported trail that was changed is not genuine to campus-ops verify", () => {
  const file = join(data, "audit.jsonl");
  writeFileSync(file, '{"format":"campus-ops audit trail 1","previous":""}\n{"links":0,"hash":""}\n');
  expect(verdictOn(file, "en")).toMatchObject({ genuine: false });
});
