/**
 * A life of the real edge-agent process before a wire tap: waits for its host, is born, reports, is commanded, born
 * again, sees a device fall silent and answer again, loses and gains one, and loses its host, its connection, its
 * configuration's consent and its life.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rebirthCommand, writeCommand } from "@campus-ops/broker/sparkplug";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { TestHost } from "../../../edge-agent/testing/test-host.ts";
import { CAMPUS, type ConformanceBroker, HOST, NODE, PASSWORD } from "./brokers.ts";
import { Peer } from "./peer.ts";
import { startPlatformProcess } from "./processes.ts";
import { type Message, type Recording, RecordingProxy, readWire } from "./recording.ts";

const GATE = "access-gate/generic-modbus-controller";
const SCANNER = "temperature-scanner/generic-modbus-tcp";
/** More than seq has numbers. */
const BURST = 300;
const T = 1_764_000_000_000;

export interface EdgeRecording {
  readonly wire: Recording;
  /** What the server delivered to another client that subscribed to everything. */
  readonly heard: readonly Message[];
  /** Packets on the wire when the STATE that lets the agent be born was published. */
  readonly permitted: number;
  /** … when an offline STATE with an old timestamp had been taken in, and when the valid one was published. */
  readonly lateOffline: number;
  readonly offline: number;
  /** … when the rebirth was asked for, by the only command that had QoS 1: its PUBACK says when it had been taken in. */
  readonly rebirthAsked: number;
  /** Of CONNECTs: ended by a STATE, by a cut, by SIGTERM and by SIGKILL. */
  readonly connections: { readonly left: 0; readonly cut: 1; readonly stopped: 2; readonly killed: 3 };
}

export const NOTHING_RECORDED = (wire: Recording): EdgeRecording => ({
  wire,
  heard: [],
  permitted: 0,
  lateOffline: 0,
  offline: 0,
  rebirthAsked: 0,
  connections: { left: 0, cut: 1, stopped: 2, killed: 3 },
});

