/** Our MQTT server beside Debian's mosquitto: from the first second after a start on, at a steady rate and flat out. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { TestAuthority } from "../../broker/server/testing/certificates.ts";
import { BrokerLoad, dial, type Measured, type Traffic } from "./broker-load.ts";
import { PASSWORD, PEERS, type StartPeer } from "./broker-peers.ts";
import { figure } from "./figure.ts";
import { connectPacket, subscribePacket } from "./mqtt-wire.ts";
import { cpuSeconds, residentBytes } from "./process-usage.ts";
import type { Report, Result } from "./result.ts";

const LOAD_CORE = "1";
const RUNS = Number(process.env.CAMPUS_OPS_BENCH_RUNS ?? 5);
const EDGES = 50;
const PER_SECOND = 5_000;
/** A restart is when every edge returns: its first seconds are looked at alone. */
const COLD_MS = 5_000;
const WARM_MS = 3_000;
const FLAT_OUT_MS = 2_000;
const COLD_P99_MS = 5;
const WARM_P99_MS = 1;
/** Of mosquitto's messages a second, with payloads of 2 kB. */
const SHARE = 0.5;
const IDLE_CONNECTIONS = 500;

interface Case {
  readonly title: string;
  readonly traffic: Traffic;
}

const CASES: readonly Case[] = [1, 4].flatMap((readers) =>
  ([0, 1] as const).flatMap((qos) =>
    [100, 2_048].map((payloadBytes) => ({
      title: `QoS ${qos}, ${payloadBytes} B, ${EDGES} → ${readers}`,
      traffic: { edges: names("edge", EDGES), readers: names("reader", readers), qos, payloadBytes },
    })),
  ),
);

interface Run {
  readonly cold: Measured;
  readonly warm: Measured;
  readonly flatOut: Measured;
  /** Of the server, while it carried {@link PER_SECOND}. */
  readonly core: number;
}

export async function broker(report: Report): Promise<void> {
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", LOAD_CORE, String(process.pid)]);
  for (const { title, traffic } of CASES) {
    const runs = new Map(PEERS.map(([name]) => [name, [] as Run[]]));
    // In turn, so that what else the machine does meets both.
    for (let run = 0; run < RUNS; run += 1) {
      for (const [name, start] of PEERS) runs.get(name)?.push(await measure(start, traffic));
    }
    const theirs = middle(runs.get("mosquitto") ?? [], ({ flatOut }) => flatOut.perSecond);
    for (const [name, each] of runs) report(result(`${title}: ${name}`, each, name, traffic, theirs));
  }
  await idle(report);
}

async function measure(start: StartPeer, traffic: Traffic): Promise<Run> {
  const peer = await start(traffic);
  const load = await BrokerLoad.connect(peer, traffic);
  try {
    const cold = await load.steady(COLD_MS, PER_SECOND);
    const before = cpuSeconds([peer.pid]);
    const warm = await load.steady(WARM_MS, PER_SECOND);
    const core = (cpuSeconds([peer.pid]) - before) / (WARM_MS / 1_000);
    return { cold, warm, core, flatOut: await load.flatOut(FLAT_OUT_MS) };
  } finally {
    load.close();
    await peer.stop();
  }
}

function result(title: string, runs: readonly Run[], name: string, traffic: Traffic, theirs: number): Result {
  const coldP99 = runs.map(({ cold }) => percentile(cold, 99));
  const warmP99 = middle(runs, ({ warm }) => percentile(warm, 99));
  const perSecond = middle(runs, ({ flatOut }) => flatOut.perSecond);
  const figures = {
    case: title,
    runs: runs.length,
    coldP50_ms: rounded(middle(runs, ({ cold }) => percentile(cold, 50))),
    coldP99_ms: rounded(median(coldP99)),
    coldP99_worst_ms: rounded(Math.max(...coldP99)),
    warmP50_ms: rounded(middle(runs, ({ warm }) => percentile(warm, 50))),
    warmP99_ms: rounded(warmP99),
    core: rounded(middle(runs, ({ core }) => core)),
    perSecond: rounded(perSecond),
    lost: runs.reduce((sum, { cold, flatOut, warm }) => sum + cold.lost + flatOut.lost + warm.lost, 0),
  };
  if (name === "mosquitto") return figures;
  const fast = traffic.payloadBytes < 1_000 || perSecond >= SHARE * theirs;
  const met = median(coldP99) < COLD_P99_MS && warmP99 < WARM_P99_MS && fast && figures.lost === 0;
  return { ...figures, ofMosquitto: rounded(perSecond / theirs), met };
}

/** What a connection costs that only waits for commands. */
async function idle(report: Report): Promise<void> {
  const authority = new TestAuthority();
  authority.certificate("server", "IP:127.0.0.1");
  const tls = {
    certFile: join(authority.folder, "server.crt"),
    keyFile: join(authority.folder, "server.key"),
  };
  const edges = names("edge", IDLE_CONNECTIONS);
  try {
    for (const [name, start] of PEERS) {
      const runs: number[] = [];
      for (let run = 0; run < RUNS; run += 1) runs.push(await idleBytes(start, edges, tls, authority.root));
      report(figure(`an idle TLS connection: ${name}`, "bytes", runs));
    }
  } finally {
    authority.remove();
  }
}

async function idleBytes(
  start: StartPeer,
  edges: readonly string[],
  tls: { readonly certFile: string; readonly keyFile: string },
  ca: Buffer,
): Promise<number> {
  const peer = await start({ edges, readers: [] }, tls);
  const sockets: TLSSocket[] = [];
  const open = async (name: string): Promise<void> => {
    const socket = connect({ socket: await dial(peer.port), ca, host: "127.0.0.1" });
    sockets.push(socket);
    await once(socket, "secureConnect");
    socket.write(connectPacket(name, PASSWORD));
    await once(socket, "data");
    socket.write(subscribePacket(`spBv1.0/bench-school/NCMD/${name}`, 1));
    await once(socket, "data");
  };
  try {
    // The first ones pay for what all share.
    const [first = [], rest = []] = [edges.slice(0, 50), edges.slice(50)];
    for (const name of first) await open(name);
    const before = residentBytes(peer.pid);
    for (const name of rest) await open(name);
    return (residentBytes(peer.pid) - before) / rest.length;
  } finally {
    for (const socket of sockets) socket.destroy();
    await peer.stop();
  }
}

function names(kind: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);
}

/** Milliseconds. */
const percentile = ({ latency }: Measured, share: number): number =>
  latency.getValueAtPercentile(share) / 1_000;

const middle = <T>(runs: readonly T[], of: (run: T) => number): number => median(runs.map(of));

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Three significant digits: more is noise. */
const rounded = (value: number): number => Number(value.toPrecision(3));
