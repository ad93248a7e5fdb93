/** The backups' process over its own socket: with a place and without one, and how a place is set. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createMetrics,
  readSettings,
  type SettingAnswer,
  SettingsDesk,
  type SettingView,
} from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readBackupPlan } from "./configuration.ts";
import { type BackupsSource, serveBackups } from "./private-api.ts";

const RECIPIENT = `age1${"q".repeat(58)}`;

let folder: string;
let data: string;
let config: string;
let restarts: number;
let client: SocketClient;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "backups-"));
  data = join(folder, "data");
  config = join(folder, "hub.yaml");
  mkdirSync(data);
  writeFileSync(config, "site: {}\n");
  restarts = 0;
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  rmSync(folder, { recursive: true });
});

async function serve(making: BackupsSource["making"]): Promise<void> {
  const socket = join(folder, "backup.sock");
  const settings = new SettingsDesk({
    data,
    config,
    names: ["backup"],
    check: (candidates) => readBackupPlan(config, candidates),
    now: () => 1_000,
  });
  const server = await serveBackups(socket, {
    state: () => ({ configured: making !== undefined, running: false }),
    registry: createMetrics("backup"),
    settings,
    restart: () => {
      restarts += 1;
    },
    making,
  });
  client = socketClient(socket);
  closing.push(
    () => server.close(),
    () => client.close(),
  );
}

const post = (path: string) => client.fetch(path, { method: "POST" });
const put = async (value: unknown, files: Readonly<Record<string, string>> = {}): Promise<SettingAnswer> => {
  const { version } = (await (await client.fetch("/settings/backup")).json()) as SettingView;
  const body = JSON.stringify({ value, files, version, by: "wang" });
  const headers = { "content-type": "application/json" };
  return (await (
    await client.fetch("/settings/backup", { method: "PUT", headers, body })
  ).json()) as SettingAnswer;
};

test("while no place is set it says so, makes none, and lists none", async () => {
  await serve(undefined);
  expect(await (await client.fetch("/healthz")).json()).toEqual({ configured: false, running: false });
  expect(await (await post("/list")).json()).toEqual({ places: [] });
  for (const path of ["/run", "/begin"]) {
    const answer = await post(path);
    expect([answer.status, await answer.text()]).toEqual([
      409,
      expect.stringContaining("no place for backups"),
    ]);
  }
});

test("a place is set from the console: its key is a file of its own, and the process begins again with it", async () => {
  await serve(undefined);
  const sftp = {
    sftp: "sftp://hub@nas/backups",
    keyFile: "settings:sftp-key",
    knownHostsFile: "settings:sftp-hosts",
  };
  const files = { "settings:sftp-key": "PRIVATE", "settings:sftp-hosts": "nas ssh-ed25519 AAAA" };
  const told = await put({ to: [{ folder: "/mnt/nas" }, sftp], recipients: [RECIPIENT] }, files);
  expect(told).toMatchObject({ saved: true, problems: [], setting: { source: "console", by: "wang" } });
  expect(restarts).toBe(1);
  const plan = readBackupPlan(config, readSettings(data));
  expect(plan?.places.map(({ name }) => name)).toEqual(["/mnt/nas", "sftp://hub@nas/backups"]);
  expect(plan).toMatchObject({ at: "02:30", keep: { last: 14, months: 12 }, recipients: [RECIPIENT] });
  const setting = readFileSync(join(data, "settings", "backup.yaml"), "utf8");
  expect(setting).not.toContain("PRIVATE");
});

test("one that cannot be is told by its field, and nothing is written", async () => {
  await serve(undefined);
  const { problems, saved } = await put({ to: [{ folder: "/mnt/nas" }], recipients: ["age1short"] });
  expect([saved, problems[0]?.field, restarts]).toEqual([false, "recipients.0", 0]);
  expect(readBackupPlan(config, readSettings(data))).toBeUndefined();
});

test("with a place, what went wrong reaches who asked, and what lies there is listed", async () => {
  await serve({
    run: () => Promise.reject(new Error("the disk is full")),
    places: async () => ({ places: [{ name: "/mnt/nas", backups: [] }] }),
  });
  const failed = await post("/run");
  expect([failed.status, await failed.text()]).toEqual([500, expect.stringContaining("the disk is full")]);
  expect(await (await post("/list")).json()).toEqual({ places: [{ name: "/mnt/nas", backups: [] }] });
});
