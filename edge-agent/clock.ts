/** The machine's clocks, and what the system says of them. */
import { existsSync, statSync } from "node:fs";
import { performance } from "node:perf_hooks";
import type { ClockReading } from "./core/box-clock.ts";

/** systemd-timesyncd makes the folder when it starts and the file when it has heard a server (systemd-timesyncd.service(8)). */
const TIMESYNC_FOLDER = "/run/systemd/timesync";
const SYNCHRONISED_FILE = "synchronized";
/** How often the system is asked. */
const ASK_MS = 2_000;

/** Reads the clocks; `folder` is timesyncd's. Where another program sets the time, the system says nothing. */
export function machineClock(folder = TIMESYNC_FOLDER): () => ClockReading {
  let asked_ms = Number.NEGATIVE_INFINITY;
  let synchronised: boolean | undefined;
  return () => {
    const uptime_ms = performance.now();
    // Once it has been synchronised it stays so: the file is not taken away.
    if (synchronised !== true && uptime_ms - asked_ms >= ASK_MS) {
      asked_ms = uptime_ms;
      if (existsSync(`${folder}/${SYNCHRONISED_FILE}`)) synchronised = true;
      else synchronised = existsSync(folder) ? false : undefined;
    }
    return { wall: Date.now(), uptime_ms, synchronised };
  };
}

/** When this program was put here: no time before it can be right. */
export function installedAt(): number {
  return Math.floor(statSync(new URL("./package.json", import.meta.url)).mtimeMs);
}
