/**
 * The hub's machine is lost. A backup, a new machine, and one command: the hub goes on where the backup was, and its edge
 * brings what came after it. Alarms are who they were, and everything counts once.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { type SimulatedDevice, startSimulator } from "@campus-ops/device-profiles/simulator";
import type { EventView } from "@campus-ops/ingest/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiClient } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { freePort, HubProcess } from "../testing/hub-process.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const CAMPUS = "qiyun-no1";
const NODE = "box-1";
const DEVICE = `${CAMPUS}/${NODE}/gate-1`;
const TITLE = { zh: "学校", en: "School" };

const DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><path d="M0 0h4v3H0z"/></svg>';

let folder: string;
let gate: SimulatedDevice;
let edge: ChildProcess;
let hub: HubProcess;
let port: number;

const path = (...parts: readonly string[]): string => join(folder, ...parts);

/** JSON is YAML. */
function write(file: string, document: object): void {
  writeFileSync(path(file), JSON.stringify(document), { mode: 0o600 });
}

function command(data: string, ...args: readonly string[]): string {
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [join(ROOT, "deploy/cli/main.ts"), ...args],
    {
      encoding: "utf8",
      env: { ...process.env, CAMPUS_OPS_DATA: data },
    },
  );
  expect(status, `${stdout}${stderr}`).toBe(0);
  return stdout;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-restore-"));
  port = await freePort();
  const profile = findProfile("access-gate/generic-modbus-controller");
  if (profile === undefined) throw new Error("no gate profile");
  gate = await startSimulator(profile);
  for (const each of ["etc", "box"]) mkdirSync(path(each));
  const said = command(path("none"), "backup", "key", path("identity"));
  const recipient = /age1\w+/.exec(said)?.[0] ?? "";
  for (const each of ["etc/password", "box/password"])
    writeFileSync(path(each), "not-a-secret-of-anybody\n", { mode: 0o600 });
  const county = { code: "990102", title: TITLE, campuses: [{ id: CAMPUS, title: TITLE }] };
  write("etc/hub.yaml", {
    site: { city: { code: "990100", title: TITLE }, counties: [county] },
    broker: {
      listen: [{ host: "127.0.0.1", port }],
      users: [
        { name: "ingest", passwordFile: "password", role: "host", hostId: "hub" },
        { name: NODE, passwordFile: "password", role: "edge", campus: CAMPUS, node: NODE },
      ],
    },
    ingest: { broker: { url: `mqtt://127.0.0.1:${port}`, username: "ingest", passwordFile: "password" } },
    notify: {
      desks: { "duty-room": { title: TITLE, channels: [] } },
      escalation: { 1: [{ desks: ["duty-room"] }] },
    },
    backup: { to: [{ folder: path("vault") }], recipients: [recipient] },
  });
  write("box/edge.yaml", {
    campus: { id: CAMPUS, path: `990100/990102/${CAMPUS}` },
    node: { id: NODE, title: TITLE },
    broker: { url: `mqtt://127.0.0.1:${port}`, username: NODE, passwordFile: "password" },
    primaryHost: "hub",
    devices: [
      {
        ...{ id: "gate-1", profile: profile.id, title: TITLE, at: "a/1/south", url: gate.url },
        poll: "100ms",
      },
    ],
  });
  edge = spawn(process.execPath, [join(ROOT, "edge-agent/main.ts")], {
    env: { ...process.env, CAMPUS_OPS_CONFIG: path("box/edge.yaml"), CAMPUS_OPS_DATA: path("box/data") },
    stdio: "ignore",
  });
  hub = await HubProcess.start({ config: path("etc/hub.yaml"), data: path("hub") });
  await hub.ready();
});

afterAll(async () => {
  await hub.stop();
  edge.kill();
  await once(edge, "exit");
  await gate.close();
  rmSync(folder, { recursive: true });
});

interface Webhook {
  readonly name: string;
  readonly path: string;
  readonly url: string;
}

/** What people have made at the console, as it shows it; a plan's picture is what was drawn. */
async function keptAtTheConsole(): Promise<object> {
  const api = new ApiClient(hub.url);
  const [plan] = await api.get<readonly { id: number; pins: unknown }[]>("/api/v1/plans");
  return {
    accounts: command(hub.data, "accounts", "list"),
    desks: await api.get("/api/v1/desks"),
    note: await api.get(`/api/v1/device-notes/${DEVICE}`),
    picture: await api.text(`/api/v1/plans/${plan?.id}/picture`),
    pins: plan?.pins,
    settings: (await api.get<{ value: unknown }>("/api/v1/settings/retention")).value,
    webhooks: (await api.get<readonly Webhook[]>("/api/v1/webhooks")).map(({ name, path, url }) => ({
      ...{ name, path, url },
    })),
  };
}

