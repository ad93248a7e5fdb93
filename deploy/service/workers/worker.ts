/**
 * A worker: takes campuses as they are free, runs a unit of work for each, and hands them over when it is told to stop or
 * another worker has too few. One that was overtaken ends as a whole, and begins again with nothing.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Running } from "../lifecycle.ts";
import type { Log } from "../log.ts";
import { Directory } from "./directory.ts";
import { type Lease, Leases, OvertakenError, prepareLeases, type Role } from "./leases.ts";
import { Ledger } from "./ledger.ts";
import { openPostgres, type Postgres } from "./postgres.ts";
import { type ProbePlace, serveProbe, type WorkerStatus } from "./probe.ts";
import type { RelationalPlace } from "./relational.ts";
import { planShares } from "./shares.ts";

/** A lease is renewed so often within its time. */
const RENEWALS = 4;
/** What does not stop by itself is left to the end of the process. */
const STOP_MS_MAX = 4_000;
/** Campuses whose work begins at the same time: each reads its rows and its journal, and the machine does more than that. */
export const BEGINNING_CAMPUSES_MAX = 4;

export interface Unit extends Running {
  /** Where it answers. */
  readonly address: string;
}

export interface WorkerOptions {
  readonly role: Role;
  readonly place: RelationalPlace;
  /** Folder of the worker; what is in it is of no use to anybody else and may be lost. */
  readonly data: string;
  readonly campuses: readonly string[];
  /** Starts the work of a campus, whose SQLite files are `ledger`'s. */
  readonly start: (campus: string, parts: UnitParts) => Promise<Unit>;
  /** Where it is asked how it is; nowhere unless said. */
  readonly probe?: ProbePlace | undefined;
  readonly log: Log;
  /** This process should end: another worker has taken over what it held. */
  readonly onFailure: (error: unknown) => void;
}

export interface UnitParts {
  readonly ledger: Ledger;
  readonly postgres: Postgres;
  /** Where its fellows of either kind answer. */
  readonly directory: Directory;
  readonly lease: Lease;
  /** The work of this campus cannot go on; that of the others does. */
  readonly onFailure: (error: unknown) => void;
}

interface Held {
  readonly lease: Lease;
  readonly ledger: Ledger;
  readonly unit: Unit;
}

export async function startWorker(options: WorkerOptions): Promise<Running> {
  const worker = new Worker(options);
  const probe =
    options.probe === undefined ? undefined : await serveProbe(options.probe, () => worker.status());
  await worker.begin();
  return {
    stop: async () => {
      await worker.stop();
      await probe?.close();
    },
  };
}

