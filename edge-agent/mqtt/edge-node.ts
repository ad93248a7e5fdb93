/**
 * The Sparkplug edge node on a real MQTT connection: carries out what the pure session (`@campus-ops/broker/sparkplug`,
 * edge-session) says, and keeps connecting for as long as the agent runs.
 */
import {
  type Acknowledgement,
  COMMAND_ID,
  type EdgeEffect,
  type EdgeInput,
  type EdgeSession,
  edgeSession,
  type Metric,
  type ReadCommand,
  rangeMetric,
  readCommand,
  stepEdgeSession,
} from "@campus-ops/broker/sparkplug";
import { type CampusId, DeviceId, type NodeId } from "@campus-ops/device-profiles/vocabulary";
import { backoff_ms, type Random } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";
import type { RecordSession } from "../handoff/sender.ts";
import type { OutboxRecord } from "../outbox/record.ts";
import { pause } from "../supervisor/deadline.ts";
import { type BrokerAddress, Connection, NotReachedError } from "./connection.ts";

/** How long NDEATH and DISCONNECT may take on an intentional stop. */
export const FAREWELL_MS_MAX = 2_000;

/** The wait between attempts to connect stops growing at 32 s: a hub that is back should not wait for its edges. */
const CONNECT_STEPS_MAX = 6;

/** With several servers: how long the primary host may say nothing on one before the next is tried. */
export const HOST_WAIT_MS_MAX = 10_000;

/** What the node and its devices say of themselves at a birth, with names and datatypes; asked for each time anew. */
export interface Births {
  node(): readonly Metric[];
  devices(): readonly DeviceId[];
  device(device: DeviceId): readonly Metric[];
}

export interface EdgeNodeOptions {
  readonly campus: CampusId;
  readonly node: NodeId;
  /** One at least. With several the next is tried whenever a connection ends or does not come about. */
  readonly brokers: readonly BrokerAddress[];
  /** Sparkplug host id; undefined: nobody is waited for. */
  readonly primaryHost: string | undefined;
  readonly births: Births;
  /** Whether DATA says which sample numbers it carries; a host that knows no acknowledgements is spared it. */
  readonly numbered: boolean;
  /** bdSeq of the next CONNECT, and where it is kept, so that the will of a session before a restart is told apart. */
  readonly bdSeq: number;
  readonly keepBdSeq: (next: number) => void;
  /** The births are out, of a new session or again. */
  readonly onBorn: (session: RecordSession) => void;
  readonly onEnded: () => void;
  readonly onAcknowledgement: (acknowledgement: Acknowledgement) => void;
  /** `id` is the host's name for the command, also of one that is refused. */
  readonly onCommand: (device: DeviceId | undefined, command: ReadCommand, id: string | undefined) => void;
  /** A message that could not be read: counted and logged, otherwise without effect. */
  readonly onMalformed: (topic: string, why: string) => void;
  /** When the host sent the message that has just arrived, by its own clock. */
  readonly onHostTime?: (time: number) => void;
  /** The host says that this node is not who it was, or not alone. */
  readonly onIdentity?: (command: Pick<ReadCommand, "dispute" | "recall" | "twin">) => void;
  /** Asked when a session has ended: how long to stay away at least. */
  readonly stayAway_ms?: () => number;
  readonly onConnection: (event: "connected" | "born" | "ended", detail: string) => void;
  readonly clock: Clock;
  readonly random: Random;
  /** {@link HOST_WAIT_MS_MAX} unless said. */
  readonly hostWait_ms?: number;
  /** See `ConnectionOptions.program`. */
  readonly program?: string | undefined;
}

export class EdgeNode {
  readonly #options: EdgeNodeOptions;
  #session: EdgeSession;
  #connection: Connection | undefined;
  #births = 0;
  /** Connections tried; the remainder by the number of servers is whose turn it is. */
  #attempts = 0;