async function put(way: string, body: object): Promise<void> {
  const response = await fetch(`${hub.url}/api/v1${way}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status, await response.text()).toBeLessThan(300);
}

async function makeAtTheConsole(): Promise<void> {
  const api = new ApiClient(hub.url);
  command(
    hub.data,
    "accounts",
    "add",
    "gate",
    "--generate",
    "--role",
    "guard",
    "--at",
    `990100/990102/${CAMPUS}`,
  );
  const place = new URLSearchParams({ path: `990100/990102/${CAMPUS}`, title: "South gate" });
  const drawn = await fetch(`${hub.url}/api/v1/plans?${place}`, {
    method: "POST",
    headers: { "content-type": "image/svg+xml" },
    body: DRAWING,
  });
  const { id } = (await drawn.json()) as { readonly id: number };
  await put(`/plans/${id}/pins`, { version: 1, pins: [{ device: DEVICE, x: 0.25, y: 0.75 }] });
  await put(`/device-notes/${DEVICE}`, { supplier: "the maker", spare: "A-1, in the lodge" });
  const { value, version } = await api.get<{ value: object; version: string }>("/api/v1/settings/retention");
  await put("/settings/retention", { value: { ...value, journalDays: 45 }, version });
  await api.post("/api/v1/webhooks", { name: "desk", url: "https://127.0.0.1:1/told", path: "" });
}

function swipe(from: number, to: number): void {
  for (let serial = from; serial <= to; serial += 1) {
    const credential = `A0${String(serial).padStart(4, "0")}`;
    gate.raise("Access/Swipe", { serial, credential, result: "granted", reason: "none", direction: "in" });
  }
}

/** The serial numbers of all swipes that the hub has, as often as it has them. */
async function swipes(): Promise<readonly number[]> {
  const response = await hub
    .private_("ingest")
    .fetch(`/events?from=0&to=${Date.now() + 60_000}&event=Access/Swipe&limit=1000`);
  const events = (await response.json()) as EventView[];
  return events.map(({ fields }) => Number(fields.serial)).sort((a, b) => a - b);
}

const counted = (to: number): readonly number[] => Array.from({ length: to }, (_, index) => index + 1);

const has = (count: number) =>
  eventually(`${count} swipes at the hub`, async () => ((await swipes()).length >= count ? true : undefined));

const alarmOfTheGate = () =>
  eventually("an alarm of the gate", async () =>
    (await new ApiClient(hub.url).alarms()).find(({ device }) => device.key === DEVICE),
  );

test("a hub whose machine is lost is put back on another one, and its edge brings what came after the backup", async () => {
  swipe(1, 10);
  await has(10);
  gate.set("Door/Tamper", true);
  const raised = await alarmOfTheGate();
  await new ApiClient(hub.url).post(`/api/v1/alarms/${raised.id}/acknowledge`, {});

  await makeAtTheConsole();
  // A part whose setting was changed begins again.
  const kept = await eventually("all parts of the hub answer", keptAtTheConsole);

  const said = command(hub.data, "backup", "--config", path("etc/hub.yaml"));
  const name = /^(\S+): \d+ bytes, restored and proven/m.exec(said)?.[1] ?? "";
  swipe(11, 20);
  await has(20);

  await hub.crash();
  // Its parts find out that they are alone a moment later, and write until then.
  renameSync(path("hub"), path("lost"));
  rmSync(path("etc"), { recursive: true });
  const restored = command(
    path("new-hub"),
    ...["restore", path("vault", name), "--identity", path("identity"), "--configuration", path("new-etc")],
  );
  expect(restored).toContain(`up --config ${path("new-etc/hub.yaml")}`);
  expect(readFileSync(path("new-etc/password"), "utf8")).toBe("not-a-secret-of-anybody\n");

  hub = await HubProcess.start({ config: path("new-etc/hub.yaml"), data: path("new-hub") });
  await hub.ready();
  // The console is there before the parts that it asks.
  expect(await eventually("all parts of the new hub answer", keptAtTheConsole)).toEqual(kept);
  swipe(21, 25);
  await has(25);
  expect(await swipes()).toEqual(counted(25));
  expect(await alarmOfTheGate()).toMatchObject({
    id: raised.id,
    occurrence: 1,
    acknowledged: { by: "local" },
  });
});
