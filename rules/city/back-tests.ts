/**
 * Back-tests over the journals of several campuses: some campuses at a time, each by its holder, and what they found put
 * together. What was asked for is known to the process that was asked, as on a hub of one machine.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { Problem } from "@campus-ops/service";
import type { AlarmDifference, BackTestView, NewBackTest } from "../api.ts";
import { BACK_TESTS_KEPT_MAX } from "../back-test/back-tests.ts";
import { LISTED_MAX, type Listed } from "../core/back-test.ts";
import { askOne, type City, type CityCampus } from "./ask.ts";

/** Each is a thread with an engine of its own beside the live rules of its machine. */
const CAMPUSES_AT_ONCE_MAX = 2;
const POLL_MS = 500;

interface CityRun {
  readonly id: string;
  readonly request: NewBackTest;
  readonly startedAt: Timestamp;
  readonly stopping: AbortController;
  /** By campus: those that have begun. */
  readonly views: Map<string, BackTestView>;
  end?: Pick<BackTestView, "state" | "endedAt" | "detail">;
}

export class CityBackTests {
  readonly #city: City;
  readonly #now: () => Timestamp;
  readonly #runs = new Map<string, CityRun>();

  constructor(city: City, now: () => Timestamp) {
    this.#city = city;
    this.#now = now;
  }

  /** Throws a {@link Problem} when one is running, or the first campus refuses. */
  async start(request: NewBackTest): Promise<BackTestView> {
    if ([...this.#runs.values()].some(({ end }) => end === undefined))
      throw new Problem(
        409,
        "A back-test is running",
        "wait for it to end, or cancel it",
        "已有一次回测在运行，请等它结束或先取消",
      );
    const [first, ...others] = this.#city.campuses;
    if (first === undefined) throw new Problem(404, "No campus", "this hub has no campus", "本平台没有学校");
    const run: CityRun = {
      id: randomUUID(),
      request,
      startedAt: this.#now(),
      stopping: new AbortController(),
      views: new Map(),
    };
    this.#runs.set(run.id, run);
    try {
      await this.#begin(run, first);
    } catch (error) {
      this.#runs.delete(run.id);
      throw error;
    }
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size <= BACK_TESTS_KEPT_MAX) break;
      this.#runs.delete(oldest);
    }
    void this.#runAll(run, first, others);
    return viewOf(run);
  }

  list(): readonly BackTestView[] {
    return [...this.#runs.values()]
      .map(viewOf)
      .map(({ difference: _, ...view }) => view)
      .reverse();
  }

  get(id: string): BackTestView {
    return viewOf(this.#run(id));
  }

  /** Of no effect on one that has ended. */
  async cancel(id: string): Promise<BackTestView> {
    const run = this.#run(id);
    this.#end(run, { state: "cancelled" });
    run.stopping.abort();
    for (const [campus, { id: own, state }] of run.views)
      if (state === "running")
        await askOne(this.#city, campus, `/back-tests/${own}`, {}, "DELETE").catch(() => undefined);
    return viewOf(run);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#runs.keys()].map((id) => this.cancel(id)));
  }

  #run(id: string): CityRun {
    const run = this.#runs.get(id);
    if (run === undefined)
      throw new Problem(404, "No such back-test", `there is no back-test ${id}`, `没有回测 ${id}`);
    return run;
  }

  #end(run: CityRun, end: Pick<BackTestView, "state" | "detail">): void {
    run.end ??= { ...end, endedAt: this.#now() };
  }

  async #begin({ request, views }: CityRun, { id }: CityCampus): Promise<void> {
    views.set(id, await askOne<BackTestView>(this.#city, id, "/back-tests", request));
  }

  async #runAll(run: CityRun, first: CityCampus, others: readonly CityCampus[]): Promise<void> {
    const waiting = [...others];
    const lane = async (begun: CityCampus | undefined): Promise<void> => {
      if (begun !== undefined) await this.#follow(run, begun);
      for (let next = waiting.shift(); next !== undefined && run.end === undefined; next = waiting.shift()) {
        await this.#begin(run, next);
        await this.#follow(run, next);
      }
    };
    try {
      const lanes = Array.from({ length: CAMPUSES_AT_ONCE_MAX }, (_, index) =>
        lane(index === 0 ? first : undefined),
      );
      await Promise.all(lanes);
      this.#end(run, { state: "done" });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      const wasRunning = run.end === undefined;
      this.#end(run, { state: "failed", detail });
      if (wasRunning) await this.cancel(run.id);
    }
  }

  /** Throws when it did not come to its end. */
  async #follow(run: CityRun, { id }: CityCampus): Promise<void> {
    for (;;) {
      const own = run.views.get(id);
      if (own === undefined || run.end !== undefined) return;
      if (own.state === "done") return;
      if (own.state !== "running") throw new Error(`${id}: ${own.detail ?? own.state}`);
      await sleep(POLL_MS, undefined, { signal: run.stopping.signal }).catch(() => undefined);
      if (run.end !== undefined) return;
      run.views.set(id, await askOne<BackTestView>(this.#city, id, `/back-tests/${own.id}`));
    }
  }
}

function viewOf({ end, id, request, startedAt, views }: CityRun): BackTestView {
  const own = [...views.values()];
  const told = own.flatMap(({ progress }) => progress ?? []);
  const differences = own.flatMap(({ difference }) => difference ?? []);
  const sum = (pick: (each: (typeof told)[number]) => number): number =>
    told.reduce((all, each) => all + pick(each), 0);
  return {
    id,
    by: request.by,
    rules: [...new Set(own.flatMap(({ rules }) => rules))],
    startedAt,
    ...(end ?? { state: "running" }),
    ...(told.length === 0
      ? {}
      : {
          progress: {
            entries: sum(({ entries }) => entries),
            samples: sum(({ samples }) => samples),
            total: sum(({ total }) => total),
            upTo: Math.min(...told.map(({ upTo }) => upTo)),
          },
        }),
    ...(end?.state === "done" ? { difference: foldDifferences(differences) } : {}),
  };
}

export function foldDifferences(all: readonly AlarmDifference[]): AlarmDifference {
  const sum = (pick: (each: AlarmDifference) => number): number =>
    all.reduce((count, each) => count + pick(each), 0);
  const listed = <T>(pick: (each: AlarmDifference) => Listed<T>): Listed<T> => ({
    count: sum((each) => pick(each).count),
    first: all.flatMap((each) => pick(each).first).slice(0, LISTED_MAX),
  });
  return {
    before: sum(({ before }) => before),
    after: sum(({ after }) => after),
    same: sum(({ same }) => same),
    new: listed((each) => each.new),
    gone: listed((each) => each.gone),
    changed: listed((each) => each.changed),
    cut: all.some(({ cut }) => cut),
  };
}
