/**
 * An hour at half of what the hub sustains, with a fault a minute. `CAMPUS_OPS_SOAK_MINUTES` says how long instead,
 * `CAMPUS_OPS_SEED` which faults come when, `CAMPUS_OPS_SOAK_FAULTS` only those
 * with that in their name, `CAMPUS_OPS_BENCH_SAMPLES_PER_S` what the hub is taken to sustain.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { get } from "node:http";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { SmallDisk } from "@campus-ops/broker/journal/testing/small-disk";
import { FaultProxy, FAULTS as NETWORK_FAULTS } from "../testing/fault-proxy.ts";
import { RealBox } from "../testing/load/real-box.ts";
import { SteadyChild } from "../testing/load/steady-child.ts";
import { type Random, random, seedOf } from "../testing/random.ts";
import { LOAD_CORE, MeasuredHub, PORTS, type ProcessSize, pinTo } from "./measured-hub.ts";
import type { Kept } from "./page.ts";
import type { Report } from "./result.ts";
import { floorsOf, type Reading, slopeOf } from "./slope.ts";

const MINUTES = Number(process.env.CAMPUS_OPS_SOAK_MINUTES ?? 60);
const EDGES = 200;
const ALARMS_PER_S = 24;
/** Where the hub's own figure has never been kept. */
const SAMPLES_PER_S_OTHERWISE = 20_000;
const BOX = "real-box";
/** A door controller with a log of its own, a room monitor, and a projector with a session. */
const PROFILES = [
  "access-gate/generic-modbus-controller",
  "environment-sensor/generic-room-monitor",
  "projector/generic-pjlink-class-1",
] as const;

/** The fault holds for the first part of its minute. */
const FAULT_MS = 20_000;
const MINUTE_MS = 60_000;
const LOOK_MS = 5_000;
/** Compiling and filling caches is no leak. */
const WARM_UP_MS = 90_000;
/** A quiet broker was seen to collect all of its heap every six minutes; what is in it in between is no leak either. */
const FLOOR_S = 360;
const DRAIN_MS_MAX = 600_000;

const DISK_BYTES = 24 * 2 ** 30;
/** Below what the journal keeps for alarms and access events. */
const DISK_LEFT_BYTES = 64 * 2 ** 20;

/** Said beforehand: what grows by no more than this is flat. */
const RSS_BYTES_PER_HOUR_MAX = 50e6;
const DESCRIPTORS_PER_HOUR_MAX = 20;

interface Site {
  readonly measured: MeasuredHub;
  readonly proxy: FaultProxy;
  readonly disk: SmallDisk;
  readonly box: RealBox;
  readonly chance: Random;
  load: SteadyChild;
  begin(): Promise<SteadyChild>;
}

/** Each breaks something, and gives back how it is mended when its time is over. */
type Fault = (site: Site) => Promise<() => Promise<void>>;

const nothing = async (): Promise<void> => undefined;

const killed =
  (part: string): Fault =>
  async ({ measured }) => {
    await measured.hub.process.killAndAwaitReturn(part);
    return nothing;
  };

const FAULTS: Readonly<Record<string, Fault>> = {
  "kill -9 of the broker": killed("broker"),
  "kill -9 of ingest": killed("ingest"),
  "kill -9 of rules": killed("rules"),
  "kill -9 of the console": killed("dashboards"),
  "kill -9 of the edges": async (site) => {
    await site.load.kill();
    site.load = await site.begin();
    return nothing;
  },
  ...Object.fromEntries(
    NETWORK_FAULTS.map((fault): [string, Fault] => [
      `network of all edges: ${fault}`,
      async ({ proxy }) => {
        proxy.inject(fault);
        return async () => proxy.heal();
      },
    ]),
  ),
  "a full disk": async ({ disk }) => {
    const filling = join(disk.folder, "filling");
    const { bavail, bsize } = statfsSync(disk.folder);
    run("fallocate", "--length", String(Math.max(bsize, bavail * bsize - DISK_LEFT_BYTES)), filling);
    return async () => rmSync(filling);
  },
  "a page that does not read": async ({ measured }) => {
    const request = get(`${measured.hub.process.url}/api/v1/stream`, { agent: false }, (answer) =>
      answer.pause(),
    );
    request.on("error", () => undefined);
    return async () => void request.destroy();
  },
  "faults of devices": async ({ box, chance }) => {
    const broken = [...box.devices.values()].map((device) => {
      const fault = device.faults[Math.floor(chance() * device.faults.length)];
      return { device, fault: fault ?? null };
    });
    for (const { device, fault } of broken) await device.fault(fault);
    return async () => {
      for (const { device } of broken) await device.fault(null);
    };
  },
};

