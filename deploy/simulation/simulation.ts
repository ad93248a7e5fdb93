/** One seed, one world, from its first event to the last check. */
import { completenessOf, outstanding } from "@campus-ops/ingest/core/completeness";
import type { DeviceAsset } from "@campus-ops/ingest/core/registry";
import { alarmId } from "@campus-ops/rules/core/identity";
import { type AlarmRow, Rules } from "./alarm-copy.ts";
import { SimulatedBroker } from "./broker.ts";
import { DEVICES, SWITCH } from "./devices.ts";
import { PowerCutError } from "./disk.ts";
import { Edge } from "./edge.ts";
import { FAULTS_MS, heal, planFaults, QUIET, type Stage } from "./faults.ts";
import { Ingest } from "./ingest.ts";
import { type Invariant, Observer } from "./invariants.ts";
import { JournalView } from "./journal.ts";
import { Random } from "./random.ts";
import { reference } from "./reference.ts";
import { Schedule } from "./schedule.ts";
import { REFUSED } from "./site.ts";
import { type Pieces, REAL_PIECES, type World } from "./world.ts";

/** How long everything may take to arrive once faults are over: back-offs and patience have grown long by then. */
const CONVERGE_MS_MAX = 900_000;
const EDGES_MAX = 3;

export interface Options {
  readonly seed: number;
  readonly pieces?: Partial<Pieces>;
  readonly onTrace?: (at_ms: number, who: string, what: string) => void;
}

export interface Outcome {
  readonly seed: number;
  /** Absent when everything held. */
  readonly broken?: { readonly invariant: Invariant; readonly message: string };
  readonly events: number;
  readonly entries: number;
  readonly virtual_ms: number;
}

export async function simulate({ seed, pieces, onTrace }: Options): Promise<Outcome> {
  const schedule = new Schedule();
  const random = new Random(seed);
  const observer = new Observer();
  const broker = new SimulatedBroker(schedule, random.fork("broker"), QUIET);
  const world: World = {
    schedule,
    broker,
    observer,
    pieces: { ...REAL_PIECES, ...pieces },
    trace: (who, what) => onTrace?.(schedule.now_ms, who, what()),
  };
  const view = new JournalView();
  const rules = new Rules(world, random.fork("rules"), view);
  const ingest = new Ingest(world, random.fork("ingest"), view, () => rules.read());
  const edges = Array.from({ length: random.between(1, EDGES_MAX) }, (_, index) => {
    const own = random.fork(`edge ${index}`);
    const options = {
      bytesMax: own.chance(0.5) ? own.between(1_000, 3_000) : 1_000_000,
      daysMax: 90,
      report_ms: own.between(150, 900),
    };
    return new Edge(world, `edge-${index + 1}`, own, options);
  });
  const stage: Stage = { world, broker, edges, ingest, rules };
  const check = (): boolean => observer.broken !== undefined;
  const run = (until_ms: number, done: () => boolean): Promise<void> =>
    schedule.run(
      until_ms,
      () => check() || done(),
      (error) => error instanceof PowerCutError,
    );

  for (const machine of [rules, ingest, ...edges]) machine.start();
  planFaults(stage, random.fork("faults"));
  await run(FAULTS_MS, () => false);
  if (!check()) {
    heal(stage);
    await converge(stage, run);
    comparePresence(stage);
    for (const edge of edges) {
      for (const device of DEVICES) if (edge.devices.isOut(device)) edge.turn(device);
      edge.reportAll();
    }
    await converge(stage, run);
    comparePresence(stage);
  }
  if (!check()) {
    ingest.flush();
    rules.commit();
    observer.settled();
    compare(stage, view);
  }
  const { broken } = observer;
  const outcome = { seed, events: schedule.events, entries: view.last, virtual_ms: schedule.now_ms };
  return broken === undefined
    ? outcome
    : { ...outcome, broken: { invariant: broken.invariant, message: broken.message } };
}

/** Looks once a virtual second, because looking costs. */
async function converge(
  { edges, ingest, rules, world }: Stage,
  run: (until_ms: number, done: () => boolean) => Promise<void>,
): Promise<void> {
  const { observer, schedule } = world;
  const deadline_ms = schedule.now_ms + CONVERGE_MS_MAX;
  const arrived = (): boolean =>
    edges.every(({ isEmpty, isOnline, knowsDevices }) => isEmpty && isOnline && knowsDevices) &&
    ingest.isCaughtUp &&
    rules.isCaughtUp;
  // Twice in a row: a birth is acknowledged by nobody, and may still be on its way.
  for (let looks = 0; looks < 2 && observer.broken === undefined && schedule.now_ms < deadline_ms; ) {
    await run(schedule.now_ms + 1_000, () => false);
    looks = arrived() ? looks + 1 : 0;
  }
  observer.expect(arrived(), "converges", () => {
    const waiting = edges.map(
      ({ isOnline, name, waitingRecords }) => `${name} ${isOnline} ${waitingRecords}`,
    );
    return `after ${CONVERGE_MS_MAX / 1_000} s there wait: ${waiting.join(", ")}`;
  });
}

