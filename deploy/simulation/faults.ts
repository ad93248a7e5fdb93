/** What goes wrong, when, and for how long: drawn from the seed before anything depends on it. */

import type { Rules } from "./alarm-copy.ts";
import type { NetworkFaults, SimulatedBroker } from "./broker.ts";
import { DEVICES, SWITCH } from "./devices.ts";
import type { Edge } from "./edge.ts";
import type { Ingest } from "./ingest.ts";
import type { Random } from "./random.ts";
import { type Machine, WALL_BEGIN, type World } from "./world.ts";

/** Faults happen for so long; after that the world has to find back by itself. */
export const FAULTS_MS = 60_000;
/** Between two faults, on average. */
const FAULT_INTERVAL_MS = 2_500;
/** Of a device that comes and goes. */
const TURNS_MAX = 9;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const QUIET: NetworkFaults = { lose: 0, double: 0, swap: 0, delay_ms: [1, 20] };

export function networkFaults(random: Random): NetworkFaults {
  const share = (): number => (random.chance(0.5) ? 0 : random.next() * 0.03);
  return { lose: share(), double: share(), swap: share(), delay_ms: [1, random.between(5, 300)] };
}

export interface Stage {
  readonly world: World;
  readonly edges: readonly Edge[];
  readonly ingest: Ingest;
  readonly rules: Rules;
  readonly broker: SimulatedBroker;
}

type Fault = (stage: Stage, random: Random) => void;

const pickEdge = ({ edges }: Stage, random: Random): Edge => {
  const edge = edges[random.between(0, edges.length - 1)];
  if (edge === undefined) throw new Error("a world without edges");
  return edge;
};

function stall({ world, broker }: Stage, machine: Edge | Ingest, duration_ms: number): void {
  world.trace(machine.name, () => `is cut off for ${duration_ms} ms`);
  broker.stall(machine.link);
  const { stalls } = machine.link;
  world.schedule.after(duration_ms, () => {
    if (machine.link.stalls === stalls) machine.link.heal();
  });
}

function step({ world }: Stage, machine: Machine, offset_ms: number): void {
  world.trace(machine.name, () => `has its clock stepped to ${Math.round(offset_ms / 1000)} s off`);
  machine.clockOffset_ms = offset_ms;
}

function fillDisk({ world }: Stage, machine: Machine, disk: { isFull: boolean }, duration_ms: number): void {
  world.trace(machine.name, () => `has a full disk for ${duration_ms} ms`);
  disk.isFull = true;
  world.schedule.after(duration_ms, () => {
    disk.isFull = false;
  });
}

/** Stops answering once, or comes and goes; in the end it may be left out. */
function unsettle({ world }: Stage, edge: Edge, random: Random): void {
  const device = DEVICES[random.between(0, DEVICES.length - 1)] ?? SWITCH;
  let at_ms = 0;
  for (let turns = random.chance(0.5) ? 2 : random.between(1, TURNS_MAX); turns > 0; turns -= 1) {
    world.schedule.after(at_ms, () => edge.turn(device));
    at_ms += random.between(300, 12_000);
  }
}

const FAULTS: readonly Fault[] = [
  (stage, random) => stall(stage, pickEdge(stage, random), random.between(200, 30_000)),
  (stage, random) => stall(stage, stage.ingest, random.between(200, 30_000)),
  (stage, random) => stage.broker.reset(pickEdge(stage, random).link),
  ({ broker, ingest }) => broker.reset(ingest.link),
  (stage, random) => pickEdge(stage, random).crash(),
  ({ ingest }) => ingest.crash(),
  ({ rules }) => rules.crash(),
  ({ broker, world }, random) => {
    world.trace("broker", () => "stops");
    broker.stop();
    world.schedule.after(random.between(100, 5_000), () => broker.start());
  },
  (stage, random) => step(stage, pickEdge(stage, random), random.between(-HOUR_MS, HOUR_MS)),
  (stage, random) => step(stage, pickEdge(stage, random), random.chance(0.5) ? DAY_MS : -DAY_MS),
  (stage, random) => step(stage, pickEdge(stage, random), -WALL_BEGIN),
  (stage, random) => step(stage, stage.ingest, random.between(-HOUR_MS, HOUR_MS)),
  (stage, random) => {
    const edge = pickEdge(stage, random);
    fillDisk(stage, edge, edge.storage, random.between(500, 10_000));
  },
  (stage, random) => unsettle(stage, pickEdge(stage, random), random),
  (stage, random) => unsettle(stage, pickEdge(stage, random), random),
  (stage, random) => fillDisk(stage, stage.ingest, stage.ingest.journalDisk, random.between(500, 5_000)),
];

export function planFaults(stage: Stage, random: Random): void {
  stage.broker.faults = networkFaults(random);
  const cutChance = random.chance(0.5) ? 0 : random.next() * 0.01;
  for (const machine of [...stage.edges, stage.ingest, stage.rules]) machine.cutChance = cutChance;
  let at_ms = random.between(1, FAULT_INTERVAL_MS);
  while (at_ms < FAULTS_MS) {
    const fault = FAULTS[random.between(0, FAULTS.length - 1)];
    const own = random.fork(String(at_ms));
    stage.world.schedule.after(at_ms, () => fault?.(stage, own));
    at_ms += random.between(1, 2 * FAULT_INTERVAL_MS);
  }
}

/** From here on nothing goes wrong any more, and what went wrong is mended. */
export function heal({ broker, edges, ingest, rules, world }: Stage): void {
  world.trace("world", () => "faults are over");
  broker.faults = QUIET;
  broker.start();
  for (const machine of [...edges, ingest, rules]) {
    machine.isSafe = true;
    machine.clockOffset_ms = 0;
  }
  for (const { link } of [...edges, ingest]) link.heal();
  for (const edge of edges) {
    edge.storage.isFull = false;
    edge.reporting = false;
  }
  ingest.journalDisk.isFull = false;
}
