/**
 * A back-test over a journal as ingest writes it: read, decoded, and through two engines, those in force and the
 * candidate's. A campus of 400 devices that each tell ten readings every hundred seconds, over hours instead of a month.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NewEntry, openJournalReader, openJournalWriter } from "@campus-ops/broker/journal";
import { encodePayload, type Metric } from "@campus-ops/broker/sparkplug";
import { type Address, CampusId, DataType, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { BackTest, withRules } from "@campus-ops/rules/core/back-test";
import { cycleCalendar, STANDARD_WINDOWS } from "@campus-ops/rules/core/calendar";
import { BUILT_IN_PACKS, loadPacks, packFiles } from "@campus-ops/rules/packs";
import { replay } from "@campus-ops/rules/replay";
import { figure } from "./figure.ts";
import type { Report } from "./result.ts";

const DEVICES = 400;
const EVERY_MS = 100_000;
const HOURS = 12;
const RUNS = 3;
const GROUP_ENTRIES = 1_000;
const MONTH_SAMPLES = 100_000_000;
const TARGET_S = 300;
const BEGIN = Date.UTC(2026, 8, 7);

const METRICS = [
  ["Environment/CO2", DataType.Double, 600],
  ["Environment/Temperature", DataType.Double, 24],
  ["Environment/Humidity", DataType.Double, 50],
  ["Environment/PM25", DataType.Double, 20],
  ["Environment/PM10", DataType.Double, 30],
  ["Environment/Noise", DataType.Double, 45],
  ["Environment/Illuminance", DataType.Double, 400],
  ["Environment/TVOC", DataType.Double, 0.2],
  ["Connectivity/RoundTrip", DataType.Double, 12],
  ["Environment/Smoke", DataType.Boolean, 0],
] as const;

const address = (device?: number): Address => {
  const box = { campus: CampusId("school"), node: NodeId("box") };
  return device === undefined ? box : { ...box, device: DeviceId(`air-${device}`) };
};

function births(): readonly NewEntry[] {
  const property = (name: string, value: string): Metric => ({
    name: `Properties/${name}`,
    datatype: DataType.String,
    timestamp: BEGIN,
    value,
  });
  const entry = (kind: "NBIRTH" | "DBIRTH", device: number | undefined, metrics: Metric[]): NewEntry => ({
    kind,
    address: address(device),
    receivedAt: BEGIN,
    payload: encodePayload({ timestamp: BEGIN, seq: 0, metrics }),
  });
  return [
    entry("NBIRTH", undefined, [property("Class", "edge-box")]),
    ...Array.from({ length: DEVICES }, (_, device) =>
      entry("DBIRTH", device, [
        property("Class", "environment-sensor"),
        ...METRICS.map(([name, datatype, value], index) => ({
          name,
          alias: device * METRICS.length + index + 1,
          datatype,
          timestamp: BEGIN,
          value: datatype === DataType.Boolean ? false : value,
        })),
      ]),
    ),
  ];
}

function data(device: number, at: number): NewEntry {
  const metrics = METRICS.map(([, datatype, value], index): Metric => {
    const swing = Math.sin(at / 3_000_000 + device) * (0.3 + (device % 7) / 5);
    return {
      alias: device * METRICS.length + index + 1,
      datatype,
      timestamp: at - 40,
      value: datatype === DataType.Boolean ? false : value * (1 + swing),
    };
  });
  const payload = encodePayload({ timestamp: at, seq: 0, metrics });
  return { kind: "DDATA", address: address(device), receivedAt: at, payload };
}

async function write(folder: string): Promise<void> {
  const journal = openJournalWriter(folder);
  await journal.append(births());
  let waiting: NewEntry[] = [];
  for (let at = BEGIN + 1_000; at < BEGIN + HOURS * 3_600_000; at += 1_000) {
    const first = Math.round(at / 1_000) % (EVERY_MS / 1_000);
    for (let device = first; device < DEVICES; device += EVERY_MS / 1_000) waiting.push(data(device, at));
    waiting.push({ kind: "CLOCK", receivedAt: at, payload: new Uint8Array() });
    if (waiting.length < GROUP_ENTRIES) continue;
    await journal.append(waiting);
    waiting = [];
  }
  await journal.append(waiting);
  await journal.close();
}

export async function backTest(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "back-test-bench-"));
  try {
    await write(folder);
    const windows = new Set(STANDARD_WINDOWS);
    const files = BUILT_IN_PACKS.flatMap((name) => packFiles(name, ""));
    const inForce = loadPacks(files, {}, windows);
    const changed = loadPacks(files, { co2Limit: 1_000, equipmentRoomCelsius: 35 }, windows);
    const calendar = cycleCalendar({
      period_ms: 86_400_000,
      anchor: 0,
      windows: { lesson: [[0, 28_800_000]], closed: [[50_400_000, 86_400_000]] },
    });
    const rates: number[] = [];
    const seconds: number[] = [];
    let difference: ReturnType<BackTest["result"]> | undefined;
    for (let run = 0; run < RUNS; run += 1) {
      const test = new BackTest(
        { inForce, candidate: withRules(inForce, changed) },
        { calendar, campusPath: (campus) => campus, grace_ms: 30_000 },
      );
      const journal = openJournalReader(folder, { onUnreadable: () => undefined });
      const before = process.cpuUsage();
      const { samples } = await replay({ journal, actions: [], step: (input) => test.step(input) });
      const { user, system } = process.cpuUsage(before);
      await journal.close();
      const rate = (samples / (user + system)) * 1e6;
      rates.push(rate);
      seconds.push(MONTH_SAMPLES / rate);
      difference = test.result();
    }
    report({
      ...figure(
        "journal to difference, ten readings an entry, two rules changed",
        "samples/s of a core",
        rates,
      ),
      hours: HOURS,
      new: difference?.new.count ?? null,
      gone: difference?.gone.count ?? null,
      changed: difference?.changed.count ?? null,
    });
    report(
      figure("a month of one campus, 100 M samples, at that rate", "s", seconds, {
        target: TARGET_S,
        better: "lower",
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
