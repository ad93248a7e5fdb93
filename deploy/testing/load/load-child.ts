/** A load edge in a process that can be killed, as a test sees it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { LineSplitter } from "../../cli/supervisor/lines.ts";
import { Happenings } from "../awaiting.ts";
import type { LoadEdgeOptions } from "./load-edge.ts";
import type { LoadPlan } from "./load-plan.ts";

export class LoadChild {
  readonly said = new Happenings<string>();
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;

  /** @param before a command to run it with: a network namespace, a processor */
  constructor(edge: LoadEdgeOptions, plan: LoadPlan, before: readonly string[] = []) {
    const main = join(import.meta.dirname, "load-process.ts");
    const [command = process.execPath, ...args] = [
      ...before,
      process.execPath,
      main,
      JSON.stringify({ edge, plan }),
    ];
    this.#child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    const splitter = new LineSplitter((line) => this.said.add(line));
    this.#child.stdout?.on("data", (chunk: Buffer) => splitter.push(chunk));
    this.#exit = once(this.#child, "exit");
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when the hub has acknowledged everything that the plan says. */
  async drained(milliseconds: number): Promise<void> {
    const drained = this.said.until("the hub has acknowledged everything", (line) => line === "drained", {
      milliseconds,
    });
    const ended = this.#exit.then(() => Promise.reject(new Error("the load edge ended by itself")));
    ended.catch(() => undefined);
    await Promise.race([drained, ended]);
  }

  /** No chance to say goodbye. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exit;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGTERM");
    await this.#exit;
  }
}