class Worker implements Running {
  readonly #options: WorkerOptions;
  readonly #postgres: Postgres;
  /** Renewals do not wait behind anybody's rows. */
  readonly #renewing: Postgres;
  readonly #leases: Leases;
  readonly #directory: Directory;
  readonly #id = `${hostname()}.${process.pid}.${randomUUID().slice(0, 8)}`;
  readonly #held = new Map<string, Held>();
  /** Leases whose work has not begun yet, or is being handed over. */
  readonly #changing = new Map<string, Lease>();
  readonly #every_ms: number;
  /** Campuses whose work failed here: not tried again before the process is started again. */
  readonly #setAside = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #changes: Promise<unknown> = Promise.resolve();
  #stopped = false;
  #away = false;
  #beatAt_ms = performance.now();
  #renewedAt_ms: number | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { log, place, role } = options;
    const onProblem = (error: unknown): void =>
      log.warn({ err: error }, "a connection to PostgreSQL was lost");
    this.#postgres = openPostgres(place, onProblem);
    this.#renewing = openPostgres(place, onProblem);
    this.#leases = new Leases(this.#renewing, role, this.#id, place.lease_ms);
    this.#directory = new Directory({
      postgres: this.#postgres,
      token: place.token,
      uptime_ms: () => performance.now(),
    });
    this.#every_ms = place.lease_ms / RENEWALS;
  }

  async begin(): Promise<void> {
    await prepareLeases(this.#postgres);
    await this.#beat();
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#beating;
    await patiently(this.#changes);
    await Promise.all([...this.#held.keys()].map((campus) => this.#handOver(campus)));
    // Work that was still beginning, because its journal is away.
    await Promise.all([...this.#changing.values()].map((lease) => this.#leases.release(lease)));
    await this.#leases.leave();
    await patiently(this.#directory.close());
    await patiently(Promise.all([this.#postgres.end(), this.#renewing.end()]));
  }

  status(): WorkerStatus {
    const now_ms = performance.now();
    const age = (since_ms: number): number => Math.round(now_ms - since_ms);
    return {
      role: this.#options.role,
      worker: this.#id,
      campuses: [...this.#held.keys()].toSorted(),
      changing: [...this.#changing.keys()].toSorted(),
      setAside: [...this.#setAside].toSorted(),
      ...(this.#renewedAt_ms === undefined ? {} : { leaseAge_ms: age(this.#renewedAt_ms) }),
      lease_ms: this.#options.place.lease_ms,
      beatAge_ms: age(this.#beatAt_ms),
    };
  }

  #schedule(wait_ms = this.#every_ms): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#beating = this.#beat().then(
        () => this.#schedule(),
        (error: unknown) => this.#options.onFailure(error),
      );
    }, wait_ms);
  }

  /** There may be more to take on. */
  #beatAgain(): void {
    void this.#beating.then(() => this.#schedule(0));
  }

  async #beat(): Promise<void> {
    const { campuses, log } = this.#options;
    this.#beatAt_ms = performance.now();
    const leases = [...[...this.#held.values()].map(({ lease }) => lease), ...this.#changing.values()];
    let standing: Awaited<ReturnType<Leases["renew"]>>;
    try {
      standing = await this.#leases.renew(leases);
    } catch (error) {
      // Nobody else gets them either; and who was paused meanwhile is refused at the next commit.
      if (!this.#away)
        log.error({ err: error }, "PostgreSQL does not answer; nothing new is told until it does");
      this.#away = true;
      return;
    }
    if (this.#away) log.info("PostgreSQL answers again");
    this.#away = false;
    this.#renewedAt_ms = performance.now();
    const kept = new Set(standing.kept.map(({ campus }) => campus));
    for (const { campus } of leases)
      if (!kept.has(campus) && (this.#held.has(campus) || this.#changing.has(campus)))
        throw new OvertakenError(`another worker has taken over ${campus}`);
    if (this.#stopped) return;
    const open = campuses.filter((campus) => !this.#setAside.has(campus));
    const plan = planShares({
      campuses: open,
      workers: standing.workers,
      held: standing.held,
      own: this.#id,
    });
    const taken = await this.#take(plan.take);
    // What is being taken on is settled before anything is handed over.
    const handedOver = this.#changing.size > 0 ? [] : plan.handOver;
    const changes = [
      ...taken.map((lease) => this.#start(lease)),
      ...handedOver.map((campus) => this.#handOver(campus)),
    ];
    if (changes.length === 0) return;
    for (const change of changes)
      void change.then(
        () => this.#beatAgain(),
        (error: unknown) => this.#options.onFailure(error),
      );
    this.#changes = Promise.allSettled([this.#changes, ...changes]).then(() => undefined);
  }

  /** As many as may begin beside those that are beginning. */
  async #take(campuses: readonly string[]): Promise<readonly Lease[]> {
    const taken: Lease[] = [];
    for (const campus of campuses) {
      if (this.#changing.size >= BEGINNING_CAMPUSES_MAX) break;
      const lease = await this.#leases.take(campus);
      if (lease === undefined) continue;
      this.#changing.set(campus, lease);
      taken.push(lease);
    }
    return taken;
  }

  async #start(lease: Lease): Promise<void> {
    const { data, log, start } = this.#options;
    const { campus, fence } = lease;
    const begun = performance.now();
    const onFailure = (error: unknown): void => void this.#fail(lease, error);
    try {
      const ledger = await Ledger.open(this.#postgres, lease, join(data, "campuses", campus), {
        onAway: (error) =>
          log.error({ campus, err: error }, "PostgreSQL does not take what was done; trying again"),
        onBack: () => log.info({ campus }, "PostgreSQL has taken what was done"),
        onOvertaken: this.#options.onFailure,
      });
      const parts = { ledger, lease, postgres: this.#postgres, directory: this.#directory, onFailure };
      const unit = await start(campus, parts);
      await ledger.settled();
      await this.#leases.answerAt(lease, unit.address);
      this.#changing.delete(campus);
      this.#held.set(campus, { lease, ledger, unit });
      log.info({ campus, fence, took_ms: Math.round(performance.now() - begun) }, "has taken on a campus");
    } catch (error) {
      await this.#fail(lease, error);
    }
  }

  /** Another worker may fare better; here it is left alone. */
  async #fail(lease: Lease, error: unknown): Promise<void> {
    const { campus } = lease;
    if (this.#stopped || this.#setAside.has(campus)) return;
    this.#setAside.add(campus);
    this.#options.log.error(
      { campus, err: error },
      "the work of a campus failed and is left to the other workers; what it had kept is in PostgreSQL and its journal. Mend it and start this worker again",
    );
    const held = this.#held.get(campus);
    this.#held.delete(campus);
    this.#changing.delete(campus);
    if (held !== undefined) await patiently(held.unit.stop().then(() => held.ledger.close()));
    await this.#leases.release(lease).catch(() => undefined);
  }

  async #handOver(campus: string): Promise<void> {
    const held = this.#held.get(campus);
    if (held === undefined) return;
    this.#held.delete(campus);
    this.#changing.set(campus, held.lease);
    await held.unit.stop();
    await held.ledger.close();
    await this.#leases.release(held.lease);
    this.#changing.delete(campus);
    this.#options.log.info({ campus, fence: held.lease.fence }, "has handed a campus over");
  }
}

const patiently = (work: Promise<unknown>): Promise<unknown> =>
  Promise.race([work.catch(() => undefined), sleep(STOP_MS_MAX, undefined, { ref: false })]);
