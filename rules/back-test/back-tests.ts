/** Back-tests that were asked for: one runs at a time, the results of the last few are kept. */
import { randomUUID } from "node:crypto";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { JournalPlace } from "@campus-ops/broker/journal/place";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { type Overlay, Problem } from "@campus-ops/service";
import type { BackTestView, NewBackTest } from "../api.ts";
import { differing, withRules } from "../core/back-test.ts";
import type { PeopleInput } from "../core/input.ts";
import type { Rule } from "../core/rule.ts";
import type { WorkerMessage, WorkerTask } from "./worker.ts";

/** In a package it is JavaScript, as this is. */
const WORKER = `./worker${extname(import.meta.filename)}`;
/** Results kept; the oldest give way. */
export const BACK_TESTS_KEPT_MAX = 20;
/** Memory of the thread: beyond it the back-test fails, and the live rules go on. */
const WORKER_HEAP_MB_MAX = 1_024;

export interface BackTestsOptions {
  readonly configuration: string;
  /** Settings in the place of its sections. */
  readonly overlays: readonly Overlay[];
  readonly journal: JournalPlace;
  readonly inForce: () => readonly Rule[];
  /** Compiles a pack that is not in force. Throws `InvalidDocumentError`. */
  readonly compile: (yaml: string, inForce: readonly Rule[]) => readonly Rule[];
  readonly actions: () => readonly PeopleInput[];
  readonly now: () => Timestamp;
}

interface Run {
  view: BackTestView;
  worker?: Worker;
}

export class BackTests {
  readonly #options: BackTestsOptions;
  readonly #runs = new Map<string, Run>();

  constructor(options: BackTestsOptions) {
    this.#options = options;
  }

  /** Throws a {@link Problem} when one is running, or the pack changes nothing. */
  start({ pack, by, from, to }: NewBackTest): BackTestView {
    const { configuration, overlays, journal, compile, actions, now } = this.#options;
    const inForce = this.#options.inForce();
    if ([...this.#runs.values()].some(({ view }) => view.state === "running"))
      throw new Problem(
        409,
        "A back-test is running",
        "wait for it to end, or cancel it",
        "已有一次回测在运行，请等它结束或先取消",
      );
    const candidate = withRules(inForce, compile(pack, inForce));
    const rules = [...differing({ inForce, candidate })];
    if (rules.length === 0)
      throw new Problem(
        400,
        "Nothing to compare",
        "every rule of this pack is in force as it is",
        "这个规则包里的规则都已按原样生效，没有可比较的",
      );
    const task: WorkerTask = {
      configuration,
      overlays,
      journal,
      inForce,
      candidate,
      actions: actions(),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    };
    const id = randomUUID();
    const worker = new Worker(new URL(WORKER, import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB_MAX },
    });
    const run: Run = { worker, view: { id, by, rules, state: "running", startedAt: now() } };
    const settle = (more: Partial<BackTestView>): void => {
      if (run.view.state === "running") run.view = { ...run.view, ...more, endedAt: now() };
      delete run.worker;
    };
    worker.on("message", (message: WorkerMessage) => {
      if (run.view.state !== "running") return;
      run.view = { ...run.view, progress: message.progress };
      if (message.kind === "done") settle({ state: "done", difference: message.difference });
    });
    worker.on("error", (error) => settle({ state: "failed", detail: error.message }));
    worker.on("exit", () => settle({ state: "failed", detail: "it ended before it was done" }));
    this.#runs.set(id, run);
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size <= BACK_TESTS_KEPT_MAX) break;
      this.#runs.delete(oldest);
    }
    return run.view;
  }

  list(): readonly BackTestView[] {
    return [...this.#runs.values()].map(({ view: { difference: _, ...view } }) => view).reverse();
  }

  get(id: string): BackTestView {
    const run = this.#runs.get(id);
    if (run === undefined)
      throw new Problem(404, "No such back-test", `there is no back-test ${id}`, `没有回测 ${id}`);
    return run.view;
  }

  /** Of no effect on one that has ended. */
  async cancel(id: string): Promise<BackTestView> {
    const { worker } = this.#runs.get(id) ?? {};
    const view = this.get(id);
    const run = this.#runs.get(id);
    if (run !== undefined && view.state === "running")
      run.view = { ...view, state: "cancelled", endedAt: this.#options.now() };
    await worker?.terminate();
    return this.get(id);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#runs.keys()].map((id) => this.cancel(id)));
  }
}
