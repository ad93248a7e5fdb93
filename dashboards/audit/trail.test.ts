import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { auditKey, csvLines, jsonLines } from "./export.ts";
import { CHAIN_BEGIN, hashOfLink } from "./link.ts";
import { AuditTrail, REFUSALS_A_MINUTE_MAX } from "./trail.ts";
import { isTrail, verifyTrail } from "./verify.ts";

const DAY_MS = 24 * 3_600_000;
const title = { zh: "平台", en: "hub" };
let folder: string;
let trail: AuditTrail;
let clock: number;
const open = (months = 6) => new AuditTrail(join(folder, "audit.sqlite"), () => clock, months);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-"));
  clock = Date.UTC(2026, 0, 1);
  trail = open();
});
afterEach(() => {
  trail.close();
  rmSync(folder, { recursive: true });
});

const everything = { limit: 1_000 } as const;
const actions = (query: object, places: readonly string[] = [""]): readonly string[] =>
  trail.search({ ...everything, ...query }, places).map(({ action }) => action);
function exported(from = 0, to = Number.MAX_SAFE_INTEGER): string {
  const { links, previous } = trail.links(from, to);
  const header = { hub: title, exportedAt: clock, exportedBy: "auditor", from, to, previous };
  return [...jsonLines(header, links, auditKey(join(folder, "audit.key")))].join("");
}
function aDay(): void {
  trail.append(
    { user: "guard-1", action: "alarm.acknowledge", path: "c/a/s1/e", alarm: "a1" },
    { address: "10.0.0.1" },
  );
  clock += 1_000;
  trail.append({ user: "guard-2", action: "alarm.shelve", path: "c/a/s10", comment: "演练 drill" });
  clock += 1_000;
  trail.append({ user: "guard-1", action: "sign-in", result: "refused" });
  clock += 1_000;
  trail.append({ user: "chief", action: "account.add", name: "new" });
}

