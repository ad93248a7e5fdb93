/**
 * An edge box: simulated devices and disk, and around the real queue, hand-off and Sparkplug session what the agent's
 * adapters do around them.
 */
import {
  type DeviceBirth,
  type EdgeEffect,
  type EdgeInput,
  type EdgeSession,
  edgeSession,
  eventBirthMetric,
  HANDOFF_EPOCH,
  type Metric,
  RANGE_DECLARATION,
  rangeMetric,
  readCommand,
  sampleToMetric,
  stepEdgeSession,
} from "@campus-ops/broker/sparkplug";
import { type DataClass, DataType, DeviceId, GOOD, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { backoff_ms } from "@campus-ops/edge-agent/core/backoff";
import { DeviceDeaths } from "@campus-ops/edge-agent/core/device-deaths";
import { DRAIN_INTERVAL_MS, Handoff } from "@campus-ops/edge-agent/core/handoff";
import { HandoffWindow } from "@campus-ops/edge-agent/core/handoff-window";
import { lossRecord } from "@campus-ops/edge-agent/core/loss-record";
import { type CommitWish, OutboxQueue } from "@campus-ops/edge-agent/core/outbox-queue";
import type { EncodedRecord, NewRecord, OutboxRecord } from "@campus-ops/edge-agent/core/record";
import { type Connection, Link } from "./broker.ts";
import { DEVICES, Devices } from "./devices.ts";
import { DiskFullError, type SimulatedDisk } from "./disk.ts";
import { type OutboxTables, outboxTables, SimulatedOutboxFile } from "./outbox-file.ts";
import type { Random } from "./random.ts";
import { CAMPUS, HOST } from "./site.ts";
import { Machine, type World } from "./world.ts";

const COMMIT_MS: Readonly<Record<CommitWish, number>> = { now: 0, soon: 50, retry: 1_000 };
const EXPIRY_MS = 20_000;
/** As the agent's: a hub that is back should not wait for its edges. */
const CONNECT_STEPS_MAX = 6;
const DEATHS_MS = 250;
/** How long it takes to find out whether a device answers. */
const FIND_OUT_MS = [10, 3_000] as const;

export interface EdgeOptions {
  readonly bytesMax: number;
  readonly daysMax: number;
  /** Between two reports of its devices, on average. */
  readonly report_ms: number;
}

/** What does not outlive the process. */
interface Process {
  readonly file: SimulatedOutboxFile;
  readonly queue: OutboxQueue<EncodedRecord>;
  readonly handoff: Handoff;
  session: EdgeSession;
  connection: Connection | undefined;
  failures: number;
  readonly window: HandoffWindow;
  readonly deaths: DeviceDeaths;
  /** Who answers, as far as it was tried. */
  readonly found: Map<string, boolean>;
  /** Records of a device that are not durable yet. */
  readonly appending: Map<string, number>;
  /** Timers that run: soon and retry share one. */
  readonly timers: Set<"now" | "later">;
}

export class Edge extends Machine {
  readonly link = new Link();
  readonly key: string;
  readonly storage: SimulatedDisk;
  readonly devices: Devices;
  readonly #node: NodeId;
  readonly #options: EdgeOptions;
  readonly #tables: OutboxTables;
  #process: Process | undefined;
  /** Births of the node, over all its lives. */
  #births = 0;
  #startedAt_ms = 0;
  reporting = true;

  constructor(world: World, name: string, random: Random, options: EdgeOptions) {
    super(world, name, random);
    this.#node = NodeId(name);
    this.key = `${CAMPUS}/${name}`;
    this.#options = options;
    this.storage = this.disk();
    this.#tables = outboxTables(this.storage);
    this.devices = new Devices(name, random.fork("devices"));
  }

  /** Nothing waits here any more. */
  get isEmpty(): boolean {
    if (this.#process?.file.mustRetell === true) return false;
    const waiting = [...this.#tables.records.values()].some(({ size }) => size > 0);
    return this.isRunning && !waiting && this.#process?.timers.size === 0;
  }

  /** It has found out about each of its devices. */
  get knowsDevices(): boolean {
    return DEVICES.every((device) => this.#process?.found.get(device) === !this.devices.isOut(device));
  }

  get isOnline(): boolean {
    return this.#process?.session.phase === "online";
  }

  get waitingRecords(): number {
    return [...this.#tables.records.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** A device stops answering, or answers again. */
  turn(device: string): void {
    this.world.trace(this.name, () => `${device} ${this.devices.isOut(device) ? "is back" : "is out"}`);
    this.devices.turn(device);
    if (this.isRunning) this.#try(device);
  }

  /** One more report of every device, now. */
  reportAll(): void {
    for (const record of this.devices.all(this.wall)) this.#append(record);
  }

  protected boot(): void {
    const { bytesMax, daysMax } = this.#options;
    const { observer, pieces } = this.world;
    this.#startedAt_ms = this.world.schedule.now_ms;
    const file = new SimulatedOutboxFile({
      disk: this.storage,
      tables: this.#tables,
      now: () => this.wall,
      nextNumber: pieces.nextNumber,
      onDurable: (change) => {
        for (const { dataClass, range } of change.givenUp)
          this.world.trace(this.name, () => `gives up ${dataClass} ${range.first} to ${range.last}`);
        observer.outboxChanged(this.key, change);
      },
    });
    const queue = new OutboxQueue<EncodedRecord>({
      medium: pieces.medium(file, bytesMax),
      bytesMax,
      daysMax,
      now: () => this.wall,
      lossRecord,
      wish: (when) => this.#commitAfter(when),
      replace: () => undefined,
      onTrouble: (message) => this.world.trace(this.name, () => message),
    });
    const clock = {
      instant: () => ({ wall: this.wall, uptime_ms: this.#uptime_ms }),
    };
    const window = new HandoffWindow();
    const handoff = new Handoff(pieces.drainFrom(queue), clock, "acknowledged", window);
    const session = edgeSession({
      campus: CAMPUS,
      node: this.#node,
      primaryHost: HOST,
      bdSeq: file.remembered("bdSeq") ?? 0,
    });
    this.#process = {
      file,
      queue,
      handoff,
      session,
      connection: undefined,
      failures: 0,
      window,
      deaths: new DeviceDeaths(),
      found: new Map(),
      appending: new Map(),
      timers: new Set(),
    };
    for (const device of DEVICES) this.#try(device);
    this.every(DEATHS_MS, () => {
      this.#tellDeaths();
      this.#retell();
    });
    this.#report();
    this.every(EXPIRY_MS, () => queue.expire());
    this.every(DRAIN_INTERVAL_MS, () => {
      if (this.isOnline) handoff.drain();
    });
    this.after(this.random.between(0, 500), () => this.#connect());
  }

  protected died(): void {
    const connection = this.#process?.connection;
    this.#process = undefined;
    if (connection !== undefined) this.world.broker.died(connection);
  }

  #report(): void {
    this.after(this.random.between(1, 2 * this.#options.report_ms), () => {
      const record = this.reporting ? this.devices.next(this.wall) : undefined;
      if (record !== undefined) this.#append(record);
      this.#report();
    });
  }

  #try(device: string): void {
    this.after(this.random.between(...FIND_OUT_MS), () => {
      const online = !this.devices.isOut(device);
      const found = this.#process?.found;
      if (found === undefined || found.get(device) === online) return;
      found.set(device, online);
      this.#append(this.devices.found(device, online, this.wall));
    });
  }

  #append(record: NewRecord): void {
    const process = this.#process;
    if (process === undefined) return;
    const { device } = record;
    if (this.isOnline && !this.#isBorn(process, device)) {
      process.deaths.returned(DeviceId(device), this.#uptime_ms);
      this.#birthDevice(process, device);
    }
    const appending = (by: number) =>
      process.appending.set(device, (process.appending.get(device) ?? 0) + by);
    appending(1);
    process.queue
      .append([record])
      .finally(() => appending(-1))
      .then(
        (records) => {
          if (process === this.#process) process.handoff.offer(records);
        },
        () => undefined,
      );
  }

  #isBorn({ session }: Process, device: string): boolean {
    return session.phase === "online" && session.aliases.devices.has(DeviceId(device));
  }

  get #uptime_ms(): number {
    return this.world.schedule.now_ms - this.#startedAt_ms;
  }

  #tellDeaths(): void {
    const process = this.#process;
    if (process === undefined || !this.isOnline) return;
    const { appending, deaths, found } = process;
    const records = [...this.#tables.records.values()].flatMap((table) => [...table.values()]);
    const waiting = new Set(records.map(({ record }) => record.device));
    const presence = DEVICES.map((device) => ({
      id: DeviceId(device),
      isGone: found.get(device) === false,
      isBorn: this.#isBorn(process, device),
      isWaiting: (appending.get(device) ?? 0) > 0 || waiting.has(device),
    }));
    const told = deaths.look(presence, this.#uptime_ms);
    for (const device of told.births) this.#birthDevice(process, device);
    for (const device of told.deaths) {
      this.world.trace(this.name, () => `tells the death of ${device}`);
      this.#step({ kind: "device-death", time: this.wall, device });
    }
  }

  /** As the agent, if sooner after the last time: worlds are short. */
  #retell(): void {
    const file = this.#process?.file;
    if (file === undefined || !this.isOnline || !file.mustRetell) return;
    this.#carryOut({ kind: "birth-needed", why: "rebirth" });
    this.#keep(() => file.retold());
  }

  #birthDevice({ found }: Process, device: string): void {
    this.world.trace(this.name, () => `tells the birth of ${device}`);
    const time = this.wall;
    for (const birth of this.#deviceBirths(time, found))
      if (birth.device === device) this.#step({ kind: "device-birth", time, birth });
  }

  #deviceBirths(time: number, found: ReadonlyMap<string, boolean>): readonly DeviceBirth[] {
    return this.devices.births(time, found).map(({ device, metrics: own }) => ({
      device: DeviceId(device),
      metrics: [...own, RANGE_DECLARATION],
    }));
  }

  #commitAfter(when: CommitWish): void {
    const timers = this.#process?.timers;
    const timer = when === "now" ? "now" : "later";
    if (timers === undefined || timers.has(timer)) return;
    timers.add(timer);
    this.after(COMMIT_MS[when], () => {
      const process = this.#process;
      if (process === undefined || !process.timers.has(timer)) return;
      process.timers.clear();
      this.world.schedule.settle();
      process.queue.commit();
      const { alarm, access, state, telemetry, bulk } = process.file.bytes;
      const bytes = alarm + access + state + telemetry + bulk;
      if (this.isRunning && !this.storage.isFull)
        this.world.observer.bounded(this.name, bytes, this.#options.bytesMax);
    });
  }

  #connect(): void {
    const process = this.#process;
    if (process === undefined) return;
    const [connect] = this.#feed({ kind: "connect" });
    if (connect?.kind !== "connect") return;
    this.#keep(() => process.file.remember("bdSeq", (connect.bdSeq + 1) % 256));
    let over = false;
    const ifAlive = (work: () => void) => () => {
      if (!over && process === this.#process) work();
    };
    process.connection = this.world.broker.connect(this.name, this.link, connect.will, {
      onConnected: ifAlive(() => this.#step({ kind: "connected" })),
      onSubscribed: ifAlive(() => this.#step({ kind: "subscribed" })),
      onMessage: (topic, payload) => ifAlive(() => this.#step({ kind: "message", topic, payload }))(),
      onClosed: ifAlive(() => {
        over = true;
        this.#ended(process);
      }),
    });
  }

  /** As the outbox does: a full disk is no reason to stay away. */
  #keep(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof DiskFullError)) throw error;
    }
  }

  #ended(process: Process): void {
    this.world.trace(this.name, () => "has lost its connection");
    process.connection = undefined;
    this.#step({ kind: "connection-lost" });
    process.handoff.end();
    process.failures += 1;
    const wait = backoff_ms(Math.min(process.failures, CONNECT_STEPS_MAX), () => this.random.next());
    this.after(wait, () => this.#connect());
  }

  #feed(input: EdgeInput): readonly EdgeEffect[] {
    const process = this.#process;
    if (process === undefined) return [];
    const { state, effects } = stepEdgeSession(process.session, input);
    process.session = state;
    return effects;
  }

  #step(input: EdgeInput): void {
    for (const effect of this.#feed(input)) this.#carryOut(effect);
  }

  #carryOut(effect: EdgeEffect): void {
    const process = this.#process;
    if (process === undefined) return;
    switch (effect.kind) {
      case "subscribe":
        process.connection?.subscribe(effect.subscriptions);
        return;
      case "birth-needed":
        this.#birth(process, effect.why);
        return;
      case "publish":
        process.connection?.publish(effect.publication);
        return;
      case "command":
        for (const acknowledgement of readCommand(effect.payload.metrics).acknowledgements) {
          this.world.trace(this.name, () => `is acknowledged ${runsText(acknowledgement.runs)}`);
          process.handoff.acknowledge(acknowledgement);
        }
        return;
      case "disconnect":
        process.handoff.end();
        process.connection?.disconnect();
        return;
      default:
    }
  }

  #birth(process: Process, why: string): void {
    const time = this.wall;
    const metrics: readonly Metric[] = [
      { name: HANDOFF_EPOCH, datatype: DataType.UInt64, timestamp: time, value: process.queue.epoch },
      ...nodeProperties(time),
      eventBirthMetric("Edge/Loss", time),
      RANGE_DECLARATION,
    ];
    const devices = this.#deviceBirths(time, process.found);
    this.#births += 1;
    process.failures = 0;
    this.world.trace(this.name, () => `is born (${why})`);
    this.#step({ kind: "birth", time, metrics, devices });
    this.#tellDeaths();
    const { connection } = process;
    const session = this.#births;
    process.handoff.begin({
      get writable() {
        return connection?.isOpen === true;
      },
      send: async (record, historical) => {
        if (process !== this.#process || connection !== process.connection) throw new Error("session over");
        this.#send(process, record, historical, session);
      },
    });
  }

  #send(process: Process, record: OutboxRecord, historical: boolean, session: number): void {
    const marked = historical
      ? record.metrics.map((each) => ({ ...each, isHistorical: true }))
      : record.metrics;
    const metrics = [...marked, { ...rangeMetric(record.range), timestamp: record.to }];
    const data = { kind: "data", time: this.wall, metrics } as const;
    const effects = this.#feed(record.device === "" ? data : { ...data, device: DeviceId(record.device) });
    for (const effect of effects) {
      const refused = effect.kind === "not-sent" ? effect.why : undefined;
      this.world.observer.expect(
        refused === undefined || refused === "not-in-session",
        "presence",
        () => `${this.name} could not send ${recordText(record)} of ${record.device}: ${refused}`,
      );
      if (effect.kind !== "publish") continue;
      const { payload } = effect.publication;
      this.world.trace(this.name, () => `sends ${recordText(record)}${historical ? ", historical" : ""}`);
      this.world.observer.sent(this.key, record, { session, historical, payload }, (dataClass) =>
        this.#oldestWaiting(process, dataClass),
      );
      process.connection?.publish(effect.publication);
    }
  }

  #oldestWaiting(process: Process, dataClass: DataClass): OutboxRecord | undefined {
    const [oldest] = process.queue.next(1, process.window.inFlight, [dataClass]);
    return oldest;
  }
}

function nodeProperties(at: number): Metric[] {
  const properties = { Class: "edge-box", TitleZh: "盒", TitleEn: "box", Path: "990100/990101/qiyun-no1" };
  return Object.entries(properties).map(([name, value]) =>
    sampleToMetric({ metric: `Properties/${name}`, value, quality: GOOD, eventTime: at }),
  );
}

function recordText({ dataClass, range }: OutboxRecord): string {
  return `${dataClass} ${range.first} to ${range.last}`;
}

function runsText(runs: readonly { first: number; last: number }[]): string {
  return runs.map(({ first, last }) => `${first}–${last}`).join(", ");
}
