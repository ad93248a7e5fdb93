/** Who listens on a TCP port of this machine, as far as Linux's /proc tells an ordinary user. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

const LISTENING = "0A";

/** For example `node broker/main.ts (process 4711)`; undefined when nobody does or it cannot be seen. */
export function portHolder(port: number): string | undefined {
  const inodes = new Set([
    ...listeningInodes("/proc/net/tcp", port),
    ...listeningInodes("/proc/net/tcp6", port),
  ]);
  if (inodes.size === 0) return undefined;
  const pid = list("/proc").find(
    (entry) => /^\d+$/.test(entry) && list(`/proc/${entry}/fd`).some((fd) => inodes.has(link(entry, fd))),
  );
  return pid === undefined ? undefined : `${program(pid)} (process ${pid})`;
}

/** The program and its first argument, which for an interpreter is the script; no more, lest a password show. */
function program(pid: string): string {
  const [command = "a program", script] = read(`/proc/${pid}/cmdline`).split("\0");
  return script === undefined || script === "" || script.startsWith("-")
    ? basename(command)
    : `${basename(command)} ${script}`;
}

/** Each line of /proc/net/tcp: number, local address:port in hex, remote, state, … and the socket's inode as tenth. */
function listeningInodes(table: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return read(table)
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix) === true && columns[3] === LISTENING)
    .map((columns) => `socket:[${columns[9]}]`);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function link(pid: string, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return "";
  }
}
