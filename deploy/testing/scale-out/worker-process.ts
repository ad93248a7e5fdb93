/** A worker, or the console over them, as a process on a machine of its own: its own data folder, its own sockets. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Happenings } from "../awaiting.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

export interface LogLine {
  readonly msg?: string;
  readonly campus?: string;
  readonly ready?: boolean;
  readonly [more: string]: unknown;
}

export class WorkerProcess {
  readonly log = new Happenings<LogLine>();
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;

  /** `folder` is its data folder; both roles may share one configuration. */
  constructor(
    part: "ingest" | "rules" | "dashboards",
    config: string,
    folder: string,
    environment: Readonly<Record<string, string>> = {},
  ) {
    mkdirSync(folder, { recursive: true });
    this.#child = spawn(process.execPath, [join(ROOT, part, "main.ts")], {
      cwd: ROOT,
      env: {
        ...process.env,
        CAMPUS_OPS_CONFIG: config,
        CAMPUS_OPS_DATA: folder,
        CAMPUS_OPS_RUN: join(folder, "run"),
        CAMPUS_OPS_LOG_LEVEL: "info",
        ...environment,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#exit = once(this.#child, "close");
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on("line", (line) => {
        try {
          this.log.add(JSON.parse(line) as LogLine);
        } catch {
          this.log.add({ msg: line });
        }
      });
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** How often it has taken a campus on, less how often it has handed one over. */
  get campuses(): readonly string[] {
    const held = new Set<string>();
    for (const { campus, msg } of this.log.all) {
      if (campus === undefined) continue;
      if (msg === "has taken on a campus") held.add(campus);
      if (msg === "has handed a campus over") held.delete(campus);
    }
    return [...held].toSorted();
  }

  /** What it warned of, for a failure's report. */
  get complaints(): readonly string[] {
    return this.log.all
      .filter(({ level }) => level !== undefined && level !== "info")
      .map((line) => JSON.stringify(line).slice(0, 1_000));
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal);
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    if (!this.isRunning) return;
    this.#child.kill(signal);
    await this.#exit;
  }

  async ended(): Promise<number | null> {
    await this.#exit;
    return this.#child.exitCode;
  }
}
