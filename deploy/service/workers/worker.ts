/**
 * A worker: takes campuses as they are free, runs a unit of work for each, and hands them over when it is told to stop or
 * another worker has too few. One that was overtaken ends as a whole, and begins again with nothing.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Running } from "../lifecycle.ts";
import type { Log } from "../log.ts";
import { type Lease, Leases, OvertakenError, prepareLeases, type Role } from "./leases.ts";
import { Ledger } from "./ledger.ts";
import { openPostgres, type Postgres, type RelationalPlace } from "./postgres.ts";
import { planShares } from "./shares.ts";

/** A lease is renewed so often within its time. */
const RENEWALS = 4;

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
  readonly start: (campus: string, ledger: Ledger, postgres: Postgres) => Promise<Unit>;
  readonly log: Log;
  /** This process should end: a campus was taken over, or its work failed. */
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
  readonly #leases: Leases;
  readonly #id = `${hostname()}.${process.pid}.${randomUUID().slice(0, 8)}`;
  readonly #held = new Map<string, Held>();
  /** Leases whose work has not begun yet, or is being handed over. */
  readonly #changing = new Map<string, Lease>();
  readonly #every_ms: number;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #changes: Promise<unknown> = Promise.resolve();
  #stopped = false;
  #away = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { log, place, role } = options;
    this.#postgres = openPostgres(place, (error) =>
      log.warn({ err: error }, "a connection to PostgreSQL was lost"),
    );
    this.#leases = new Leases(this.#postgres, role, this.#id, place.lease_ms);
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
    await this.#changes;
    await Promise.all([...this.#held.keys()].map((campus) => this.#handOver(campus)));
    await this.#leases.leave().catch(() => undefined);
    await this.#postgres.end();
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#beating = this.#beat().then(
        () => this.#schedule(),
        (error: unknown) => this.#options.onFailure(error),
      );
    }, this.#every_ms);
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
    const plan = planShares({ campuses, workers: standing.workers, held: standing.held, own: this.#id });
    if (this.#changing.size > 0) return;
    const taken = (await Promise.all(plan.take.map((campus) => this.#take(campus)))).filter(isLease);
    const changes = [
      ...taken.map((lease) => this.#start(lease)),
      ...plan.handOver.map((campus) => this.#handOver(campus)),
    ];
    // Leases are renewed while the work of others begins.
    this.#changes = Promise.all(changes).catch((error: unknown) => this.#options.onFailure(error));
  }

  async #take(campus: string): Promise<Lease | undefined> {
    const lease = await this.#leases.take(campus);
    if (lease !== undefined) this.#changing.set(campus, lease);
    return lease;
  }

  async #start(lease: Lease): Promise<void> {
    const { data, log, onFailure, start } = this.#options;
    const { campus, fence } = lease;
    const begun = performance.now();
    const ledger = await Ledger.open(this.#postgres, lease, join(data, "campuses", campus), {
      onAway: (error) =>
        log.error({ campus, err: error }, "PostgreSQL does not take what was done; trying again"),
      onBack: () => log.info({ campus }, "PostgreSQL has taken what was done"),
      onOvertaken: onFailure,
    });
    const unit = await start(campus, ledger, this.#postgres);
    await ledger.settled();
    await this.#leases.answerAt(lease, unit.address);
    this.#changing.delete(campus);
    this.#held.set(campus, { lease, ledger, unit });
    log.info({ campus, fence, took_ms: Math.round(performance.now() - begun) }, "has taken on a campus");
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

const isLease = (lease: Lease | undefined): lease is Lease => lease !== undefined;
