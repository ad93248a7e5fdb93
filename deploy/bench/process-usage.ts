/** What a process uses, as the kernel says, and how it is kept from others on a machine that is shared. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";

/** `USER_HZ`, which Linux fixes for /proc on every architecture we run on. */
const TICKS_A_SECOND = 100;

/** User and system time of all of them: proc_pid_stat(5) fields 14 and 15; the name in field 2 may hold anything, brackets too. */
export function cpuSeconds(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_A_SECOND;
}

export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

/** The highest: beside it, what others run gets about one part in ninety. */
const NICENESS = -20;

/**
 * Lets a process go before what others run on the machine, as on a box where there are no others. The kernel shares the core
 * out among the hub's own processes as it would there, in slices of a few milliseconds: in the real-time class they would wait a
 * tenth of a second for each other. False where we may not: the others' load is then in the figures.
 */
export function goFirst(pid: number): boolean {
  try {
    for (const task of readdirSync(`/proc/${pid}/task`)) setPriority(Number(task), NICENESS);
    // sched(7): where sessions share the processor out first, niceness counts within each of them.
    if (existsSync(`/proc/${pid}/autogroup`)) writeFileSync(`/proc/${pid}/autogroup`, String(NICENESS));
    return true;
  } catch {
    return false;
  }
}
