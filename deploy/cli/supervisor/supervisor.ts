/**
 * Keeps the processes of one hub running: starts them stage by stage, starts again what ends, and stops them in
 * reverse order.
 */
import { EXIT_CLEAR, type Log, OperatorError } from "@campus-ops/service";
import { type Child, type ProcessSpec, startChild } from "./child.ts";
import { decideRestart, type Ending } from "./restart-policy.ts";

export interface SupervisorListeners {
  /** A line that a process wrote, for the merged log. */
  line(process: string, line: string, entry: Readonly<Record<string, unknown>> | undefined): void;
  /** A process is ready, for the first time or again. */
  ready(process: string): void;
  /** A process ended to have the demonstration cleared away; absent where there is none, and it is started again. */
  clear?(): void;
}

interface Post {
  readonly spec: ProcessSpec;
  child: Child | undefined;
  failures: number;
  restart: NodeJS.Timeout | undefined;
  /** The last fatal line, to be shown when the process is given up. */
  complaint: string;
  /** Resolved when the start of this process is decided: ready, or refused, or (where the hub can do without) ended. */
  readonly settled: PromiseWithResolvers<void>;
}

export class Supervisor {
  readonly #stages: readonly (readonly Post[])[];
  readonly #listeners: SupervisorListeners;
  readonly #log: Log;
  #stopping = false;

  /** @param stages started one after another, the processes of a stage together; stopped in reverse */
  constructor(stages: readonly (readonly ProcessSpec[])[], listeners: SupervisorListeners, log: Log) {
    this.#listeners = listeners;
    this.#log = log;
    this.#stages = stages.map((stage) =>
      stage.map((spec) => ({
        spec,
        child: undefined,
        failures: 0,
        restart: undefined,
        complaint: "",
        settled: Promise.withResolvers<void>(),
      })),
    );
    // A refusal may come before anybody waits for it.
    for (const { settled } of this.#posts()) settled.promise.catch(() => undefined);
  }

  /**
   * Starts everything; resolves to true when every essential process is ready and the others have had their chance, to
   * false when it was stopped meanwhile. Rejects with an {@link OperatorError} when an essential process refuses its
   * configuration.
   */
  async start(): Promise<boolean> {
    for (const stage of this.#stages) {
      if (this.#stopping) return false;
      for (const post of stage) this.#launch(post);
      await Promise.all(stage.map(({ settled }) => settled.promise));
    }
    return !this.#stopping;
  }

  /** Stops everything, last started first. Safe to call twice and in the middle of a start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const post of this.#posts()) {
      clearTimeout(post.restart);
      post.settled.resolve();
    }
    for (const stage of this.#stages.toReversed()) {
      await Promise.all(stage.map(({ child }) => child?.stop()));
    }
  }

  /** Process ids by name, of those that run now. */
  pids(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      this.#posts().flatMap(({ spec, child }) => (child?.pid === undefined ? [] : [[spec.name, child.pid]])),
    );
  }

  #posts(): readonly Post[] {
    return this.#stages.flat();
  }

  #launch(post: Post): void {
    const { spec } = post;
    post.child = startChild(spec, {
      line: (line, entry) => {
        if (entry?.level === "fatal" && typeof entry.msg === "string") post.complaint = entry.msg;
        this.#listeners.line(spec.name, line, entry);
      },
      ready: () => {
        this.#listeners.ready(spec.name);
        post.settled.resolve();
      },
      ended: (ending) => this.#ended(post, ending),
    });
  }

  #ended(post: Post, ending: Ending): void {
    post.child = undefined;
    if (this.#stopping) return;
    const { name, essential } = post.spec;
    if (ending.code === EXIT_CLEAR && this.#listeners.clear !== undefined) {
      post.settled.resolve();
      this.#listeners.clear();
      return;
    }
    const how = ending.signal === null ? `ended with code ${ending.code}` : `was ended by ${ending.signal}`;
    const decision = decideRestart(post.failures, ending, Math.random());
    if (decision.kind === "give-up") {
      this.#log.error(
        { name },
        `${name} refuses its configuration and is not started again; mend it and start campus-ops again: ${post.complaint}`,
      );
      if (essential) post.settled.reject(new OperatorError(`${name}: ${post.complaint}`));
      else post.settled.resolve();
      return;
    }
    post.failures = decision.failures;
    this.#log.warn(
      { name, ...ending, failures: decision.failures, restartAfter_ms: decision.after_ms },
      `${name} ${how}; it is started again`,
    );
    post.restart = setTimeout(() => this.#launch(post), decision.after_ms);
    if (!essential) post.settled.resolve();
  }
}
