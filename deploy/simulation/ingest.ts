/**
 * The hub's ingest process: around the real host session, intake, registry and store projection what their adapters do
 * around them.
 */
import { JournalDecoder } from "@campus-ops/broker/journal/decoder";
import { acknowledgeCommand, type HostEffect, HostSession } from "@campus-ops/broker/sparkplug";
import { addressKey } from "@campus-ops/device-profiles/vocabulary";
import { ACKNOWLEDGE_MS } from "@campus-ops/ingest/core/acknowledgement";
import { Intake } from "@campus-ops/ingest/core/intake";
import { RangeAliases } from "@campus-ops/ingest/core/range-aliases";
import { ReceiveClock } from "@campus-ops/ingest/core/receive-clock";
import { type Connection, Link } from "./broker.ts";
import { type JournalView, SimulatedJournal, type StoredEntry } from "./journal.ts";
import type { Random } from "./random.ts";
import { RegistryCopy } from "./registry-copy.ts";
import { HOST } from "./site.ts";
import { StoreCopy } from "./store-copy.ts";
import { Machine, type World } from "./world.ts";

const TICK_MS = 200;
const CLOCK_MS = 1_000;
const RECONNECT_MS = [150, 4_000] as const;
/** Readers notice a commit, and take so many entries at a time. */
const PROJECT_MS = 5;
const STEP_ENTRIES_MAX = 256;

interface Process {
  /** The hub's own time, which a wall clock that jumps does not drag along. */
  readonly clock: ReceiveClock;
  readonly session: HostSession;
  readonly journal: SimulatedJournal;
  readonly intake: Intake;
  readonly registry: Reading<RegistryCopy>;
  readonly store: Reading<StoreCopy>;
  connection: Connection | undefined;
  acknowledging: boolean;
  projecting: boolean;
}

interface Reading<Copy> {
  readonly copy: Copy;
  readonly decoder: JournalDecoder;
  seq: number;
}

export class Ingest extends Machine {
  readonly link = new Link();
  readonly journalDisk = this.disk();
  readonly #journalTable = this.journalDisk.table<number, StoredEntry>();
  readonly #registryDisk = this.disk();
  readonly #registryTables = RegistryCopy.tables(this.#registryDisk);
  readonly #storeDisk = this.disk();
  readonly #storeTables = StoreCopy.tables(this.#storeDisk);
  readonly #view: JournalView;
  readonly #onAppended: () => void;
  #process: Process | undefined;

  constructor(world: World, random: Random, view: JournalView, onAppended: () => void) {
    super(world, "ingest", random);
    this.#view = view;
    this.#onAppended = onAppended;
  }

  /** Both projections have committed everything that the journal holds. */
  get isCaughtUp(): boolean {
    const process = this.#process;
    if (process === undefined) return false;
    return process.registry.seq === this.#view.last && process.store.seq === this.#view.last;
  }

  get copies(): { readonly registry: RegistryCopy; readonly store: StoreCopy } | undefined {
    const process = this.#process;
    return process === undefined ? undefined : { registry: process.registry.copy, store: process.store.copy };
  }

