/**
 * From nothing to a box's first reading, by the commands an operator and an installer use: init, up, enrol token, an edge
 * agent with a seed file. The agent is killed after the hub has spent its token and before it has heard so.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { RollOut } from "@campus-ops/dashboards/updates";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { type SimulatedDevice, startSimulator } from "@campus-ops/device-profiles/simulator";
import type { DeviceView, NodeView } from "@campus-ops/ingest/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MESSAGES } from "../image/box/core/contract.ts";
import { eventually, Happenings, within } from "../testing/awaiting.ts";
import { freePort, HubProcess } from "../testing/hub-process.ts";
import { TestBundles } from "../updates/testing/test-bundles.ts";
import { TwoSlotBox } from "../updates/testing/two-slot-box.ts";
import { UpdatesConsole } from "../updates/testing/updates-console.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PASSWORD = "a long first password of 2026";
const BOX = "qiyun-no1/box-1";
const DEVICE = `${BOX}/air-101`;

let folder: string;
let data: string;
let mqttPort: number;
let hub: HubProcess | undefined;
let air: SimulatedDevice;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-enrolment-"));
  data = join(folder, "data");
  mqttPort = await freePort();
  const profile = findProfile("environment-sensor/generic-room-monitor");
  if (profile === undefined) throw new Error("no profile of an air sensor");
  air = await startSimulator(profile);
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await hub?.stop();
  await air?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the command; what it printed. */
async function campusOps(words: readonly string[], input = ""): Promise<string> {
  const child = spawn(process.execPath, [join(ROOT, "deploy/cli/main.ts"), ...words, "--lang", "en"], {
    cwd: folder,
    env: { ...process.env, CAMPUS_OPS_DATA: data, CAMPUS_OPS_MQTT_PORT: String(mqttPort) },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`campus-ops ${words.join(" ")}: ${said}`);
  return said;
}

/** Hands everything to the hub; of what the hub says only the handshake, until it is told to hand on all. */
class OneWay {
  open = false;
  readonly #server: Server;

  constructor(target: number) {
    this.#server = createServer((near) => {
      const far = connect(target, "127.0.0.1");
      let asked = 0;
      near.on("data", (chunk) => {
        asked += 1;
        far.write(chunk);
      });
      // Once the box has answered the handshake, whatever comes is about its request.
      far.on("data", (chunk) => {
        if (this.open || asked < 2) near.write(chunk);
      });
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        socket.on("error", () => other.destroy());
        socket.on("close", () => other.destroy());
      }
    });
  }

  async start(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
  }
}

