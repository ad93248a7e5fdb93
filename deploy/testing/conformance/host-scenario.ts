/**
 * A life of the real ingest process before a wire tap. The edge node it serves is a third party's: it is written with
 * npm `sparkplug-payload`, gives no aliases and knows nothing of the acknowledged hand-off.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandView, DeviceView, NodeView } from "@campus-ops/ingest/api";
import { socketPath } from "@campus-ops/service";
import { socketClient } from "@campus-ops/service/socket-client";
import { eventually } from "../awaiting.ts";
import { type ConformanceBroker, HOST, PASSWORD } from "./brokers.ts";
import { Peer } from "./peer.ts";
import { startPlatformProcess } from "./processes.ts";
import { type Message, type Recording, RecordingProxy } from "./recording.ts";
import { DEVICE_KEY, NODE_KEY, ThirdPartyNode } from "./third-party-node.ts";

export interface HostRecording {
  readonly wire: Recording;
  /** What the server delivered to another client that subscribed to everything. */
  readonly heard: readonly Message[];
  /** NCMDs on the wire after a message that came too early and the one it waited for, in time. */
  readonly rebirthsAfterReordering: number;
  /** … and after one that never came. */
  readonly rebirthsAfterGap: number;
  /** Packets on the wire when a STATE of its own said offline. */
  readonly denied: number;
  /** The value that came too early, as ingest shows it. */
  readonly reordered: unknown;
  /** Messages that the other client had heard when the host was cut off. */
  readonly cutAt: number;
  /** Before, during and after: the device's DDEATH had `deviceDiedAt` as its time. */
  readonly deviceDiedAt: number;
  readonly afterDeviceDeath: DeviceView | undefined;
  readonly nodeDied: readonly [from: number, to: number];
  readonly afterNodeDeath: { readonly device: DeviceView; readonly node: NodeView } | undefined;
}

export const nothingHeard = (wire: Recording): HostRecording => ({
  wire,
  heard: [],
  rebirthsAfterReordering: -1,
  rebirthsAfterGap: -1,
  denied: 0,
  reordered: undefined,
  cutAt: 0,
  deviceDiedAt: 0,
  afterDeviceDeath: undefined,
  nodeDied: [0, 0],
  afterNodeDeath: undefined,
});

