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
import { type Lease, Leases, OvertakenError, prepareLeases, type Role } from "./leases.ts";
import { Ledger } from "./ledger.ts";
import { openPostgres, type Postgres } from "./postgres.ts";
import type { RelationalPlace } from "./relational.ts";
import { planShares } from "./shares.ts";

/** A lease is renewed so often within its time. */
const RENEWALS = 4;
/** What does not stop by itself is left to the end of the process. */
const STOP_MS_MAX = 4_000;

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
  readonly log: Log;
  /** This process should end: another worker has taken over what it held. */
  readonly onFailure: (error: unknown) => void;
}

export interface UnitParts {
  readonly ledger: Ledger;
  readonly postgres: Postgres;
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
  await worker.begin();
  return worker;
}

class Worker implements Running {
  readonly #options: WorkerOptions;
  readonly #postgres: Postgres;
  /** Renewals do not wait behind anybody's rows. */
  readonly #renewing: Postgres;
  readonly #leases: Leases;
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

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { log, place, role } = options;
    const onProblem = (error: unknown): void =>
      log.warn({ err: error }, "a connection to PostgreSQL was lost");
    this.#postgres = openPostgres(place, onProblem);
    this.#renewing = openPostgres(place, onProblem);
    this.#leases = new Leases(this.#renewing, role, this.#id, place.lease_ms);
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
    await patiently(Promise.all([this.#postgres.end(), this.#renewing.end()]));
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
    const kept = new Set(standing.kept.map(({ campus }) => campus));
    for (const { campus } of leases)
      if (!kept.has(campus) && (this.#held.has(campus) || this.#changing.has(campus)))
        throw new OvertakenError(`another worker has taken over ${campus}`);
    if (this.#stopped) return;
    if (this.#changing.size > 0) return;
    const open = campuses.filter((campus) => !this.#setAside.has(campus));
    const plan = planShares({
      campuses: open,
      workers: standing.workers,
      held: standing.held,
      own: this.#id,
    });
    // One at a time, so that leases are renewed in between, and whoever starts beside this one gets its share.
    const taken = await this.#takeOne(plan.take);
    const changes = [
      ...(taken === undefined ? [] : [this.#start(taken)]),
      ...plan.handOver.map((campus) => this.#handOver(campus)),
    ];
    if (changes.length === 0) return;
    this.#changes = Promise.all(changes).then(
      () => this.#beatAgain(),
      (error: unknown) => this.#options.onFailure(error),
    );
  }

  async #takeOne(campuses: readonly string[]): Promise<Lease | undefined> {
    for (const campus of campuses) {
      const lease = await this.#leases.take(campus);
      if (lease === undefined) continue;
      this.#changing.set(campus, lease);
      return lease;
    }
    return undefined;
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
      const unit = await start(campus, { ledger, postgres: this.#postgres, onFailure });
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
