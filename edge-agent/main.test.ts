import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { EXIT_CONFIGURATION, socketPath } from "@campus-ops/service";
import { socketClient } from "@campus-ops/service/socket-client";
import { afterEach, expect, test } from "vitest";
import { startAedes } from "./testing/brokers.ts";
import { temporaryFolder } from "./testing/test-agent.ts";
import { TestHost } from "./testing/test-host.ts";

const MAIN = new URL("./main.ts", import.meta.url).pathname;
const GATE = "access-gate/generic-modbus-controller";
/** Two processes one after the other, and what they owe a host between: the waits, not the work, take long. */
const TEST_MS_MAX = 180_000;
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function yaml(brokerUrl: string, gateUrl: string): string {
  return `campus: { id: qiyun-no1, path: 990100/990102/qiyun-no1 }
node: { id: box-1, title: { zh: 边缘盒, en: Edge box } }
broker: { url: "${brokerUrl}" }
devices:
  - { id: gate-1, profile: ${GATE}, title: { zh: 南门, en: South gate }, at: a/1/south-gate, url: "${gateUrl}", poll: 100ms }
`;
}

/** A process of its own; resolves when it says that it is ready or has ended. */
async function startProcess(folder: string): Promise<{ child: ChildProcess; log: string[] }> {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      CAMPUS_OPS_CONFIG: join(folder, "edge.yaml"),
      CAMPUS_OPS_DATA: folder,
      CAMPUS_OPS_RUN: join(folder, "run"),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  closing.push(() => child.kill("SIGKILL"));
  const log: string[] = [];
  const ready = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    createInterface({ input: child.stdout }).on("line", (line) => {
      log.push(line);
      if (line.includes('"ready":true')) resolve();
    });
  });
  await ready;
  return { child, log };
}

test(
  "kill -9 in the middle of swipes: every swipe arrives once, after the restart too",
  async () => {
    const broker = await startAedes();
    closing.push(() => broker.stop());
    const profile = findProfile(GATE);
    if (profile === undefined) throw new Error("no gate profile");
    const gate = await startSimulator(profile);
    closing.push(() => gate.close());
    const folder = temporaryFolder();
    closing.push(() => folder.remove());
    writeFileSync(join(folder.path, "edge.yaml"), yaml(broker.url, gate.url));
    const hub = await TestHost.start({ url: broker.url, campus: "qiyun-no1", node: "box-1" });
    closing.push(() => hub.stop());
    const serials = () =>
      hub
        .distinct()
        .flatMap(({ events }) =>
          events.filter(({ event }) => event === "Access/Swipe").map(({ fields }) => Number(fields.serial)),
        );

    let raised = 0;
    const raise = (count: number): void => {
      for (let left = count; left > 0; left -= 1) {
        raised += 1;
        const credential = `A0${String(raised).padStart(4, "0")}`;
        gate.raise("Access/Swipe", {
          serial: raised,
          credential,
          result: "granted",
          reason: "none",
          direction: "in",
        });
      }
    };
    let running = await startProcess(folder.path);
    await hub.until(() =>
      hub.arrivals.some(({ samples }) =>
        samples.some(({ metric, value }) => metric === "Connectivity/Online" && value === true),
      ),
    );
    for (let round = 0; round < 3; round += 1) {
      raise(20);
      await hub.until(() => serials().length > raised - 20);
      const ended = once(running.child, "exit");
      running.child.kill("SIGKILL");
      await ended;
      raise(5);
      running = await startProcess(folder.path);
      await hub.until(() => new Set(serials()).size >= raised);
    }
    expect(serials().toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: raised }, (_, index) => index + 1),
    );

    const client = socketClient(socketPath(join(folder.path, "run"), "edge-qiyun-no1-box-1"));
    closing.push(() => client.close());
    expect(await (await client.fetch("/healthz")).json()).toMatchObject({ status: "ok" });
    expect(await (await client.fetch("/metrics")).text()).toContain(
      'campus_ops_edge_device_online{device="gate-1"',
    );
    expect(statSync(join(folder.path, "edge/qiyun-no1-box-1/pseudonym.key")).mode & 0o777).toBe(0o600);

    const ended = once(running.child, "exit");
    running.child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    await hub.until(() => hub.arrivals.at(-1)?.type === "NDEATH");
  },
  TEST_MS_MAX,
);

test("a configuration that cannot be right ends the process with 78 and names file, line and field", async () => {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  writeFileSync(
    join(folder.path, "edge.yaml"),
    yaml("mqtt://127.0.0.1:1", "modbus://127.0.0.1").replace(GATE, "access-gate/nonsense"),
  );
  const { child, log } = await startProcess(folder.path);
  expect(child.exitCode).toBe(EXIT_CONFIGURATION);
  expect(log.join()).toContain("edge.yaml:5: devices.0.profile: there is no profile access-gate/nonsense");
});