export async function recordHost(broker: ConformanceBroker): Promise<HostRecording> {
  const closing: (() => unknown)[] = [];
  try {
    return await live(broker, closing);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

const metricOf = (view: DeviceView, name: string): unknown =>
  view.metrics.find((each) => each.name === name)?.value;

async function live(broker: ConformanceBroker, closing: (() => unknown)[]): Promise<HostRecording> {
  const proxy = await RecordingProxy.start(broker.url);
  closing.push(() => proxy.stop());
  const wire = proxy.recording;
  const monitor = await Peer.connect(broker.url, "monitor", ["spBv1.0/#"]);
  closing.push(() => monitor.end());
  const folder = mkdtempSync(join(tmpdir(), "campus-ops-conformance-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const ingest = await startPlatformProcess("ingest/main.ts", configureHub(folder, proxy.url), folder);
  closing.push(() => ingest.stop("SIGKILL"));
  const api = socketClient(socketPath(join(folder, "run"), "ingest"));
  closing.push(() => api.close());
  const get = async <T>(path: string): Promise<T> => (await (await api.fetch(path)).json()) as T;
  const device = (what: string, is: (view: DeviceView) => boolean) =>
    eventually(what, async () => {
      const view = await get<DeviceView>(`/devices/${DEVICE_KEY}`);
      return view.metrics !== undefined && is(view) ? view : undefined;
    });
  await wire.untilSent("STATE", 1);

  const node = await ThirdPartyNode.connect(broker.url);
  closing.push(() => node.end());
  await node.births();
  await device("the third party's device", (view) => metricOf(view, "Door/Open") === false);

  // Four before three.
  const early = node.skip();
  await node.data({ "Door/Unlocked": true });
  await node.data({ "Door/Open": true }, early);
  const view = await device("what came too early", (each) => metricOf(each, "Door/Unlocked") === true);
  const rebirths = () => wire.sent("NCMD").length;
  const rebirthsAfterReordering = rebirths();
  const reordered = [metricOf(view, "Door/Open"), metricOf(view, "Door/Unlocked")];
  node.skip();
  await node.data({ "Door/Open": false });
  await wire.untilSent("NCMD", 1);
  const rebirthsAfterGap = rebirths();
  await node.births();
  await device("the device, born again", (each) => metricOf(each, "Door/Open") === false);

  await api
    .fetch("/commands", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ device: DEVICE_KEY, metric: "Door/Unlocked", value: true, by: "conformance" }),
    })
    .then(async (answer) => (await answer.json()) as CommandView);
  await wire.untilSent("DCMD", 1);

  const host = await Peer.connect(broker.url, "host", []);
  closing.push(() => host.end());
  const denied = wire.packets.length;
  const births = wire.sent("STATE").length;
  // As the late will of this very session; one that is newer than the session makes the host begin a new one.
  const will = JSON.parse(String(wire.connects().at(-1)?.will?.payload)) as { readonly timestamp: number };
  await host.state(HOST, false, will.timestamp);
  await wire.untilSent("STATE", births + 1);

  const deviceDiedAt = Date.now() - 5_000;
  await node.deviceDeath(deviceDiedAt);
  const afterDeviceDeath = await device("the death of the device", ({ health }) => health === "unreachable");
  await node.births();
  await device("the device, alive again", ({ health }) => health === "working");
  const from = Date.now();
  node.cut();
  const dead = await device("the death of the node", ({ health }) => health === "stale");
  const nodes = await get<readonly NodeView[]>("/nodes");
  const found = nodes.find(({ key }) => key === NODE_KEY);
  if (found === undefined) throw new Error(`ingest does not know ${NODE_KEY}`);
  const afterNodeDeath = { device: dead, node: found };
  const nodeDied = [from, Date.now()] as const;

  const before = wire.sent("STATE").length;
  const cutAt = monitor.heard.all.length;
  proxy.cut();
  await monitor.heard.until("the will", isOffline, { since: cutAt });
  await wire.untilSent("STATE", before + 1);
  await monitor.heard.until("STATE online", isOnline, { since: cutAt });
  const stopped = monitor.heard.all.length;
  await ingest.stop("SIGTERM");
  await monitor.heard.until("STATE offline", isOffline, { since: stopped });
  return {
    wire,
    heard: monitor.heard.all,
    rebirthsAfterReordering,
    rebirthsAfterGap,
    denied,
    reordered,
    cutAt,
    deviceDiedAt,
    afterDeviceDeath,
    nodeDied,
    afterNodeDeath,
  };
}

const isState = ({ bytes, type }: Message, online: boolean): boolean =>
  type === "STATE" && Buffer.from(bytes).toString().includes(`"online":${online}`);
const isOffline = (message: Message): boolean => isState(message, false);
const isOnline = (message: Message): boolean => isState(message, true);

/** The hub's file in its folder, beside the password it names. */
export function configureHub(folder: string, brokerUrl: string): string {
  const file = join(folder, "hub.yaml");
  writeFileSync(join(folder, "password"), PASSWORD, { mode: 0o600 });
  writeFileSync(
    file,
    `site:
  city: { code: "990100", title: { zh: 云州市, en: Yunzhou } }
  counties:
    - code: "990102"
      title: { zh: 栖云区, en: Qiyun }
      campuses: [{ id: qiyun-no1, title: { zh: 栖云第一中学, en: Qiyun No. 1 School } }]
ingest:
  hostId: ${HOST}
  broker: { url: "${brokerUrl}", username: host, passwordFile: password }
`,
  );
  return file;
}