const CHOSEN = Object.keys(FAULTS).filter((name) => name.includes(process.env.CAMPUS_OPS_SOAK_FAULTS ?? ""));

export async function soak(report: Report): Promise<void> {
  const seed = seedOf(process.env.CAMPUS_OPS_SEED);
  const disk = new SmallDisk(DISK_BYTES);
  const nodes = Array.from({ length: EDGES }, (_, index) => `box-${index + 1}`);
  const measured = await MeasuredHub.start([...nodes, BOX], join(disk.folder, "data"));
  const proxy = await FaultProxy.start(measured.hub.process.mqttPort, random(seed));
  const edges = nodes.map((node) => measured.edge(node, proxy.url));
  const samplesPerS = halfOfSustained();
  const begin = async (): Promise<SteadyChild> => {
    const load = new SteadyChild(edges);
    pinTo(load.pid, LOAD_CORE);
    await load.rate({ edges: EDGES, recordsPerS: samplesPerS / PORTS, alarmsPerS: ALARMS_PER_S });
    return load;
  };
  const box = await RealBox.start(measured.edge(BOX, proxy.url), PROFILES, [
    "taskset",
    "--cpu-list",
    LOAD_CORE,
  ]);
  const site: Site = { measured, proxy, disk, box, chance: random(seed), load: await begin(), begin };
  try {
    report({ case: "load", edges: EDGES, samplesPerS, alarmsPerS: ALARMS_PER_S, minutes: MINUTES, seed });
    const sizes = new Sizes(site);
    for (const [fault, times] of await carryOut(site, sizes))
      report({ case: "fault", process: fault, n: times });
    report({ case: "alarm, device → live stream, faults and all", ...measured.watch.take() });
    sizes.report(report);
    await settle(site, report);
  } finally {
    await site.load.stop();
    await box.stop();
    await proxy.stop();
    await measured.stop();
    disk.remove();
    rmSync(measured.hub.process.run, { recursive: true, force: true });
  }
}

/** A fault a minute, all of them in turn, each round in another order; how often each came. */
async function carryOut(site: Site, sizes: Sizes): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  let round: string[] = [];
  const started = performance.now();
  for (let minute = 0; minute < MINUTES; minute += 1) {
    if (round.length === 0) round = shuffled(CHOSEN, site.chance);
    const name = round.pop() ?? "";
    const begins = started + minute * MINUTE_MS;
    await sizes.until(begins);
    console.error(`minute ${minute + 1} of ${MINUTES}: ${name}; now ${sizes.now()}`);
    const mend = await FAULTS[name]?.(site);
    await sizes.until(begins + FAULT_MS);
    await mend?.();
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  await sizes.until(started + MINUTES * MINUTE_MS);
  return times;
}

/** Memory and open files of each process, from life to life. */
class Sizes {
  readonly #site: Site;
  readonly #lives = new Map<string, Map<number, { readonly since: number; readonly seen: Seen[] }>>();

  constructor(site: Site) {
    this.#site = site;
  }

  async until(instant: number): Promise<void> {
    while (performance.now() < instant) {
      await wait(Math.min(LOOK_MS, Math.max(0, instant - performance.now())));
      this.#look();
    }
  }

