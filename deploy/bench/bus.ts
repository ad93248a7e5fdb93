/**
 * One pair of wires with thirty Modbus RTU units: how long it takes to look at all of them, beside what the wires need
 * at least. The units answer at the pace of the baud rate, in a process of their own, on a pseudo-terminal.
 */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import type { ModbusProfile } from "@campus-ops/device-profiles/profiles/modbus-profile";
import { openSession } from "@campus-ops/edge-agent/driver-registry";
import type { BusAtPace } from "./bus-units.ts";
import { figure } from "./figure.ts";
import { goFirst } from "./process-usage.ts";
import type { Report } from "./result.ts";

const UNITS = 30;
const PROFILE = "environment-sensor/xy-md02";
const BAUD_RATES = [9_600, 19_200, 115_200] as const;
const RUNS = 5;
const WARM_UP_CYCLES = 3;
const PATIENCE_MS = 60_000;
/** Longer than the least by this share, at the usual speed of such buses. */
const OVERHEAD_MAX = 1.25;

/** MODBUS over Serial Line V1.02: 11 bits a character is with parity; without it our units send 10 (8N1). */
const CHARACTER_BITS = 10;
/** A read of two registers and its answer, with unit and CRC. */
const REQUEST_BYTES = 8;
const ANSWER_BYTES = 9;
/** 2.5.1.1: silence of 3.5 characters, 1.75 ms above 19200 baud, before the request and before the answer. */
const GAP_CHARACTERS = 3.5;
const GAP_MS_FAST = 1.75;

export async function bus(report: Report): Promise<void> {
  goFirst(process.pid);
  for (const baud of BAUD_RATES) {
    const units = await startUnits(baud);
    try {
      const cycles = await measure(units.path, baud);
      const least = leastCycle_ms(baud);
      const title = `${UNITS} units at ${baud} baud`;
      report(figure(`${title}: the least the wires need`, "ms", [least]));
      report(figure(`${title}: one look at all`, "ms", cycles));
      const ratios = cycles.map((cycle) => cycle / least);
      const target =
        baud === BAUD_RATES[0] ? ({ target: OVERHEAD_MAX, better: "lower" } as const) : undefined;
      report(figure(`${title}: of the least`, "ratio", ratios, target));
    } finally {
      units.stop();
    }
  }
}

/** Milliseconds for each run of looking at all units at once, as the agent's sessions do when their time has come. */
async function measure(path: string, baud: number): Promise<readonly number[]> {
  const profile = findProfile(PROFILE) as ModbusProfile;
  const environment = { now: Date.now, pseudonym: (text: string) => text };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const sessions = await Promise.all(
    Array.from({ length: UNITS }, (_, index) => {
      const url = new URL(`modbus+rtu://${path}?baud=${baud}&unit=${index + 1}`);
      return openSession({ url }, profile, environment, signal);
    }),
  );
  const cycle = async (): Promise<number> => {
    const startedAt = performance.now();
    const readings = await Promise.all(sessions.map((session) => session.poll?.(signal)));
    const took = performance.now() - startedAt;
    if (readings.some((reading) => reading?.samples.length !== 2)) throw new Error("a unit did not answer");
    return took;
  };
  try {
    for (let each = 0; each < WARM_UP_CYCLES; each += 1) await cycle();
    const took: number[] = [];
    for (let run = 0; run < RUNS; run += 1) took.push(await cycle());
    return took;
  } finally {
    for (const session of sessions) await session.close();
  }
}

function leastCycle_ms(baud: number): number {
  const character_ms = (CHARACTER_BITS * 1_000) / baud;
  const gap_ms = baud > 19_200 ? GAP_MS_FAST : GAP_CHARACTERS * character_ms;
  return UNITS * ((REQUEST_BYTES + ANSWER_BYTES) * character_ms + 2 * gap_ms);
}

async function startUnits(baud: number): Promise<{ readonly path: string; stop(): void }> {
  const child: ChildProcess = fork(join(import.meta.dirname, "bus-units.ts"), [
    String(baud),
    String(UNITS),
    PROFILE,
  ]);
  goFirst(child.pid ?? 0);
  const { path } = await new Promise<BusAtPace>((tell, fail) => {
    child.once("message", (message: BusAtPace) => tell(message));
    child.once("exit", () => fail(new Error("the units' process ended")));
  });
  return { path, stop: () => child.disconnect() };
}
