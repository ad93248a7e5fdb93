/**
 * The whole platform on one core: how much it takes from how many edges before something gives, how late its alarms are
 * then, and what becomes of it at ten times as much.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { SteadyLook } from "../testing/load/load-steady.ts";
import { SteadyChild } from "../testing/load/steady-child.ts";
import { ALARM_P99_MS, type LoadWindow, whatGives } from "./hub-limits.ts";
import { LOAD_CORE, MeasuredHub, PORTS, pinTo } from "./measured-hub.ts";
import type { FloodCount, FloodOptions } from "./plain-flood.ts";
import { cpuSeconds } from "./process-usage.ts";
import type { Report } from "./result.ts";

const ALARMS_PER_S = 24;
/** Edges, and samples a second of all of them. After these it goes on by {@link STEP_SAMPLES_PER_S}. */
const STEPS: readonly (readonly [edges: number, samplesPerS: number])[] = [
  [20, 5_000],
  [50, 10_000],
  [100, 20_000],
  [200, 30_000],
];
const STEP_SAMPLES_PER_S = 10_000;
const SAMPLES_PER_S_MAX = 200_000;
const EDGES_MAX = 200;
const PLAIN_NODES = 20;

const SETTLE_MS = 4_000;
const STEP_MS = Number(process.env.CAMPUS_OPS_BENCH_STEP_SECONDS ?? 6) * 1_000;
const HOLD_MS = 5 * STEP_MS;
const OVERLOAD_MS = Number(process.env.CAMPUS_OPS_OVERLOAD_SECONDS ?? 600) * 1_000;
const OVERLOAD = 10;
/** Of ten times the load, what edges with an outbox have; the rest is of nodes that nothing holds back. */
const OVERLOAD_OF_EDGES = 2;
/** Said beforehand: no process of the hub may hold more, however much comes. */
const PROCESS_RSS_BYTES_MAX = 1e9;
const RECOVERY_MS_MAX = 300_000;
const LOOK_MS = 1_000;
/** An idle hub writes an entry a second, and rules take it a moment later. */
const CALM_S = 2;

const SAMPLES_PER_S_TARGET = 50_000;
/** Takes this for what the hub sustains and leaves the steps out: a look at the overload alone. */
const TAKEN_SAMPLES_PER_S = process.env.CAMPUS_OPS_BENCH_SAMPLES_PER_S;

const PUBLISHED = [
  { case: "published: ThingsBoard CE, Kafka + Postgres, 95 % of 2 vCPU, 8 GB", samplesPerS: 15_000 },
  {
    case: "published: ThingsBoard CE, Postgres, 27 % of 2 vCPU, 4 GB, with 10 alarms/s, for 24 h",
    samplesPerS: 3_000,
  },
  {
    case: "published: ThingsBoard CE, Postgres, 2 vCPU, 4 GB",
    samplesPerS: 30_000,
    gives: "out of memory after 13 minutes of 10,000 messages/s",
  },
];

