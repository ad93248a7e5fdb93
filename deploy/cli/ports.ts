/** Whether a port is free, and if not, who may hold it. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { basename } from "node:path";
import { OperatorError } from "@campus-ops/service";

export interface PortUse {
  readonly port: number;
  /** What we want it for. */
  readonly purpose: string;
  /** The environment variable that chooses another. */
  readonly variable: string;
}

/** Throws an {@link OperatorError} that names the holder and the way to another port. */
export async function requireFreePort({ port, purpose, variable }: PortUse): Promise<void> {
  const code = await tryListen(port);
  if (code === undefined) return;
  const reason =
    code === "EADDRINUSE"
      ? `is taken by ${portHolder(port) ?? "a process of another user"}`
      : `cannot be used (${code})`;
  throw new OperatorError(
    `port ${port} on 127.0.0.1, for ${purpose}, ${reason}. Stop that, or choose another port: ${variable}=${port + 1} npm start`,
  );
}

function tryListen(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** `name (pid N)` of the process that listens on a TCP port, by /proc; undefined where that cannot be seen. */
export function portHolder(port: number): string | undefined {
  const inodes = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listeningInodes(table, port)),
  );
  if (inodes.size === 0) return undefined;
  for (const pid of attempt(() => readdirSync("/proc"), [])) {
    if (!/^\d+$/.test(pid)) continue;
    const holds = attempt(() => readdirSync(`/proc/${pid}/fd`), []).some((descriptor) => {
      const target = attempt(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`), "");
      return inodes.has(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? "");
    });
    if (holds) return `${commandOf(pid)} (pid ${pid})`;
  }
  return undefined;
}

/** Program and first argument: the kernel's own name for a process is that of a thread, which says little. */
function commandOf(pid: string): string {
  const words = attempt(() => readFileSync(`/proc/${pid}/cmdline`, "utf8"), "").split("\0");
  const [program = "", argument = ""] = words;
  return program === "" ? "a process" : `${basename(program)} ${argument}`.trim();
}

/** Column 2 is the local address in hex, column 4 the state (0A listens), column 10 the inode: proc_net_tcp.rst. */
function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return attempt(() => readFileSync(table, "utf8"), "")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix) === true && columns[3] === "0A")
    .map((columns) => columns[9] ?? "");
}

/** Processes come and go while we look, and others' are closed to us. */
function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