  constructor(options: EdgeNodeOptions) {
    this.#options = options;
    const { bdSeq, brokers, campus, node, primaryHost } = options;
    this.#session = edgeSession({
      campus,
      node,
      bdSeq,
      servers: brokers.length,
      ...(primaryHost === undefined ? {} : { primaryHost }),
    });
  }

  get born(): boolean {
    return this.#session.phase === "online";
  }

  /** Births of the whole node since the process began. */
  get births(): number {
    return this.#births;
  }

  /** Runs until `signal` aborts, then says goodbye. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { brokers, onConnection, random, stayAway_ms } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      const births = this.#births;
      const why = await this.#connectOnce(signal).catch((error: unknown) =>
        error instanceof Error ? error.message : String(error),
      );
      onConnection("ended", why);
      failures = this.#births > births ? 1 : failures + 1;
      // The wait grows with every round of the servers, not with every server.
      const rounds = Math.ceil(failures / brokers.length);
      const wait_ms = backoff_ms(Math.min(rounds, CONNECT_STEPS_MAX), random);
      await pause(Math.max(wait_ms, stayAway_ms?.() ?? 0), signal);
    }
  }

  /** All births anew, in the same session; without one there is nothing to say. */
  rebirth(): void {
    if (!this.born) return;
    this.#carryOut({ kind: "birth-needed", why: "rebirth" }).catch(() => undefined);
  }

  /** A device has metrics that its last birth did not name. */
  birthDevice(device: DeviceId): void {
    if (!this.born) return;
    const birth = { device, metrics: this.#options.births.device(device) };
    void this.#feed({ kind: "device-birth", time: this.#now(), birth }).catch(() => undefined);
  }

  /** The device's DBIRTH went out in this session, and no DDEATH after it. */
  isDeviceBorn(device: DeviceId): boolean {
    return this.born && this.#session.aliases.devices.has(device);
  }

  /** A device is gone. Where it was not born there is nothing to say. */
  endDevice(device: DeviceId): void {
    if (!this.born) return;
    void this.#feed({ kind: "device-death", time: this.#now(), device }).catch(() => undefined);
  }

  /** From CONNECT to the connection's end; resolves with why it ended. */
  async #connectOnce(signal: AbortSignal): Promise<string> {
    const { campus, node, keepBdSeq, onConnection, onEnded } = this.#options;
    const broker = this.#nextBroker();
    const { state, effects } = stepEdgeSession(this.#session, { kind: "connect" });
    this.#session = state;
    const [connect] = effects;
    if (connect?.kind !== "connect") throw new Error(`cannot connect while ${state.phase}`);
    keepBdSeq(connect.bdSeq + 1);
    const stop = (): void => void this.#feed({ kind: "stop" }).catch(() => undefined);
    let unsent = false;
    try {
      const connection = await Connection.open(
        broker,
        `${campus}-${node}`,
        connect.will,
        (topic, payload) => {
          void this.#feed({ kind: "message", topic, payload }).catch(() => undefined);
        },
        { now: () => this.#options.clock.instant(), program: this.#options.program },
      ).catch((error: unknown) => {
        unsent = error instanceof NotReachedError;
        if (unsent) keepBdSeq(connect.bdSeq);
        throw error;
      });
      this.#connection = connection;
      onConnection("connected", broker.url);
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      else {
        const opened = this.#feed({ kind: "connected" });
        await Promise.race([opened, connection.ended]);
        opened.catch(() => undefined);
      }
      return await connection.ended;
    } finally {
      signal.removeEventListener("abort", stop);
      this.#connection?.abort();
      this.#connection = undefined;
      await this.#feed({ kind: "connection-lost", unsent });
      onEnded();
    }
  }

  #nextBroker(): BrokerAddress {
    const { brokers } = this.#options;
    const broker = brokers[this.#attempts % brokers.length];
    if (broker === undefined) throw new Error("an edge node needs a broker");
    this.#attempts += 1;
    return broker;
  }

  /** A server on which the primary host never says anything is no better than one on which it is offline. */
  async #awaitHost(): Promise<void> {
    const { brokers, hostWait_ms = HOST_WAIT_MS_MAX } = this.#options;
    const connection = this.#connection;
    if (brokers.length < 2 || this.#session.phase !== "waiting" || connection === undefined) return;
    await pause(hostWait_ms, new AbortController().signal, connection.ended);
    if (connection === this.#connection) await this.#feed({ kind: "host-silent" });
  }

  /** One step of the session; resolves when its effects have been carried out, and rejects when the connection is gone. */
  async #feed(input: EdgeInput): Promise<void> {
    const { state, effects } = stepEdgeSession(this.#session, input);
    this.#session = state;
    // Every effect is begun in this turn of the event loop, so that messages leave in the order of their seq.
    await Promise.all(effects.map((effect) => this.#carryOut(effect)));
  }

  async #carryOut(effect: EdgeEffect): Promise<void> {
    const { births, onCommand, onMalformed } = this.#options;
    switch (effect.kind) {
      case "connect":
        return;
      case "subscribe":
        await this.#connection?.subscribe(effect.subscriptions);
        await this.#feed({ kind: "subscribed" });
        return await this.#awaitHost();
      case "birth-needed": {
        const devices = births.devices().map((device) => ({ device, metrics: births.device(device) }));
        const sent = this.#feed({ kind: "birth", time: this.#now(), metrics: births.node(), devices });
        this.#births += 1;
        this.#options.onConnection("born", effect.why);
        this.#options.onBorn(this.#recordSession());
        return await sent;
      }
      case "publish":
        if (this.#connection === undefined) throw new Error("not connected");
        return await this.#connection.publish(effect.publication);
      case "command": {
        const metrics = effect.payload.metrics.map((metric) => this.#named(effect.device, metric));
        const command = readCommand(metrics);
        const id = metrics.find(({ name }) => name === COMMAND_ID)?.value;
        for (const acknowledgement of command.acknowledgements) {
          if (effect.device === undefined) this.#options.onAcknowledgement(acknowledgement);
        }
        const { timestamp } = effect.payload;
        if (timestamp !== undefined) this.#options.onHostTime?.(timestamp);
        const { dispute, recall, twin } = command;
        if (effect.device === undefined && (dispute ?? twin ?? recall) !== undefined)
          this.#options.onIdentity?.(command);
        return onCommand(effect.device, command, typeof id === "string" && id !== "" ? id : undefined);
      }
      case "disconnect":
        return await this.#leave();
      case "not-sent":
        throw new Error(`not sent: ${effect.why}`);
      case "malformed":
        return onMalformed(effect.topic, effect.error?.message ?? "not a STATE message");
    }
  }

  /** What was published before goes out first; a connection that does not take it in time is cut. */
  async #leave(): Promise<void> {
    const connection = this.#connection;
    await Promise.race([connection?.close(), pause(FAREWELL_MS_MAX, new AbortController().signal)]);
    connection?.abort();
  }

  #recordSession(): RecordSession {
    const connection = this.#connection;
    return {
      get writable() {
        return connection?.writable === true;
      },
      send: async (record, historical) => {
        if (connection !== this.#connection) throw new Error("the session has ended");
        await this.#feed(dataInput(record, historical, this.#options.numbered, this.#now()));
      },
    };
  }

  #named(device: DeviceId | undefined, metric: Metric): Metric {
    if (metric.name !== undefined || metric.alias === undefined) return metric;
    const { aliases } = this.#session;
    const scope = device === undefined ? aliases.node : aliases.devices.get(device);
    for (const [name, alias] of scope ?? []) if (alias === metric.alias) return { ...metric, name };
    return metric;
  }

  #now(): number {
    return this.#options.clock.instant().wall;
  }
}

function dataInput(record: OutboxRecord, historical: boolean, numbered: boolean, time: number): EdgeInput {
  const reported = historical
    ? record.metrics.map((metric) => ({ ...metric, isHistorical: true }))
    : record.metrics;
  const metrics = numbered ? [...reported, { ...rangeMetric(record.range), timestamp: record.to }] : reported;
  const data = { kind: "data", time, metrics } as const;
  return record.device === "" ? data : { ...data, device: DeviceId(record.device) };
}
