/** What a process uses, as the kernel says, and how it is kept from others on a machine that is shared. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

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

/**
 * Lets a process go before what others run on the machine, as on a box where there are no others: all of its threads
 * in the real-time class, in turn. The main thread alone would keep its core from the threads that compile for it.
 * False where we may not: the others' load is then in the figures.
 */
export function goFirst(pid: number): boolean {
  const { status } = spawnSync("chrt", ["--rr", "--all-tasks", "--pid", "1", String(pid)]);
  return status === 0;
}
