import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { ROSTER } from "@campus-ops/device-profiles/vocabulary";
import { socketPath } from "@campus-ops/service";
import { socketClient } from "@campus-ops/service/socket-client";
import { afterEach, expect, test } from "vitest";
import { startAedes } from "./testing/brokers.ts";
import { temporaryFolder } from "./testing/test-agent.ts";
import { TestHost } from "./testing/test-host.ts";

const MAIN = new URL("./main.ts", import.meta.url).pathname;
const GATE = "access-gate/generic-modbus-controller";
const SCANNER = "temperature-scanner/generic-modbus-tcp";
/** Several changes of a process, each of which it takes up when its folder has been quiet for a while. */
const TEST_MS_MAX = 180_000;
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function profileOf(id: string) {
  const profile = findProfile(id);
  if (profile === undefined) throw new Error(`no profile ${id}`);
  return profile;
}

async function simulated(id: string) {
  const device = await startSimulator(profileOf(id));
  closing.push(() => device.close());
  return device;
}

function deviceLine(id: string, profile: string, url: string): string {
  return `  - { id: ${id}, profile: ${profile}, title: { zh: 设备, en: Device }, at: a/1/${id}, url: "${url}", poll: 100ms }\n`;
}

/** The real agent, and its file, written as an editor does: aside, and then renamed. */
async function agentProcess(brokerUrl: string, devices: string) {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const file = join(folder.path, "edge.yaml");
  const configure = (lines: string): void => {
    const head = `campus: { id: qiyun-no1, path: 990100/990102/qiyun-no1 }
node: { id: box-1, title: { zh: 边缘盒, en: Edge box } }
broker: { url: "${brokerUrl}" }
`;
    writeFileSync(`${file}.new`, `${head}${lines === "" ? "devices: []\n" : `devices:\n${lines}`}`);
    renameSync(`${file}.new`, file);
  };
  configure(devices);
  const run = join(folder.path, "run");
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env: { ...process.env, CAMPUS_OPS_CONFIG: file, CAMPUS_OPS_DATA: folder.path, CAMPUS_OPS_RUN: run },
    stdio: ["ignore", "pipe", "inherit"],
  });
  closing.push(async () => {
    const ended = child.exitCode === null ? once(child, "exit") : undefined;
    child.kill("SIGKILL");
    await ended;
  });
  const log: string[] = [];
  let told = Promise.withResolvers<void>();
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on("line", (line) => {
      log.push(line);
      told.resolve();
      told = Promise.withResolvers();
    });
  }
  const said = async (text: string): Promise<void> => {
    while (!log.some((line) => line.includes(text))) await told.promise;
  };
  const metrics = async (): Promise<string> => {
    const client = socketClient(socketPath(run, "edge-qiyun-no1-box-1"));
    const text = await (await client.fetch("/metrics")).text();
    await client.close();
    return text;
  };
  await said('"ready":true');
  return { child, configure, metrics, said };
}

async function hub(url: string): Promise<TestHost> {
  const host = await TestHost.start({ url, campus: "qiyun-no1", node: "box-1" });
  closing.push(() => host.stop());
  return host;
}

