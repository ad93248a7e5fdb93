import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { openPostgres, type Postgres } from "./postgres.ts";
import { SharedFiles } from "./shared-files.ts";
import { shareFiles } from "./sharing.ts";
import { PASSWORD, PostgresServer } from "./testing/postgres-server.ts";

const TOKEN = "what-workers-show-each-other-0123456789";
const SECRET = "the password of the mail server";

let server: PostgresServer;
let postgres: Postgres;
let folder: string;
beforeAll(async () => {
  server = await PostgresServer.start();
  postgres = openPostgres({ url: server.url, password: PASSWORD, lease_ms: 10_000 }, () => undefined);
});
afterAll(async () => {
  await postgres.end();
  await server.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "shared-files-"));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await postgres.query("TRUNCATE campus_ops.shared_files, campus_ops.shared_revision");
});

const open = (worker: string, token: string | undefined = TOKEN): Promise<SharedFiles> =>
  SharedFiles.open({ postgres, data: join(folder, worker), token });
function write(worker: string, path: string, text: string): void {
  const file = join(folder, worker, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
}
const read = (worker: string, path: string): string => readFileSync(join(folder, worker, path), "utf8");

test("what is written at one worker is at the others, also at one that begins with nothing", async () => {
  const first = await open("first");
  const second = await open("second");
  write("first", "settings/notify.yaml", "value: {}");
  write("first", "rule-packs/school.yaml", "pack: school");
  expect(await second.isBehind()).toBe(false);
  await first.publish();
  expect(await second.isBehind()).toBe(true);
  expect((await second.pull()).toSorted()).toEqual(["rule-packs/school.yaml", "settings/notify.yaml"]);
  expect(await second.isBehind()).toBe(false);
  expect(read("second", "settings/notify.yaml")).toBe("value: {}");
  await open("third");
  expect(read("third", "rule-packs/school.yaml")).toBe("pack: school");
});

test("the first worker of all brings what it has; what a later one alone has is put aside", async () => {
  write("first", "rule-packs/school.yaml", "pack: school");
  await open("first");
  write("second", "rule-packs/forgotten.yaml", "pack: forgotten");
  await open("second");
  expect(read("second", "rule-packs/school.yaml")).toBe("pack: school");
  expect(existsSync(join(folder, "second/rule-packs/forgotten.yaml"))).toBe(false);
  expect(read("second", "not-shared/rule-packs/forgotten.yaml")).toBe("pack: forgotten");
});

test("of two that write at the same time one is told that it has to look again", async () => {
  const first = await open("first");
  const second = await open("second");
  write("first", "settings/notify.yaml", "of the first");
  write("second", "settings/notify.yaml", "of the second");
  await first.publish();
  await expect(second.publish()).rejects.toMatchObject({ status: 409 });
  expect(read("second", "settings/notify.yaml")).toBe("of the first");
});

test("of two that write different files both are kept, and nothing that is being written is taken back", async () => {
  const first = await open("first");
  const second = await open("second");
  write("first", "settings/notify.yaml", "of the first");
  await first.publish();
  write("second", "rule-packs/school.yaml", "of the second");
  await second.pull();
  await second.publish();
  await second.publish();
  expect(await second.isBehind()).toBe(false);
  expect(await first.pull()).toEqual(["rule-packs/school.yaml"]);
  expect(read("second", "settings/notify.yaml")).toBe("of the first");
  rmSync(join(folder, "first/settings/notify.yaml"));
  await first.publish();
  expect(await second.pull()).toEqual(["settings/notify.yaml"]);
});

test("secrets are sealed in PostgreSQL and files of their user alone, and another token opens none of them", async () => {
  const first = await open("first");
  write("first", "settings/files/mail-1a2b", SECRET);
  await first.publish();
  const { rows } = await postgres.query<{ content: Buffer }>("SELECT content FROM campus_ops.shared_files");
  expect(rows).toHaveLength(1);
  expect(rows[0]?.content.includes(SECRET)).toBe(false);
  await open("second");
  expect(statSync(join(folder, "second/settings/files/mail-1a2b")).mode & 0o777).toBe(0o600);
  await expect(open("third", `${TOKEN}-of-another`)).rejects.toThrow("sealed with another token");
  expect(existsSync(join(folder, "third/settings"))).toBe(false);
});

test("a path that leads out of the folders is refused", async () => {
  await open("first", undefined);
  await postgres.query("INSERT INTO campus_ops.shared_files VALUES ('settings/../../evil', $1)", [
    Buffer.from("\0x"),
  ]);
  await expect(open("second", undefined)).rejects.toThrow("is in none of settings, rule-packs");
});

test("a secret that was replaced is kept nowhere", async () => {
  const first = await open("first");
  write("first", "settings/files/mail-1a2b", SECRET);
  await first.publish();
  const second = await open("second");
  rmSync(join(folder, "first/settings/files/mail-1a2b"));
  await first.publish();
  await second.pull();
  expect(existsSync(join(folder, "second/settings/files/mail-1a2b"))).toBe(false);
  expect(existsSync(join(folder, "second/not-shared"))).toBe(false);
});

test("a worker that is about to take a campus on has what was written at another one, however seldom it looks by itself", async () => {
  const place = { url: server.url, password: PASSWORD, lease_ms: 3_600_000, token: TOKEN };
  let again = 0;
  const share = (worker: string) =>
    shareFiles({
      place,
      data: join(folder, worker),
      startAgain: () => {
        again += 1;
      },
      random: () => 0,
      log: createLog("test", "silent"),
    });
  const [first, second] = [await share("first"), await share("second")];
  write("first", "rule-packs/school.yaml", "pack: school");
  await first.files.publish();
  expect(existsSync(join(folder, "second/rule-packs/school.yaml"))).toBe(false);
  await second.refresh();
  expect(read("second", "rule-packs/school.yaml")).toBe("pack: school");
  expect(again).toBe(0);
  await Promise.all([first.stop(), second.stop()]);
});
