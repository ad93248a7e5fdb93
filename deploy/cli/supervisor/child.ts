/** One child process, once: from its start to its end. What follows an end is the supervisor's to decide. */
import { type ChildProcess, spawn } from "node:child_process";
import { STOP_MS_MAX } from "@campus-ops/service";
import { LineSplitter } from "./lines.ts";
import type { Ending } from "./restart-policy.ts";

/** A process that has had this long after SIGTERM is killed; it ends itself at {@link STOP_MS_MAX}. */
export const KILL_AFTER_MS = STOP_MS_MAX + 2_000;

export interface ProcessSpec {
  /** For the operator: `broker`, `edge qiyun-no1/box-1`. */
  readonly name: string;
  /** Absolute path of its `main.ts`. */
  readonly main: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Arguments of Node itself. */
  readonly arguments?: readonly string[];
  /** Without it no alarm flows: its broken configuration ends the whole start. */
  readonly essential: boolean;
  /** {@link KILL_AFTER_MS} unless said. */
  readonly killAfter_ms?: number;
}

export interface ChildListeners {
  /** One line the process wrote: `entry` is the log object, or undefined where the line is not one. */
  line(line: string, entry: Readonly<Record<string, unknown>> | undefined): void;
  /** It said that it is ready. */
  ready(): void;
  ended(ending: Ending): void;
}

export interface Child {
  readonly pid: number | undefined;
  /** Asks it to stop; resolves when it is gone, by force if need be. */
  stop(): Promise<void>;
}

export function startChild(spec: ProcessSpec, listeners: ChildListeners): Child {
  const startedAt = performance.now();
  // The channel tells the child that we are gone, however we go. Its own process group keeps the terminal's Ctrl-C to
  // us, so that the order of the shutdown is ours.
  const child = spawn(process.execPath, [...(spec.arguments ?? []), spec.main], {
    env: spec.environment,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true,
  });

  const onLine = (line: string): void => {
    const entry = parseEntry(line);
    listeners.line(line, entry);
    if (entry?.ready === true) listeners.ready();
  };
  for (const stream of [child.stdout, child.stderr]) {
    const splitter = new LineSplitter(onLine);
    stream?.on("data", (chunk: Buffer) => splitter.push(chunk));
    stream?.on("end", () => splitter.end());
  }

  const gone = new Promise<void>((resolve) => {
    let ended = false;
    const end = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (ended) return;
      ended = true;
      listeners.ended({ code, signal, ranFor_ms: performance.now() - startedAt });
      resolve();
    };
    // "close" comes after the last line was read, so that a process's dying words are heard before its end is judged.
    child.once("close", end);
    child.once("error", (error) => {
      listeners.line(`cannot be started: ${error.message}`, undefined);
      end(1, null);
    });
  });

  return {
    pid: child.pid,
    stop: async () => {
      if (!signal(child, "SIGTERM")) return gone;
      const kill = setTimeout(() => signal(child, "SIGKILL"), spec.killAfter_ms ?? KILL_AFTER_MS);
      await gone;
      clearTimeout(kill);
    },
  };
}

function signal(child: ChildProcess, name: NodeJS.Signals): boolean {
  return child.exitCode === null && child.signalCode === null && child.kill(name);
}

function parseEntry(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
