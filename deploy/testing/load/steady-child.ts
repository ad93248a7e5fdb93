/** Load edges that report steadily in a process of their own, as a bench or a test sees them. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { within } from "../awaiting.ts";
import type { LoadEdgeOptions } from "./load-edge.ts";
import type { SteadyLook, SteadyOrder, SteadyRate } from "./load-steady.ts";

const ANSWER_MS_MAX = 120_000;

export class SteadyChild {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(edges: readonly LoadEdgeOptions[]) {
    this.#child = fork(join(import.meta.dirname, "load-steady.ts"));
    this.#exit = once(this.#child, "exit");
    this.#child.send(edges);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when the edges that it asks for have been born. */
  rate(rate: SteadyRate): Promise<SteadyLook> {
    return this.#ask({ kind: "rate", rate });
  }

  look(): Promise<SteadyLook> {
    return this.#ask({ kind: "look" });
  }

  /** Resolves when the hub has acknowledged everything. */
  drained(milliseconds: number): Promise<SteadyLook> {
    return this.#ask({ kind: "drained" }, milliseconds);
  }

  /** No chance to say goodbye. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exit;
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exit;
  }

  /** One order after the other, as it answers them. */
  #ask(order: SteadyOrder, milliseconds = ANSWER_MS_MAX): Promise<SteadyLook> {
    const answered = this.#last.then(async () => {
      const answer = once(this.#child, "message");
      const ended = this.#exit.then(() => Promise.reject(new Error("the load edges ended by themselves")));
      ended.catch(() => undefined);
      this.#child.send(order);
      const [look] = (await within(
        milliseconds,
        `the load edges answer ${order.kind}`,
        Promise.race([answer, ended]),
      )) as [SteadyLook];
      return look;
    });
    this.#last = answered.catch(() => undefined);
    return answered;
  }
}
