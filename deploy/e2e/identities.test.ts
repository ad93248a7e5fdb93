/**
 * Boxes and hubs that are not who they were, as processes: an edge box put back from an old image, a box that was
 * copied, a hub put back from a backup. What a gate counted is in the journal, and the operator is told.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { JournalDecoder, openJournalReader } from "@campus-ops/broker/journal";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { type SimulatedDevice, startSimulator } from "@campus-ops/device-profiles/simulator";
import type { NodeView } from "@campus-ops/ingest/api";
import { socketPath } from "@campus-ops/service";
import { socketClient } from "@campus-ops/service/socket-client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LineSplitter } from "../cli/supervisor/lines.ts";
import { eventually, Happenings } from "../testing/awaiting.ts";
import { freePort } from "../testing/hub-process.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const CAMPUS = "qiyun-no1";
const NODE = "box-1";
const GATE = "access-gate/generic-modbus-controller";
const TIMEOUT_MS = 120_000;

interface LogLine {
  readonly msg?: string;
  readonly ready?: boolean;
}

/** One process of the platform. */
class Process {
  readonly log = new Happenings<LogLine>();
  readonly #child: ChildProcess;

  private constructor(main: string, environment: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [join(ROOT, main)], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = new LineSplitter((line) => this.log.add(JSON.parse(line) as LogLine));
    this.#child.stdout?.on("data", (chunk: Buffer) => lines.push(chunk));
  }

  static async start(main: string, environment: Readonly<Record<string, string>>): Promise<Process> {
    const started = new Process(main, environment);
    await started.log.until(`${main} is ready`, ({ ready }) => ready === true);
    return started;
  }

  says(text: string): Promise<LogLine> {
    return this.log.until(text, ({ msg }) => msg?.includes(text) === true);
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill(signal);
    await ended;
  }
}

let folder: string;
let port: number;
let running: Process[];
let gates: SimulatedDevice[];
let ingest: Process;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-identities-"));
  port = await freePort();
  [running, gates] = [[], []];
  const title = { zh: "学校", en: "School" };
  const hub = {
    site: {
      city: { code: "990100", title },
      counties: [{ code: "990102", title, campuses: [{ id: CAMPUS, title }] }],
    },
    broker: {
      listen: [{ host: "127.0.0.1", port }],
      users: [
        { name: "ingest", passwordFile: "password", role: "host", hostId: "hub" },
        { name: NODE, passwordFile: "password", role: "edge", campus: CAMPUS, node: NODE },
      ],
    },
    ingest: {
      broker: { url: `mqtt://127.0.0.1:${port}`, username: "ingest", passwordFile: "password" },
    },
  };
  // JSON is YAML.
  writeFileSync(join(folder, "hub.yaml"), JSON.stringify(hub));
  writeFileSync(join(folder, "password"), "not-a-secret\n", { mode: 0o600 });
  await start("broker/main.ts", "hub");
  ingest = await start("ingest/main.ts", "hub");
});

afterEach(async () => {
  for (const each of running.reverse()) await each.stop();
  await Promise.all(gates.map((gate) => gate.close()));
  rmSync(folder, { recursive: true });
});

async function start(main: string, name: string, data = name): Promise<Process> {
  const started = await Process.start(main, {
    CAMPUS_OPS_CONFIG: join(folder, `${name}.yaml`),
    CAMPUS_OPS_DATA: join(folder, data),
    CAMPUS_OPS_RUN: join(folder, `${data}-run`),
  });
  running.push(started);
  return started;
}

async function gate(): Promise<SimulatedDevice> {
  const profile = findProfile(GATE);
  if (profile === undefined) throw new Error("no gate profile");
  const started = await startSimulator(profile);
  gates.push(started);
  return started;
}

/** An edge box of the one identity there is, in a data folder of its own. */
function box(data: string, { url }: SimulatedDevice, keepHours = 36): Promise<Process> {
  const title = { zh: "闸机", en: "Gate" };
  const document = {
    campus: { id: CAMPUS, path: `990100/990102/${CAMPUS}` },
    node: { id: NODE, title },
    broker: { url: `mqtt://127.0.0.1:${port}`, username: NODE, passwordFile: "password" },
    primaryHost: "hub",
    outbox: { keepHours },
    devices: [{ id: "gate-1", profile: GATE, title, at: "a/1/south", url, poll: "100ms" }],
  };
  writeFileSync(join(folder, `${data}.yaml`), JSON.stringify(document));
  return start("edge-agent/main.ts", data);
}

function swipe(device: SimulatedDevice, from: number, to: number): void {
  for (let serial = from; serial <= to; serial += 1) {
    const credential = `A0${String(serial).padStart(4, "0")}`;
    device.raise("Access/Swipe", { serial, credential, result: "granted", reason: "none", direction: "in" });
  }
}