function startAgent(box: string): ChildProcess {
  const child = spawn(process.execPath, [join(ROOT, "edge-agent/main.ts")], {
    env: {
      ...process.env,
      CAMPUS_OPS_CONFIG: join(box, "edge.yaml"),
      CAMPUS_OPS_DATA: join(box, "data"),
      CAMPUS_OPS_RUN: join(box, "machine/run/campus-ops-edge"),
      CAMPUS_OPS_SEED: join(box, "stick"),
      CAMPUS_OPS_MACHINE: join(box, "machine"),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  child.stdout.on("data", (chunk: Buffer) => said.add(chunk.toString()));
  return child;
}
const said = new Happenings<string>();

function plannedDevices(url: string): string {
  return `campus: { id: qiyun-no1, path: 990100/990102/qiyun-no1 }
node: { id: box-1, title: { zh: 一号盒, en: Box 1 } }
broker: { url: "mqtt://127.0.0.1" }
devices:
  - id: air-101
    profile: environment-sensor/generic-room-monitor
    title: { zh: 101 温湿度, en: Air 101 }
    at: a/1/101
    url: "${url}"
    poll: 1s
`;
}

test("a hub made by init, and a box whose token was spent while it was killed, which is enrolled all the same and read", async () => {
  const config = join(folder, "hub.yaml");
  const [mqtts, enrolment] = [await freePort(), await freePort()];
  const init = [
    "init",
    "--folder",
    folder,
    "--city",
    "990100:临澜市/Linlan",
    "--county",
    "990102:启云区/Qiyun",
  ];
  const more = [
    "--campus",
    "qiyun-no1:启云一中/Qiyun No. 1",
    "--name",
    "127.0.0.1",
    "--administrator",
    "admin",
  ];
  const ports = ["--mqtts-port", String(mqtts), "--enrolment-port", String(enrolment)];
  expect(await campusOps([...init, ...more, ...ports], `${PASSWORD}\n`)).not.toContain(PASSWORD);

  using bundles = await TestBundles.open();
  const updates = `  updates: { keyring: ${JSON.stringify(bundles.keyring)} }\n`;
  writeFileSync(
    config,
    readFileSync(config, "utf8").replace(/^enrolment:\n/m, (found) => found + updates),
  );
  hub = await HubProcess.start({ config, data, mqttPort });
  await hub.ready();
  await hub.log.until(
    "enrolment listens",
    ({ msg, process: who }) => who === "enrolment" && msg === "enrolment listens",
  );

  const box = join(folder, "box");
  mkdirSync(join(box, "stick"), { recursive: true });
  const planned = join(folder, "planned.yaml");
  writeFileSync(planned, plannedDevices(air.url));
  const seed = join(box, "stick", "edge.conf");
  const which = ["--campus", "qiyun-no1", "--node", "box-1"];
  await campusOps([
    "enrol",
    "token",
    ...which,
    "--title",
    "一号盒/Box 1",
    "--devices",
    planned,
    "--out",
    seed,
  ]);

  const oneWay = new OneWay(enrolment);
  const through = await oneWay.start();
  writeFileSync(seed, readFileSync(seed, "utf8").replace(`:${enrolment}`, `:${through}`));
  let agent = startAgent(box);
  const done = (entry: Readonly<Record<string, unknown>>): boolean =>
    entry.action === "enrol" && entry.outcome === "done";
  await hub.log.until("the hub has spent the token", done);
  const ended = once(agent, "exit");
  agent.kill("SIGKILL");
  await ended;
  expect(said.all.join("")).not.toContain("enrolled;");

  oneWay.open = true;
  // From now on as a box from the image has it: the machine starts its agent.
  await using machine = await TwoSlotBox.start({
    root: join(box, "machine"),
    bundles: join(box, "data"),
    keyring: bundles.keyring,
    broken: new Set(["0.2.0"]),
    startAgent: () => {
      agent = startAgent(box);
    },
    endAgent: async () => {
      if (agent.exitCode !== null || agent.signalCode !== null) return;
      const gone = once(agent, "exit");
      agent.kill("SIGTERM");
      await gone;
    },
  });
  await said.until("the box is enrolled", (text) => text.includes("enrolled; the certificate is in place"));
  expect(readFileSync(join(box, "stick", "状态-STATUS.txt"), "utf8")).toContain("Code: enrolled");
  expect((await campusOps(["enrol", "list"])).trim().split("\n")).toHaveLength(1);

  const ingest = hub.private_("ingest");
  const get = async <T>(path: string): Promise<T> => (await (await ingest.fetch(path)).json()) as T;
  const read = await eventually("the first reading", async () => {
    const device = await get<DeviceView>(`/devices/${DEVICE}`);
    const sample = device.metrics.find(({ name }) => name === "Environment/Temperature");
    return sample?.value === null || sample?.value === undefined ? undefined : sample;
  });
  expect(typeof read.value).toBe("number");
  const days = await eventually("the days left of its certificate", async () => {
    const [node] = await get<readonly NodeView[]>("/nodes?campus=qiyun-no1");
    return node?.metrics.find(({ name }) => name === "Edge/CertificateDays")?.value;
  });
  expect(days).toBeGreaterThan(89);

  await eventually("the hub knows that enrolment works", async () => {
    const devices = await get<readonly DeviceView[]>("/devices?campus=hub");
    const own = devices.find(({ key }) => key.endsWith("/enrolment"))?.metrics;
    return own?.find(({ name }) => name === "Service/Working")?.value === true ? true : undefined;
  });

  // People sign in over TLS with the same authority, and update the box from the console: first to a system whose agent ends.
  const ca = readFileSync(join(data, "pki", "ca.crt"), "utf8");
  const console_ = await UpdatesConsole.signIn(
    { port: hub.httpPort, ca },
    { user: "admin", password: PASSWORD },
  );
  const rollsOut = async (version: string, comesTo: (rollOut: RollOut) => boolean): Promise<RollOut> => {
    const bundle = await console_.upload(await bundles.make({ version }));
    const { id } = await console_.rollOut(bundle, [BOX]);
    return await eventually(`what becomes of ${version}`, async () => {
      const rollOut = await console_.look(id);
      return comesTo(rollOut) ? rollOut : undefined;
    });
  };
  const stopped = await rollsOut("0.2.0", ({ state }) => state !== "running");
  expect(stopped).toMatchObject({
    state: "stopped",
    boxes: [{ box: BOX, step: "failed", reason: MESSAGES["agent-unstable"] }],
  });
  await console_.act(stopped.id, "cancel");
  const updated = await rollsOut(
    "0.3.0",
    ({ boxes }) => boxes[0]?.step === "settling" || boxes[0]?.step === "failed",
  );
  expect(updated.boxes[0]?.step).toBe("settling");
  expect(machine.starts.join("")).toBe("ABAB");
  const system = await eventually("which system the box says it runs", async () => {
    const [node] = await get<readonly NodeView[]>("/nodes?campus=qiyun-no1");
    return node?.metrics.find(({ name }) => name === "Update/System")?.value;
  });
  expect(system).toBe("0.3.0");

  // Revoked, the box is cut off at once, and stays out.
  await campusOps(["enrol", "revoke", ...which, "--why", "stolen"]);
  await eventually("the hub sees the box go", async () => {
    const [node] = await get<readonly NodeView[]>("/nodes?campus=qiyun-no1");
    return node?.online === false ? true : undefined;
  });
  await hub.log.until(
    "it is not let in again",
    ({ msg, process: who }) => who === "broker" && String(msg).includes("is good no more"),
  );
  const gone = once(agent, "exit");
  agent.kill("SIGTERM");
  await within(30_000, "the agent stops", gone);
  oneWay.close();
});