  /** What each holds now, for whoever watches. */
  now(): string {
    const latest = [...this.#lives].map(([process, lives]) => {
      const seen = [...lives.values()].at(-1)?.seen.at(-1);
      return `${process} ${Math.round((seen?.rss_bytes ?? 0) / 1e6)} MB, ${seen?.descriptors} open`;
    });
    return latest.join("; ");
  }

  report(report: Report): void {
    for (const [process, lives] of this.#lives) {
      const warm = [...lives.values()].map(({ seen, since }) =>
        seen.filter(({ at }) => at - since >= WARM_UP_MS),
      );
      const all = [...lives.values()].flatMap(({ seen }) => seen);
      const of = (what: keyof ProcessSize): readonly (readonly Reading[])[] =>
        warm.map((life) => life.map(({ at, ...size }) => ({ at_s: at / 1_000, value: size[what] })));
      const most = (what: keyof ProcessSize): number => Math.max(...all.map((each) => each[what]));
      const common = { process, lives: lives.size };
      const rss = slopeOf(of("rss_bytes").map((life) => floorsOf(life, FLOOR_S)));
      report({
        case: "resident memory",
        ...common,
        unit: "B",
        most: most("rss_bytes"),
        ...verdict(rss, RSS_BYTES_PER_HOUR_MAX),
      });
      const open = slopeOf(of("descriptors"));
      report({
        case: "open descriptors",
        ...common,
        unit: "descriptors",
        most: most("descriptors"),
        ...verdict(open, DESCRIPTORS_PER_HOUR_MAX),
      });
    }
  }

  #look(): void {
    const { box, measured } = this.#site;
    const pids = new Map([...measured.pids(), ["edge agent with devices", box.pid]]);
    const sizes = measured.sizes(pids);
    const at = performance.now();
    for (const [name, size] of sizes) {
      const lives = this.#lives.get(name) ?? new Map();
      this.#lives.set(name, lives);
      const pid = pids.get(name) ?? 0;
      const life = lives.get(pid) ?? { since: at, seen: [] };
      lives.set(pid, life);
      life.seen.push({ at, ...size });
    }
  }
}

interface Seen extends ProcessSize {
  readonly at: number;
}

/** Flat when what it may really be is not all above the bound. */
function verdict({ confidence, perHour, readings }: ReturnType<typeof slopeOf>, most: number) {
  const isKnown = Number.isFinite(confidence);
  return {
    perHour: isKnown ? Math.round(perHour) : null,
    plusMinus: isKnown ? Math.round(confidence) : null,
    readings,
    target: most,
    met: isKnown ? perHour - confidence <= most : null,
  };
}

async function settle({ load, measured }: Site, report: Report): Promise<void> {
  const started = performance.now();
  await load.rate({ edges: EDGES, recordsPerS: 0, alarmsPerS: 0 });
  const look = await load.drained(DRAIN_MS_MAX);
  report({
    case: "drained after the last minute",
    unit: "s",
    n: Math.round((performance.now() - started) / 1_000),
  });
  const { doubled, lost, raised } = await measured.account(look);
  report({ case: "alarms raised by devices", n: raised, lost, doubled, met: lost + doubled === 0 });
  const { expected, lost: booked, received } = await measured.samples();
  const journal = await measured.inJournal();
  report({
    case: "samples and events acknowledged",
    n: received,
    lost: expected - received,
    bookedAsLost: booked,
    doubled: journal - received,
    met: expected - received === booked && booked === look.lost && journal === received,
  });
}

function halfOfSustained(): number {
  const taken = process.env.CAMPUS_OPS_BENCH_SAMPLES_PER_S;
  if (taken !== undefined) return Number(taken) / 2;
  const file = resolve(import.meta.dirname, "../../docs/benchmarks.json");
  const kept: Kept = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const sustained = kept.hub?.results.find((result) => result.case === "sustained")?.samplesPerS;
  return typeof sustained === "number" ? sustained / 2 : SAMPLES_PER_S_OTHERWISE;
}

function shuffled<T>(all: readonly T[], chance: Random): T[] {
  return all
    .map((each) => ({ each, key: chance() }))
    .sort((a, b) => a.key - b.key)
    .map(({ each }) => each);
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}
