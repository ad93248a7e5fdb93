/** Memory and processor of each process of the demonstration's hub: while nothing happens, and through a school day. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SimulatorControl } from "../testing/api-client.ts";
import { HubProcess } from "../testing/hub-process.ts";
import { cpuSeconds, residentBytes } from "./process-usage.ts";
import type { Result } from "./result.ts";

/** After the start's own work is done, so that it is not taken for idling. */
const SETTLE_MS = 20_000;
const IDLE_MS = 60_000;
/** A whole school day. */
const BUSY_MS = 270_000;

const EDGE_BYTES_MAX = 110e6;
const HUB_BYTES_MAX = 700e6;
const IDLE_CORE_MAX = 0.15;

/** The devices are not part of the hub. */
const NOT_THE_HUB = "simulators";

interface Usage {
  readonly rss_bytes: number;
  /** Share of one core. */
  readonly core: number;
}

export async function footprint(report: (result: Result) => void): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "campus-ops-footprint-"));
  // The first start on a machine compiles everything, and keeps it; every later one is what a school has.
  const first = await HubProcess.start({ data });
  await first.ready();
  await first.stop();
  const hub = await HubProcess.start({ data });
  try {
    await hub.ready();
    const control = new SimulatorControl(hub.private_("simulators"));
    await control.schoolDay(false);
    await wait(SETTLE_MS);
    for (const [phase, milliseconds] of [
      ["idle", IDLE_MS],
      ["school day", BUSY_MS],
    ] as const) {
      if (phase === "school day") await control.schoolDay(true);
      const usage = await measure(hub, milliseconds);
      for (const [name, { rss_bytes, core }] of usage) {
        report({
          case: phase,
          process: name,
          rss_bytes,
          core,
          ...(name.startsWith("edge ") ? edgeTarget(rss_bytes) : {}),
        });
      }
      const parts = [...usage].filter(([name]) => name !== NOT_THE_HUB).map(([, each]) => each);
      report({ case: phase, process: "whole hub with its three edge agents", ...sum(parts) });
      const alone = [...usage].filter(([name]) => name !== NOT_THE_HUB && !name.startsWith("edge "));
      const whole = sum(alone.map(([, each]) => each));
      const met = whole.rss_bytes < HUB_BYTES_MAX && (phase !== "idle" || whole.core < IDLE_CORE_MAX);
      report({
        case: phase,
        process: "hub alone",
        ...whole,
        target_bytes: HUB_BYTES_MAX,
        target_idleCore: IDLE_CORE_MAX,
        met,
      });
    }
  } finally {
    await hub.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

const edgeTarget = (rss_bytes: number): Result => ({
  target_bytes: EDGE_BYTES_MAX,
  met: rss_bytes < EDGE_BYTES_MAX,
});

const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function measure(hub: HubProcess, milliseconds: number): Promise<ReadonlyMap<string, Usage>> {
  const pids = new Map<string, number>([["supervisor", hub.supervisorPid]]);
  for (const name of hub.processes()) pids.set(name, hub.pid(name));
  const before = new Map([...pids].map(([name, pid]) => [name, cpuSeconds([pid])]));
  const startedAt = performance.now();
  await wait(milliseconds);
  const seconds = (performance.now() - startedAt) / 1000;
  return new Map(
    [...pids].map(([name, pid]) => {
      const core = (cpuSeconds([pid]) - (before.get(name) ?? 0)) / seconds;
      return [name, { rss_bytes: residentBytes(pid), core: Math.round(core * 1000) / 1000 }];
    }),
  );
}

function sum(all: readonly Usage[]): { rss_bytes: number; core: number } {
  const core = all.reduce((total, each) => total + each.core, 0);
  return {
    rss_bytes: all.reduce((total, each) => total + each.rss_bytes, 0),
    core: Math.round(core * 1000) / 1000,
  };
}