/** Who is there, and who is not, by DBIRTH and DDEATH and by what was reported. */
function comparePresence({ edges, ingest, world: { observer } }: Stage): void {
  const known = ingest.copies?.registry.registry.devices;
  for (const { devices, key } of edges) {
    for (const device of DEVICES) {
      const asset = known?.get(`${key}/${device}`);
      const told = `${device} of ${key} is ${devices.isOut(device) ? "out" : "there"}, and for the hub ${asset?.health}`;
      const isUnreachable = asset?.health === "unreachable";
      observer.expect(isUnreachable === devices.isOut(device), "presence", () => told);
      if (!devices.isOut(device))
        observer.expect(asset?.online === true, "presence", () => `${told}, and dead`);
    }
  }
}

/** What the projections hold after all their crashes, against one reading of the whole journal. */
function compare({ edges, ingest, rules, world: { observer } }: Stage, view: JournalView): void {
  const wanted = reference(view);
  const copies = ingest.copies;
  if (copies === undefined) throw new Error("the ingest process is not running");
  observer.expect(same(copies.store.points(), wanted.points), "store", () => "its points are others");
  observer.expect(same(rules.rows, wanted.alarms), "alarms", () => differs(rules.rows, wanted.alarms));
  observer.expect(
    rules.inputs === wanted.inputs,
    "alarms",
    () => `${rules.inputs} inputs, not ${wanted.inputs}`,
  );
  for (const asset of wanted.registry.devices.values()) {
    const known = copies.registry.registry.devices.get(asset.key);
    observer.expect(
      assetText(known) === assetText(asset),
      "registry",
      () => `${assetText(known)}, not ${assetText(asset)}`,
    );
  }
  const raised = Map.groupBy(
    rules.rows.filter(({ event }) => event === "raise"),
    ({ alarm }) => alarm,
  );
  const points = Map.groupBy(
    copies.store.points().filter(({ metric }) => metric.endsWith("Octets")),
    ({ device, metric, value }) => `${device} ${metric} ${value}`,
  );
  for (const { key, devices, name } of edges) {
    for (const { record, journaled } of observer.records(key)) {
      if (!journaled) continue;
      for (const metric of record.metrics) {
        if (record.dataClass === "access") {
          const gate = `${key}/${record.device}`;
          const alarm = alarmId(REFUSED, gate, credentialOf(metric.value));
          const times = raised.get(alarm)?.length ?? 0;
          observer.expect(times === 1, "alarms", () => `${record.range.first} of ${name}: ${times} alarms`);
        } else if (record.device === SWITCH && record.dataClass === "telemetry") {
          const point = `${key}/${record.device} ${metric.name} ${String(metric.value)}`;
          observer.expect(points.has(point), "store", () => `${record.range.first} of ${name} is missing`);
        }
      }
    }
    const { registry } = copies.registry;
    for (const { device, metric, value } of devices.current()) {
      const known = registry.devices.get(`${key}/${device}`)?.metrics.get(metric)?.value;
      observer.expect(known === value, "registry", () => `${metric} of ${name}: ${known}, not ${value}`);
    }
    const node = registry.nodes.get(key);
    const lost = node?.lost ?? 0;
    const told = observer.told(key);
    observer.expect(lost === told, "registry", () => `${name} lost ${told} samples, not ${lost}`);
    const missing = outstanding(completenessOf(node?.epochs.values() ?? [], node?.plain ?? 0, lost));
    observer.expect(missing === 0, "registry", () => `${missing} samples of ${name} are still waited for`);
  }
}

function assetText(asset: DeviceAsset | undefined): string {
  return JSON.stringify({ ...asset, metrics: [...(asset?.metrics ?? [])] });
}

function credentialOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("metrics" in value)) return undefined;
  const members = value.metrics as readonly { readonly name?: string; readonly value: unknown }[];
  return String(members.find(({ name }) => name === "credential")?.value);
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && JSON.stringify(a) === JSON.stringify(b);
}

function differs(a: readonly AlarmRow[], b: readonly AlarmRow[]): string {
  const index = a.findIndex((row, place) => JSON.stringify(row) !== JSON.stringify(b[place]));
  return `${a.length} transitions, not ${b.length}; ${index}: ${JSON.stringify(a[index])}, not ${JSON.stringify(b[index])}`;
}