test(
  "devices come, go and change while the agent runs; the others notice nothing [tck-id-topics-ddeath-topic]",
  async () => {
    const broker = await startAedes();
    closing.push(() => broker.stop());
    const host = await hub(broker.url);
    const [gate, second] = [await simulated(GATE), await simulated(GATE)];
    const stays = deviceLine("gate-1", GATE, gate.url);
    const agent = await agentProcess(broker.url, stays);
    const of = (type: string, device: string) =>
      host.arrivals.filter((each) => each.type === type && each.device === device);
    const online = (device: string) =>
      host.arrivals.some(
        (each) =>
          each.device === device &&
          each.samples.some(({ metric, value }) => metric === "Connectivity/Online" && value === true),
      );
    await host.until(() => online("gate-1"));
    const bornBefore = of("DBIRTH", "gate-1").length;

    agent.configure(stays + deviceLine("gate-2", GATE, second.url));
    await host.until(() => online("gate-2"));
    agent.configure(stays + deviceLine("gate-2", GATE, second.url).replace("en: Device", "en: North gate"));
    await host.until(() => of("DDEATH", "gate-2").length === 1);
    await host.until(() =>
      of("DBIRTH", "gate-2").some(({ samples }) =>
        samples.some(({ metric, value }) => metric === "Properties/TitleEn" && value === "North gate"),
      ),
    );
    agent.configure(stays);
    await host.until(() => of("DDEATH", "gate-2").length === 2);
    const rosters = () =>
      host.arrivals
        .flatMap(({ samples }) => samples)
        .filter(({ metric }) => metric === ROSTER)
        .map(({ value }) => value);
    await host.until(() => rosters().length === 3);
    expect(rosters()).toEqual(["gate-1", "gate-1 gate-2", "gate-1"]);

    // Whoever was not named in a change was in session all the time.
    gate.set("Door/Open", true);
    await host.until(() =>
      of("DDATA", "gate-1").some(({ samples }) =>
        samples.some(({ metric, value }) => metric === "Door/Open" && value === true),
      ),
    );
    expect(of("DBIRTH", "gate-1")).toHaveLength(bornBefore);
    expect(of("DDEATH", "gate-1")).toEqual([]);
    expect(host.arrivals.filter(({ type }) => type === "NBIRTH")).toHaveLength(1);
    const seqs = host.arrivals.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => index % 256));
    expect(await agent.metrics()).toMatch(/configuration_reloads_total\{outcome="applied"[^}]*\} 3/);
  },
  TEST_MS_MAX,
);

test(
  "another profile makes another device of it: DDEATH, then a DBIRTH with the new profile's metrics",
  async () => {
    const broker = await startAedes();
    closing.push(() => broker.stop());
    const host = await hub(broker.url);
    const [gate, scanner] = [await simulated(GATE), await simulated(SCANNER)];
    const agent = await agentProcess(broker.url, deviceLine("one", GATE, gate.url));
    await host.until(() => host.arrivals.some(({ type }) => type === "DBIRTH"));
    agent.configure(deviceLine("one", SCANNER, scanner.url));
    const isNew = ({ samples, type }: (typeof host.arrivals)[number]): boolean =>
      type === "DBIRTH" &&
      samples.some(({ metric, value }) => metric === "Properties/Profile" && value === SCANNER);
    await host.until(() => host.arrivals.some(isNew));
    const devices = host.arrivals.filter(({ type }) => type === "DBIRTH" || type === "DDEATH");
    expect(devices[devices.findIndex(isNew) - 1]?.type).toBe("DDEATH");
    expect(devices.filter(({ type }) => type === "DDEATH")).toHaveLength(1);
  },
  TEST_MS_MAX,
);

test(
  "a file that cannot be right changes nothing and is told; SIGHUP reads the mended one",
  async () => {
    const broker = await startAedes();
    closing.push(() => broker.stop());
    const host = await hub(broker.url);
    const gate = await simulated(GATE);
    const stays = deviceLine("gate-1", GATE, gate.url);
    const agent = await agentProcess(broker.url, stays);
    await host.until(() => host.arrivals.some(({ type }) => type === "DBIRTH"));

    agent.configure(stays + deviceLine("gate-2", "access-gate/nonsense", gate.url));
    await agent.said("there is no profile access-gate/nonsense");
    await agent.said("goes on with the configuration that it has");
    expect(await agent.metrics()).toMatch(/configuration_reloads_total\{outcome="refused"[^}]*\} 1/);
    expect(host.arrivals.filter(({ type }) => type === "DDEATH" || type === "NDEATH")).toEqual([]);

    agent.child.kill("SIGHUP");
    await expect
      .poll(agent.metrics, { timeout: 60_000 })
      .toMatch(/configuration_reloads_total\{outcome="refused"[^}]*\} 2/);
    agent.configure(stays + deviceLine("gate-2", GATE, gate.url));
    await host.until(() =>
      host.arrivals.some(({ device, type }) => type === "DBIRTH" && device === "gate-2"),
    );
  },
  TEST_MS_MAX,
);
