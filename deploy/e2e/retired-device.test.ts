/**
 * A device is taken out of a box's configuration, while the box runs and while it is switched off, and put back: agent,
 * broker and ingest as whole processes. What the rules make of it is tested beside them.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { type SimulatedDevice, startSimulator } from "@campus-ops/device-profiles/simulator";
import type { CampusRollup, DeviceView } from "@campus-ops/ingest/api";
import { socketPath } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CAMPUS, MinimalHub, places } from "../bench/minimal-hub.ts";
import { eventually } from "../testing/awaiting.ts";

const AGENT = resolve(import.meta.dirname, "../../edge-agent/main.ts");
const PROFILE = "access-gate/generic-modbus-controller";
const TITLE = { zh: "闸机", en: "gate" };
const BUCKET_MS = 300_000;

let folder: string;
let hub: MinimalHub;
let ingest: SocketClient;
let agent: ChildProcess;
const gates = new Map<string, SimulatedDevice>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "retired-"));
  hub = await MinimalHub.start(folder, "0");
  ingest = socketClient(socketPath(join(folder, "run"), "ingest"));
  mkdirSync(join(folder, "box/run"), { recursive: true });
  cpSync(join(folder, "password"), join(folder, "box/password"));
  const profile = findProfile(PROFILE);
  if (profile === undefined) throw new Error(`there is no ${PROFILE}`);
  for (const id of ["east", "west"]) gates.set(id, await startSimulator(profile));
});
afterAll(async () => {
  await stopAgent();
  for (const gate of gates.values()) await gate.close();
  await ingest.close();
  await hub.stop();
  rmSync(folder, { recursive: true });
});

/** As an editor saves: aside, and then renamed. */
function configure(...ids: readonly string[]): void {
  const document = {
    campus: { id: CAMPUS, path: `990100/990102/${CAMPUS}` },
    node: { id: "box-1", title: TITLE },
    broker: { url: hub.url, username: "box-1", passwordFile: "password" },
    primaryHost: "hub",
    devices: ids.map((id) => ({
      id,
      profile: PROFILE,
      title: TITLE,
      at: `a/1/${id}`,
      url: gates.get(id)?.url,
      poll: "1s",
    })),
  };
  const file = join(folder, "box/edge.yaml");
  writeFileSync(`${file}.new`, JSON.stringify(document));
  renameSync(`${file}.new`, file);
}

async function startAgent(): Promise<void> {
  const box = join(folder, "box");
  const environment = { ...places(box), CAMPUS_OPS_CONFIG: join(box, "edge.yaml") };
  agent = spawn(process.execPath, [AGENT], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (agent.stdout === null) throw new Error("the agent has no output");
  for await (const line of createInterface({ input: agent.stdout })) if (line.includes('"ready":true')) break;
  agent.stdout.resume();
}

async function stopAgent(): Promise<void> {
  if (agent.exitCode !== null) return;
  const ended = once(agent, "exit");
  agent.kill("SIGTERM");
  await ended;
}

const get = async <T>(path: string): Promise<T> => (await (await ingest.fetch(path)).json()) as T;

/** Until the gates are as expected, in order of their names; answers with what the campus's figures say then. */
async function figuresOnce(...expected: readonly string[]) {
  await eventually(expected.join(" and "), async () => {
    const devices = await get<readonly DeviceView[]>("/devices?metrics=none");
    const found = devices
      .filter(({ campus }) => campus === CAMPUS)
      .map((each) => `${each.device} ${each.health}`);
    return expected.join() === found.sort().join() || undefined;
  });
  const now = Date.now();
  const rollups = await get<readonly CampusRollup[]>(`/rollups?from=${now - BUCKET_MS}&to=${now}`);
  const counts = rollups.find(({ campus }) => campus === CAMPUS)?.counts;
  return [counts?.["devices.registered"], counts?.["devices.working"], counts?.["devices.unreachable"]];
}

test("a device that leaves its box's configuration is retired and counted no more, and is itself when it returns", async () => {
  configure("east", "west");
  await startAgent();
  expect(await figuresOnce("east working", "west working")).toEqual([2, 2, 0]);
  configure("east");
  expect(await figuresOnce("east working", "west retired")).toEqual([1, 1, 0]);
  configure("east", "west");
  expect(await figuresOnce("east working", "west working")).toEqual([2, 2, 0]);

  await stopAgent();
  await figuresOnce("east stale", "west stale");
  configure("west");
  await startAgent();
  expect(await figuresOnce("east retired", "west working")).toEqual([1, 1, 0]);
});