export async function hub(report: Report): Promise<void> {
  const names = (prefix: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
  const [edges, plain] = [names("box", EDGES_MAX), names("plain", PLAIN_NODES)];
  const measured = await MeasuredHub.start([...edges, ...plain]);
  const load = new SteadyChild(edges.map((node) => measured.edge(node)));
  try {
    pinTo(load.pid, LOAD_CORE);
    const sustained =
      TAKEN_SAMPLES_PER_S === undefined ? await climb(measured, load, report) : Number(TAKEN_SAMPLES_PER_S);
    await calm(measured, load);
    await overload(measured, load, plain, sustained, report);
    for (const each of PUBLISHED) report(each);
  } finally {
    await load.stop();
    await measured.stop();
  }
}

/** Ends with the highest load that was held for a while, in samples a second. */
async function climb(measured: MeasuredHub, load: SteadyChild, report: Report): Promise<number> {
  const held: number[] = [];
  for (const [edges, samplesPerS] of steps()) {
    const { gives } = await step(measured, load, { edges, samplesPerS, for_ms: STEP_MS }, report);
    if (gives !== undefined) break;
    held.push(samplesPerS);
  }
  await calm(measured, load);
  for (const samplesPerS of held.toReversed()) {
    const edges = EDGES_MAX;
    const { cores, gives, window } = await step(
      measured,
      load,
      { edges, samplesPerS, for_ms: HOLD_MS },
      report,
    );
    if (gives !== undefined) {
      await calm(measured, load);
      continue;
    }
    const met = samplesPerS >= SAMPLES_PER_S_TARGET;
    report({ case: "sustained", edges, samplesPerS, target: SAMPLES_PER_S_TARGET, met, core: cores });
    report({
      case: `alarm, device → live stream, ${ALARMS_PER_S}/s beside it`,
      ...window.alarms,
      target: ALARM_P99_MS,
      met: window.alarms.p99_ms <= ALARM_P99_MS,
    });
    for (const [process, { rss_bytes }] of measured.sizes())
      report({ case: "memory then", process, rss_bytes });
    return samplesPerS;
  }
  throw new Error("the hub does not even hold the first step");
}

function* steps(): Generator<readonly [edges: number, samplesPerS: number]> {
  yield* STEPS;
  const [, last = 0] = STEPS.at(-1) ?? [];
  for (let next = last + STEP_SAMPLES_PER_S; next <= SAMPLES_PER_S_MAX; next += STEP_SAMPLES_PER_S)
    yield [EDGES_MAX, next];
}

interface Step {
  readonly edges: number;
  readonly samplesPerS: number;
  readonly for_ms: number;
}

async function step(
  measured: MeasuredHub,
  load: SteadyChild,
  { edges, samplesPerS, for_ms }: Step,
  report: Report,
): Promise<{ readonly gives: string | undefined; readonly window: LoadWindow; readonly cores: number }> {
  const recordsPerS = samplesPerS / PORTS;
  // Births of boxes that are new hold up what comes after them: how long is told, and not taken for the load's own.
  const arriving = performance.now();
  await calm(measured, load, edges);
  const takenIn_s = Number(((performance.now() - arriving) / 1_000).toFixed(1));
  await load.rate({ edges, recordsPerS, alarmsPerS: ALARMS_PER_S });
  await wait(SETTLE_MS);
  const pids = [...measured.pids().values()];
  measured.watch.take();
  const [before, lagBefore, cpu, started] = [
    await load.look(),
    await measured.lag(),
    cpuSeconds(pids),
    performance.now(),
  ];
  await wait(for_ms);
  const [after, lagAfter] = [await load.look(), await measured.lag()];
  const cores = Number(((cpuSeconds(pids) - cpu) / ((performance.now() - started) / 1_000)).toFixed(2));
  const window = { recordsPerS, before, after, lagBefore, lagAfter, alarms: measured.watch.take() };
  const gives = whatGives(window);
  report({
    case: for_ms === STEP_MS ? "step" : "held",
    edges,
    samplesPerS,
    takenIn_s,
    core: cores,
    ...window.alarms,
    gives: gives ?? "nothing",
  });
  return { gives, window, cores };
}

/** So many boxes and no load, until nothing waits anywhere. */
async function calm(measured: MeasuredHub, load: SteadyChild, edges = EDGES_MAX): Promise<void> {
  await load.rate({ edges, recordsPerS: 0, alarmsPerS: 0 });
  await load.drained(RECOVERY_MS_MAX);
  while ((await measured.lag()) > ALARMS_PER_S || (await measured.rulesLag_s()) > CALM_S) await wait(LOOK_MS);
}

async function overload(
  measured: MeasuredHub,
  load: SteadyChild,
  plain: readonly string[],
  sustained: number,
  report: Report,
): Promise<void> {
  const flood = await Flood.start(measured, plain);
  try {
    const ofEdges = OVERLOAD_OF_EDGES * sustained;
    const first = await load.rate({
      edges: EDGES_MAX,
      recordsPerS: ofEdges / PORTS,
      alarmsPerS: ALARMS_PER_S,
    });
    const before = await flood.rate((OVERLOAD - OVERLOAD_OF_EDGES) * sustained);
    measured.watch.take();
    const pids = measured.pids();
    const peaks = new Map<string, number>();
    const started = performance.now();
    while (performance.now() - started < OVERLOAD_MS) {
      await wait(LOOK_MS);
      for (const [name, { rss_bytes }] of measured.sizes())
        peaks.set(name, Math.max(peaks.get(name) ?? 0, rss_bytes));
    }
    const seconds = (performance.now() - started) / 1_000;
    const last = await load.look();
    const after = await flood.rate(0);
    const alarms = measured.watch.take();
    const flooded = after.sent + after.leftOut - before.sent - before.leftOut;
    const offered = (last.samples - first.samples + flooded) / seconds;
    report({
      case: `${OVERLOAD} times as much for ${Math.round(seconds)} s`,
      edges: EDGES_MAX + plain.length,
      samplesPerS: Math.round(offered),
      offeredOfTenfold: Number((offered / (OVERLOAD * sustained)).toFixed(2)),
      sentByPlainNodes: after.sent - before.sent,
      plainNodesCutOff: after.ended - before.ended,
      generatorLate_ms: last.late_ms,
      ...alarms,
      gives: overloadGives(first, last),
    });
    for (const [process, rss_bytes] of peaks) {
      const target = PROCESS_RSS_BYTES_MAX;
      report({ case: "most memory then", process, rss_bytes, target, met: rss_bytes <= target });
    }
    const ended = [...pids].filter(([name, pid]) => measured.pids().get(name) !== pid).map(([name]) => name);
    report({
      case: "processes that ended",
      n: ended.length,
      process: ended.join(", "),
      met: ended.length === 0,
    });
    await recover(measured, load, sustained / 2, report);
    await settle(measured, load, report);
    await accountOfPlain(measured, plain, await flood.rate(0), report);
  } finally {
    await flood.stop();
  }
}

const overloadGives = (first: SteadyLook, last: SteadyLook): string =>
  `full outboxes gave up ${last.lost - first.lost} samples; ${last.waiting.records} records wait at the edges`;

/** Half of what it sustains: how long until alarms are as quick as ever, and until nothing waits. */
async function recover(
  measured: MeasuredHub,
  load: SteadyChild,
  samplesPerS: number,
  report: Report,
): Promise<void> {
  const recordsPerS = samplesPerS / PORTS;
  const started = performance.now();
  await load.rate({ edges: EDGES_MAX, recordsPerS, alarmsPerS: ALARMS_PER_S });
  let quick_s: number | undefined;
  for (;;) {
    await wait(LOOK_MS);
    const alarms = measured.watch.take();
    const { waiting } = await load.look();
    const seconds = Number(((performance.now() - started) / 1_000).toFixed(1));
    const isQuick = alarms.n >= ALARMS_PER_S && alarms.p99_ms <= ALARM_P99_MS;
    quick_s = isQuick ? (quick_s ?? seconds) : undefined;
    const isDrained = waiting.records <= recordsPerS && (await measured.lag()) <= recordsPerS;
    const isOver = performance.now() - started > RECOVERY_MS_MAX;
    if (!isOver && !(isQuick && isDrained)) continue;
    report({
      case: `back to normal by itself, at ${Math.round(samplesPerS)} samples/s`,
      alarmsQuickAfter_s: quick_s ?? null,
      nothingWaitsAfter_s: isDrained ? seconds : null,
      met: isQuick && isDrained,
    });
    return;
  }
}

/** Nothing more is said; what the hub holds in the end, whether or not all of it has drained by then. */
async function settle(measured: MeasuredHub, load: SteadyChild, report: Report): Promise<void> {
  const isCalm = await calm(measured, load).then(
    () => true,
    () => false,
  );
  report({ case: "nothing waits anywhere in the end", met: isCalm });
  const look = await load.look();
  const alarms = await measured.account(look);
  const { lost, doubled, raised } = alarms;
  report({ case: "alarms raised by devices, over all", n: raised, lost, doubled, met: lost + doubled === 0 });
  const samples = await measured.samples();
  const unaccounted = samples.expected - samples.received - samples.lost;
  report({
    case: "samples of edges, over all",
    n: look.samples,
    lost: look.lost,
    bookedAsLost: samples.lost,
    unaccounted,
    met: unaccounted === 0 && samples.lost === look.lost,
  });
}

/** What they have handed over is in the journal, or the hub has counted it as left out. */
async function accountOfPlain(
  measured: MeasuredHub,
  nodes: readonly string[],
  { sent }: FloodCount,
  report: Report,
): Promise<void> {
  const inJournal = await measured.inJournalOf(new Set(nodes));
  const leftOut = await measured.leftOut();
  const unaccounted = sent - inJournal - leftOut;
  const met = unaccounted === 0;
  report({ case: "samples of nodes that nothing holds back", n: sent, inJournal, leftOut, unaccounted, met });
}

class Flood {
  readonly #child: ChildProcess;

  static async start(measured: MeasuredHub, nodes: readonly string[]): Promise<Flood> {
    const { campus, campusPath, password } = measured.edge(nodes[0] ?? "");
    const child = fork(join(import.meta.dirname, "plain-flood.ts"));
    pinTo(child.pid ?? 0, LOAD_CORE);
    const { mqttPort: port } = measured.hub.process;
    const options: FloodOptions = { port, campus, campusPath, nodes, password, ports: PORTS };
    child.send(options);
    await once(child, "message");
    return new Flood(child);
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  async rate(samplesPerS: number): Promise<FloodCount> {
    const answer = once(this.#child, "message");
    this.#child.send(samplesPerS);
    const [count] = (await answer) as [FloodCount];
    return count;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.disconnect();
    await ended;
  }
}