  protected boot(): void {
    const { observer, pieces, schedule } = this.world;
    const journal = new SimulatedJournal({
      disk: this.journalDisk,
      table: this.#journalTable,
      schedule,
      delay_ms: () => this.random.between(1, 30),
      onDurable: (entries) => {
        this.#view.extend(entries);
        observer.journaled(entries);
        this.#onAppended();
        this.project();
      },
    });
    const intakeJournal = pieces.journal({
      received: pieces.received(journal.received),
      append: (entries) => journal.append(entries),
    });
    const intake = new Intake(intakeJournal, new RangeAliases(), {
      onDurable: () => this.#acknowledgeSoon(),
      onDuplicate: () => undefined,
      onRefused: (_error, { address, type }) => {
        this.world.trace(this.name, () => `the journal refused ${type} of ${addressKey(address)}`);
        if (type !== "NDATA" && type !== "DDATA") this.#process?.session.forget(address, this.#now());
      },
    });
    const registry = new RegistryCopy(this.#registryDisk, this.#registryTables, pieces);
    const store = new StoreCopy(this.#storeDisk, this.#storeTables, pieces);
    this.#process = {
      clock: new ReceiveClock(journal.lastReceivedAt, this.wall, schedule.now_ms),
      session: new HostSession({ host: HOST }),
      journal,
      intake,
      registry: this.#reading(registry),
      store: this.#reading(store),
      connection: undefined,
      acknowledging: false,
      projecting: false,
    };
    for (const node of registry.nodesOnline()) this.#process.session.expect(node, this.#now());
    this.every(TICK_MS, () => this.#carryOut(this.#process?.session.tick(this.#now()) ?? []));
    this.every(CLOCK_MS, () => this.#clock(journal));
    this.after(this.random.between(1, 200), () => this.#connect());
    this.project();
  }

  protected died(): void {
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined) return;
    process.journal.isOpen = false;
    if (process.connection !== undefined) this.world.broker.died(process.connection);
  }

  #now(): number {
    return this.#process?.clock.at(this.wall, this.world.schedule.now_ms) ?? this.wall;
  }

  /** As before an ordered stop: what the projections have taken is committed. */
  flush(): void {
    const process = this.#process;
    if (process === undefined) return;
    process.registry.copy.commit(process.registry.seq);
    process.store.copy.commit(process.store.seq);
  }

  #reading<Copy extends RegistryCopy | StoreCopy>(copy: Copy): Reading<Copy> {
    const decoder = new JournalDecoder();
    const seq = copy.checkpoint();
    decoder.prime(this.#view.births(seq));
    return { copy, decoder, seq };
  }

  /** Reads on, if it does not already. */
  project(): void {
    const process = this.#process;
    if (process === undefined || process.projecting) return;
    process.projecting = true;
    this.after(PROJECT_MS, () => {
      process.projecting = false;
      for (const reading of [process.registry, process.store]) {
        const entries = this.#view.read(reading.seq, STEP_ENTRIES_MAX);
        for (const entry of entries) {
          reading.copy.take(reading.decoder.decode(entry));
          reading.seq = entry.seq;
        }
      }
      if (!this.isCaughtUp) this.project();
    });
  }

  #clock(journal: SimulatedJournal): void {
    journal
      .append([{ kind: "CLOCK", receivedAt: this.#now(), payload: new Uint8Array() }])
      .catch(() => undefined);
  }

  #connect(): void {
    const process = this.#process;
    if (process === undefined) return;
    const [connect] = process.session.connect(this.#now());
    if (connect?.kind !== "connect") return;
    let over = false;
    const ifAlive = (work: () => void) => () => {
      if (!over && process === this.#process) work();
    };
    process.connection = this.world.broker.connect(this.name, this.link, connect.will, {
      onConnected: ifAlive(() => {
        this.world.trace(this.name, () => "is connected");
        this.#carryOut(process.session.connected());
      }),
      onSubscribed: ifAlive(() => this.#carryOut(process.session.subscribed(this.#now()))),
      onMessage: (topic, payload) =>
        ifAlive(() => this.#carryOut(process.session.message(topic, payload, this.#now())))(),
      onClosed: ifAlive(() => {
        over = true;
        this.world.trace(this.name, () => "has lost its connection");
        process.connection = undefined;
        process.session.connectionLost();
        this.after(this.random.between(...RECONNECT_MS), () => this.#connect());
      }),
    });
  }

  #carryOut(effects: readonly HostEffect[]): void {
    const process = this.#process;
    if (process === undefined) return;
    for (const effect of effects) {
      switch (effect.kind) {
        case "accept":
          process.intake.take(effect.message);
          break;
        case "publish":
          process.connection?.publish(effect.publication);
          break;
        case "subscribe":
          process.connection?.subscribe(effect.subscriptions);
          break;
        case "disconnect":
          process.connection?.disconnect();
          break;
        case "discard":
          this.world.trace(this.name, () => {
            const { address, payload, type } = effect.message;
            return `discards ${type} ${payload.seq ?? ""} of ${addressKey(address)}: ${effect.reason}`;
          });
          break;
        case "rebirth":
          this.world.trace(this.name, () => `asks for a birth: ${effect.reason}`);
          break;
        default:
      }
    }
  }

  #acknowledgeSoon(): void {
    const process = this.#process;
    if (process === undefined || process.acknowledging) return;
    process.acknowledging = true;
    this.after(ACKNOWLEDGE_MS, () => {
      process.acknowledging = false;
      for (const { node, acknowledgement } of process.intake.acknowledgements().planned)
        process.connection?.publish(acknowledgeCommand(node, acknowledgement, this.#now()));
    });
  }
}