/** The serial numbers of all swipes in the journal, each once; or their credentials, which two gates do not share. */
async function swipes(field = "serial"): Promise<readonly unknown[]> {
  const reader = openJournalReader(join(folder, "hub/journal"), {});
  try {
    const decoder = new JournalDecoder();
    const found = new Set<unknown>();
    for (let seq = 0; ; ) {
      const entries = await reader.read(seq, 1_000);
      for (const entry of entries) {
        for (const { event, fields } of decoder.decode(entry).events)
          if (event === "Access/Swipe") found.add(fields[field]);
      }
      const newest = entries.at(-1);
      if (newest === undefined) return [...found].sort((a, b) => Number(a) - Number(b));
      seq = newest.seq;
    }
  } finally {
    reader.close();
  }
}

const holds = (count: number) =>
  eventually(`${count} swipes in the journal`, async () =>
    (await swipes()).length >= count ? true : undefined,
  );

const counted = (to: number) => Array.from({ length: to }, (_, index) => index + 1);

async function view(): Promise<NodeView | undefined> {
  const client = socketClient(socketPath(join(folder, "hub-run"), "ingest"));
  try {
    const nodes = (await (await client.fetch("/nodes")).json()) as NodeView[];
    return nodes.find(({ node }) => node === NODE);
  } finally {
    await client.close();
  }
}

test("an edge box that is put back from an old image loses nothing that its gate still knows, and says so", {
  timeout: TIMEOUT_MS,
}, async () => {
  const south = await gate();
  let edge = await box("edge", south);
  swipe(south, 1, 20);
  await holds(20);
  await edge.stop();
  cpSync(join(folder, "edge"), join(folder, "image"), { recursive: true });

  edge = await box("edge", south);
  swipe(south, 21, 40);
  await holds(40);
  await edge.stop("SIGKILL");
  rmSync(join(folder, "edge"), { recursive: true });
  cpSync(join(folder, "image"), join(folder, "edge"), { recursive: true });

  swipe(south, 41, 50);
  edge = await box("edge", south);
  await edge.says("restored from an old image");
  await ingest.says("older than what the hub holds");
  await holds(50);
  expect(await swipes()).toEqual(counted(50));
  expect((await view())?.twin).toBeUndefined();
});

test("two boxes with one identity are told apart, both are told, and neither fights", {
  timeout: TIMEOUT_MS,
}, async () => {
  const [south, north] = [await gate(), await gate()];
  const first = await box("edge", south);
  swipe(south, 1, 10);
  await holds(10);
  await first.stop();
  cpSync(join(folder, "edge"), join(folder, "copy"), { recursive: true });

  const [original, copy] = [await box("edge", south), await box("copy", north)];
  swipe(north, 1_001, 1_010);
  swipe(south, 11, 20);
  const told = await Promise.race(
    [original, copy].map((each) => each.says("another box bears the identity")),
  );
  expect(told.msg).toContain("Switch one off");
  await ingest.says("two edge boxes bear one identity");
  const node = await eventually("the view says so", async () => {
    const seen = await view();
    return seen?.twin === undefined ? undefined : seen;
  });
  expect(node.twin?.epochs).toHaveLength(2);
  // One of them stays away now; when it is switched off, as it was told, the other one goes on alone.
  await original.stop();
  await copy.stop();
  const handedOver = (credentials: number) =>
    eventually(`${credentials} credentials in the journal`, async () =>
      (await swipes("credential")).length >= credentials ? true : undefined,
    );
  const last = await box("copy", north);
  await handedOver(20);
  await last.stop();
  await box("edge", south);
  await handedOver(30);
  expect(await swipes("credential")).toHaveLength(30);
});

/** A hub that confirmed forty swipes, and is what it was when there were twenty. */
const hubPutBack = async (keepHours: number): Promise<void> => {
  const south = await gate();
  await box("edge", south, keepHours);
  swipe(south, 1, 20);
  await holds(20);
  await ingest.stop();
  cpSync(join(folder, "hub"), join(folder, "backup"), { recursive: true });
  ingest = await start("ingest/main.ts", "hub");
  swipe(south, 21, 40);
  await holds(40);
  expect((await view())?.samples.lost).toBe(0);
  await ingest.stop();
  rmSync(join(folder, "hub"), { recursive: true });
  mkdirSync(join(folder, "hub"), { mode: 0o700 });
  cpSync(join(folder, "backup"), join(folder, "hub"), { recursive: true });
  ingest = await start("ingest/main.ts", "hub");
  swipe(south, 41, 50);
};

test("a hub that is put back from a backup gets again what its edge kept for it, and nothing is lost or doubled", {
  timeout: TIMEOUT_MS,
}, async () => {
  await hubPutBack(36);
  await holds(50);
  expect(await swipes()).toEqual(counted(50));
  const { samples } = await eventually("nothing is missing", async () => {
    const node = await view();
    return node !== undefined && node.samples.received >= node.samples.expected ? node : undefined;
  });
  expect(samples.lost).toBe(0);
});

test("where the edge keeps nothing, such a hub books what is gone as lost, and waits for nothing", {
  timeout: TIMEOUT_MS,
}, async () => {
  await hubPutBack(0);
  await holds(30);
  expect(await swipes()).toEqual([...counted(20), ...counted(50).slice(40)]);
  const { samples } = await eventually("the gap is booked", async () => {
    const node = await view();
    return node !== undefined && node.samples.lost >= 20 ? node : undefined;
  });
  expect(samples.expected - samples.received).toBeGreaterThanOrEqual(samples.lost);
});