describe("the audit trail", () => {
  test("is found again by who, what, where, when, with what result, and by words", () => {
    aDay();
    expect(actions({})).toEqual(["account.add", "sign-in", "alarm.shelve", "alarm.acknowledge"]);
    expect(actions({ user: "guard-1" })).toEqual(["sign-in", "alarm.acknowledge"]);
    expect(actions({ action: "alarm" })).toEqual(["alarm.shelve", "alarm.acknowledge"]);
    expect(actions({ action: "alarm.shelve" })).toEqual(["alarm.shelve"]);
    expect(actions({ action: "al" })).toEqual([]);
    expect(actions({ action: "确认报警" })).toEqual(["alarm.acknowledge"]);
    expect(actions({ action: "Shelved" })).toEqual(["alarm.shelve"]);
    expect(actions({ action: "报警" })).toEqual(["alarm.shelve", "alarm.acknowledge"]);
    expect(actions({ path: "c/a/s1" })).toEqual(["alarm.acknowledge"]);
    expect(actions({ result: "refused" })).toEqual(["sign-in"]);
    expect(actions({ from: clock - 1_500, to: clock })).toEqual(["sign-in"]);
    expect(actions({ text: "DRILL" })).toEqual(["alarm.shelve"]);
    expect(actions({ before: 3 })).toEqual(["alarm.shelve", "alarm.acknowledge"]);
    expect(actions({ limit: 1 })).toEqual(["account.add"]);
  });

  test("shows an auditor of one place what happened there alone", () => {
    aDay();
    expect(actions({}, ["c/a/s1"])).toEqual(["alarm.acknowledge"]);
    expect(actions({}, ["c/a/s1", "c/a/s10"])).toEqual(["alarm.shelve", "alarm.acknowledge"]);
    expect(actions({}, [])).toEqual([]);
    expect(actions({ path: "c/a/s10" }, ["c/a/s1"])).toEqual([]);
  });

  test("keeps no secret and nothing without bound", () => {
    trail.append({ user: "a", action: "x", newPassword: "p", nested: { token: "t", comment: "kept" } });
    trail.append({ user: "a", action: "x", comment: "c".repeat(100_000) });
    const [long, secret] = trail.search(everything, [""]);
    expect(secret?.details).toEqual({
      newPassword: "[secret]",
      nested: { token: "[secret]", comment: "kept" },
    });
    expect(JSON.stringify(long).length).toBeLessThan(10_000);
  });

  test("is not filled by a loop of refusals, and says how many it left out", () => {
    for (let each = 0; each < REFUSALS_A_MINUTE_MAX + 30; each += 1)
      trail.append({ user: "x", action: "sign-in", result: "refused" });
    expect(trail.head.n).toBe(REFUSALS_A_MINUTE_MAX);
    clock += 60_000;
    trail.append({ user: "x", action: "sign-in", result: "refused" });
    expect(trail.search({ limit: 1 }, [""])[0]?.details).toEqual({ refusalsLeftOut: 30 });
  });

  test("goes on over a restart, in a file and with a key that only the hub can read", () => {
    aDay();
    const { head } = trail;
    trail.close();
    trail = open();
    expect(trail.head).toEqual(head);
    trail.append({ user: "a", action: "x" });
    expect(verifyTrail(exported()).problems).toEqual([]);
    for (const file of ["audit.sqlite", "audit.key"])
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  test("is kept for six months whatever is configured, and the chain holds where it was cut", () => {
    trail.close();
    trail = open(1);
    aDay();
    clock += 180 * DAY_MS;
    expect(trail.prune()).toBe(0);
    clock += 10 * DAY_MS;
    trail.append({ user: "later", action: "x" });
    expect(trail.prune()).toBe(4);
    expect(actions({})).toEqual(["audit.prune", "x"]);
    expect(trail.begin.n).toBe(4);
    expect(verifyTrail(exported())).toMatchObject({ problems: [], links: 2 });
  });
});

describe("an exported trail", () => {
  test("verifies with nothing but itself, in whole and of a time", () => {
    aDay();
    const file = exported();
    expect(isTrail(file)).toBe(true);
    expect(verifyTrail(file)).toMatchObject({ problems: [], links: 4, header: { exportedBy: "auditor" } });
    expect(verifyTrail(exported(clock - 2_500, clock))).toMatchObject({ problems: [], links: 2 });
    expect(verifyTrail(exported(clock + 1))).toMatchObject({ problems: [], links: 0 });
  });

  test.each([
    ["a letter", (file: string) => file.replace("guard-1", "guard-7")],
    ["an entry taken out", (file: string) => file.split("\n").toSpliced(2, 1).join("\n")],
    ["the last entries cut off", (file: string) => file.split("\n").slice(0, 3).join("\n")],
    [
      "two entries in another order",
      (file: string) => {
        const [header = "", one = "", two = "", ...rest] = file.split("\n");
        return [header, two, one, ...rest].join("\n");
      },
    ],
    ["another exporter", (file: string) => file.replace('"exportedBy":"auditor"', '"exportedBy":"somebody"')],
    ["no lines at all", () => ""],
  ])("does not verify with %s", (_what, change) => {
    aDay();
    expect(verifyTrail(change(exported())).problems).not.toEqual([]);
  });

  test("that was changed in the database does not verify, though the hub signs it", () => {
    aDay();
    const db = new DatabaseSync(join(folder, "audit.sqlite"));
    db.exec("UPDATE entries SET body = replace(body, 'shelve', 'comment') WHERE n = 2");
    db.close();
    expect(verifyTrail(exported()).problems).toEqual(["entry 2: its hash does not hold"]);
  });

  test("as CSV holds no formula, whatever was written in a comment", () => {
    trail.append({ user: "=cmd|' /C calc'!A0", action: "x", comment: 'a "b", c' });
    const [, row = ""] = csvLines(trail.links(0, clock + 1).links);
    expect(row).toContain(",'=cmd|' /C calc'!A0,x,x,done,");
    expect(row).toContain('""comment"":');
  });

  test("follows the recipe of the documentation", () => {
    const body = '{"n":1}';
    expect(hashOfLink(CHAIN_BEGIN, body)).toBe(
      "bad665c38a61c1ef00dd9dc15e77b0099ac6e73233027efbc233ebbc6fd6f4ef",
    );
  });
});
