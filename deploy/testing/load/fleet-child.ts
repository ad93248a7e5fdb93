/** A process of load edges that return at once, as a test sees it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { LineSplitter } from "../../cli/supervisor/lines.ts";
import { Happenings } from "../awaiting.ts";
import type { LoadEdgeOptions } from "./load-edge.ts";
import type { FleetReport } from "./load-fleet.ts";
import type { LoadPlan } from "./load-plan.ts";

const DRAINED = "drained ";

export class FleetChild {
  readonly #said = new Happenings<string>();
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;

  constructor(edges: readonly LoadEdgeOptions[], plan: LoadPlan) {
    const main = join(import.meta.dirname, "load-fleet.ts");
    this.#child = spawn(process.execPath, [main, JSON.stringify({ edges, plan })], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const splitter = new LineSplitter((line) => this.#said.add(line));
    this.#child.stdout?.on("data", (chunk: Buffer) => splitter.push(chunk));
    this.#exit = once(this.#child, "exit");
  }

  /** Resolves when the backlog of every edge is durable. */
  async reported(milliseconds: number): Promise<void> {
    await this.#until((line) => line === "reported", milliseconds);
  }

  go(): void {
    this.#child.stdin?.write("go\n");
  }

  /** Resolves when the hub has acknowledged everything, with how it went. */
  async drained(milliseconds: number): Promise<FleetReport> {
    const line = await this.#until((each) => each.startsWith(DRAINED), milliseconds);
    return JSON.parse(line.slice(DRAINED.length)) as FleetReport;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGKILL");
    await this.#exit;
  }

  async #until(matches: (line: string) => boolean, milliseconds: number): Promise<string> {
    const ended = this.#exit.then(() => Promise.reject(new Error("the load edges ended by themselves")));
    ended.catch(() => undefined);
    return await Promise.race([this.#said.until("the load edges", matches, { milliseconds }), ended]);
  }
}