export async function recordEdge(broker: ConformanceBroker): Promise<EdgeRecording> {
  const closing: (() => unknown)[] = [];
  try {
    return await live(broker, closing);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function live(broker: ConformanceBroker, closing: (() => unknown)[]): Promise<EdgeRecording> {
  const [gate, scanner] = [await simulated(GATE, closing), await simulated(SCANNER, closing)];
  const proxy = await RecordingProxy.start(broker.url);
  closing.push(() => proxy.stop());
  const wire = proxy.recording;
  const host = await Peer.connect(broker.url, "host", []);
  const acknowledging = await TestHost.start({
    url: broker.url,
    campus: CAMPUS,
    node: NODE,
    credentials: { username: "host", password: PASSWORD },
  });
  closing.push(() => acknowledging.stop());
  const monitor = await Peer.connect(broker.url, "monitor", ["spBv1.0/#"]);
  closing.push(
    () => host.end(),
    () => monitor.end(),
  );
  const folder = mkdtempSync(join(tmpdir(), "campus-ops-conformance-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "edge.yaml");
  writeFileSync(join(folder, "password"), PASSWORD, { mode: 0o600 });
  const both = [line("gate-1", GATE, gate.url), line("scanner-1", SCANNER, scanner.url)];
  configure(file, proxy.url, both);
  const start = () => startPlatformProcess("edge-agent/main.ts", file, folder);
  let agent = await start();
  closing.push(() => agent.stop("SIGKILL"));

  const taken = () =>
    wire.packets.filter(({ from, packet }) => from === "client" && packet.cmd === "puback").length;
  /** Publishes a STATE, and resolves when the agent has taken it in: what it does because of it is on the wire. */
  const tell = async (online: boolean, timestamp: number): Promise<void> => {
    const before = taken();
    await host.state(HOST, online, timestamp);
    await wire.happened.until("the agent takes the STATE in", () => taken() > before);
  };
  const connected = (count: number) =>
    wire.happened.until(
      "the agent subscribes",
      () => wire.packets.filter(({ packet }) => packet.cmd === "suback").length >= count,
    );
  const command = (message: { topic: string; payload: Uint8Array }) =>
    host.publish(message.topic, message.payload);
  const node = { campus: CampusId(CAMPUS), node: NodeId(NODE) };
  const births = (count: number) => wire.untilSent("NBIRTH", count);
  const samples = (type: string, has: (message: Message) => boolean) => wire.untilSent(type, 1, has);

  await connected(1);
  await host.state("another-host", true, T + 9_000);
  await tell(false, T);
  await tell(true, T - 1_000);
  const permitted = wire.packets.length;
  await tell(true, T + 1_000);
  await wire.untilSent("DBIRTH", 2);
  // Both devices have answered once their first readings flow.
  await samples("DDATA", ({ topic }) => topic.endsWith("gate-1"));
  await samples("DDATA", ({ topic }) => topic.endsWith("scanner-1"));
  gate.set("Door/Open", true);
  gate.raise("Access/Swipe", {
    serial: 1,
    credential: "A00001",
    result: "granted",
    reason: "none",
    direction: "in",
  });
  await samples(
    "DDATA",
    ({ payload }) => payload.metrics?.some(({ templateValue }) => templateValue !== undefined) === true,
  );
  for (let count = 0; count < BURST; count += 1) {
    await command(writeCommand(node, { id: `c-${count}`, metric: "Edge/Memory", value: 1 }, Date.now()));
  }
  await wire.untilSent("NDATA", BURST);
  await command(
    writeCommand(
      { ...node, device: DeviceId("gate-1") },
      { metric: "Door/Unlocked", value: true },
      Date.now(),
    ),
  );
  await wire.untilSent(
    "DDATA",
    2,
    ({ payload }) => payload.metrics?.some(({ templateValue }) => templateValue !== undefined) === true,
  );

  const rebirthAsked = wire.packets.length;
  const rebirth = rebirthCommand(node, Date.now());
  await host.publish(rebirth.topic, rebirth.payload, 1);
  await births(2);
  const ofGate = ({ topic }: Message) => topic.endsWith("gate-1");
  await gate.fault("down");
  await wire.untilSent("DDEATH", 1, ofGate);
  const bornGate = wire.sent("DBIRTH").filter(ofGate).length;
  await gate.fault(null);
  await wire.untilSent("DBIRTH", bornGate + 1, ofGate);
  const reported = wire.sent("DDATA").filter(ofGate).length;
  await wire.untilSent("DDATA", reported + 1, ofGate);
  configure(file, proxy.url, both.slice(0, 1));
  await wire.untilSent("DDEATH", 1, ({ topic }) => topic.endsWith("scanner-1"));
  configure(file, proxy.url, both);
  const bornScanner = wire.sent("DBIRTH").filter(({ topic }) => topic.endsWith("scanner-1")).length;
  await wire.untilSent("DBIRTH", bornScanner + 1, ({ topic }) => topic.endsWith("scanner-1"));

  await tell(false, T + 999);
  const lateOffline = wire.packets.length;
  await command(rebirthCommand(node, Date.now()));
  await births(3);
  const offline = wire.packets.length;
  await host.state(HOST, false, T + 1_000);
  await connected(2);
  await tell(true, T + 2_000);
  await births(4);
  proxy.cut();
  await births(5);
  await agent.stop("SIGTERM");
  agent = await start();
  await births(6);
  const will = readWire(Buffer.from(wire.connects().at(-1)?.will?.payload ?? ""));
  await agent.stop("SIGKILL");
  // Deaths of sessions before may be heard late.
  await monitor.heard.until(
    "the will of the one that was killed",
    ({ payload, type }) =>
      type === "NDEATH" && payload.metrics?.[0]?.longValue === will.metrics?.[0]?.longValue,
  );
  return {
    wire,
    heard: monitor.heard.all,
    permitted,
    lateOffline,
    offline,
    rebirthAsked,
    connections: { left: 0, cut: 1, stopped: 2, killed: 3 },
  };
}

async function simulated(id: string, closing: (() => unknown)[]) {
  const profile = findProfile(id);
  if (profile === undefined) throw new Error(`no profile ${id}`);
  const device = await startSimulator(profile);
  closing.push(() => device.close());
  return device;
}

function line(id: string, profile: string, url: string): string {
  return `  - { id: ${id}, profile: ${profile}, title: { zh: 设备, en: Device }, at: a/1/${id}, url: "${url}", poll: 100ms }\n`;
}

/** Written aside and renamed, as editors do. */
function configure(file: string, brokerUrl: string, devices: readonly string[]): void {
  writeFileSync(
    `${file}.new`,
    `campus: { id: ${CAMPUS}, path: 990100/990102/${CAMPUS} }
node: { id: ${NODE}, title: { zh: 边缘盒, en: Edge box } }
broker: { url: "${brokerUrl}", username: edge, passwordFile: password }
primaryHost: ${HOST}
devices:
${devices.join("")}`,
  );
  renameSync(`${file}.new`, file);
}
