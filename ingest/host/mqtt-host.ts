/** The Sparkplug primary host on an MQTT connection: carries out what the host session decides. */

import type { JournalWriter } from "@campus-ops/broker/journal";
import {
  acknowledgeCommand,
  encodePayload,
  type HostEffect,
  HostSession,
  type NodeMessage,
  type Publication,
  recallCommand,
} from "@campus-ops/broker/sparkplug";
import {
  type Address,
  addressKey,
  type CampusId,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { Log } from "@campus-ops/service";
import mqtt, { type MqttClient } from "mqtt";
import { ACKNOWLEDGE_MS } from "../core/acknowledgement.ts";
import { ClockWish } from "../core/clock-wish.ts";
import { Intake } from "../core/intake.ts";
import { PreciousContent } from "../core/precious-content.ts";
import { RangeAliases } from "../core/range-aliases.ts";
import type { DiskWatch } from "./disk-watch.ts";
import { IdentityDesk } from "./identity-desk.ts";
import { LimitedLog } from "./limited-log.ts";
import type { IngestMetrics } from "./metrics.ts";
import type { Quarantine } from "./quarantine.ts";
import { type ReaderPlace, Reception } from "./reception.ts";

const RECONNECT_MS_MIN = 250;
const RECONNECT_MS_MAX = 10_000;
const CONNECT_MS_MAX = 10_000;
const TICK_MS = 200;
/** A tick that comes later than this found the process stalled: what arrived meanwhile is still to be read. */
const TICK_MS_MAX = 2 * TICK_MS;
const CLOCK_MS = 1_000;
/** A node that was online, and is silent for so long after it was asked for its births, is gone. */
export const SILENCE_MS_MAX = 30_000;

type NodeAddress = Omit<Address, "device">;

export interface MqttHostOptions {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly hostId: string;
  /** The one campus that it is the host of; all unless said. */
  readonly campus?: CampusId;
  readonly journal: JournalWriter;
  readonly quarantine: Quarantine;
  readonly metrics: IngestMetrics;
  readonly log: Log;
  readonly now: () => Timestamp;
  /** The wall clock: edges without a clock of their own learn the time from acknowledgements. */
  readonly wall: () => Timestamp;
  /** Nodes that the registry believes to be online: one that stays silent is recorded as gone. */
  readonly nodesOnline: () => Iterable<NodeAddress>;
  /** Projections that telemetry waits for when they are behind. */
  readonly projections: () => Iterable<ReaderPlace>;
  /** Milliseconds that never step back. */
  readonly uptime_ms: () => number;
  /** Keeps what is no business of the journal's, and answers with what is. Throws when its disk is full. */
  readonly pictures?: { take(message: NodeMessage): NodeMessage };
  /** Absent: the room on the disk is nobody's concern. */
  readonly disk?: Pick<DiskWatch, "room" | "refused">;
  /** {@link SILENCE_MS_MAX} unless said. */
  readonly silence_ms?: number;
}

export class MqttHost {
  readonly #options: MqttHostOptions;
  readonly #session: HostSession;
  readonly #intake: Intake;
  readonly #reception: Reception;
  readonly #precious = new PreciousContent();
  readonly #warn: LimitedLog;
  readonly #silent = new Map<string, { readonly node: NodeAddress; readonly until: Timestamp }>();
  #client: MqttClient | undefined;
  #reconnectMs = RECONNECT_MS_MIN;
  #reconnecting: NodeJS.Timeout | undefined;
  #acknowledging: NodeJS.Timeout | undefined;
  #ticking: NodeJS.Timeout | undefined;
  #lastEntryAt: Timestamp = 0;
  readonly #wish = new ClockWish();
  #wishing: NodeJS.Timeout | undefined;
  #tickedAt: Timestamp = 0;
  /** The last tick was left out after a stall. */
  #isWaiting = false;
  #stopped = false;
  #leftOutAt: Timestamp | undefined;
  /** The payload that is being looked at. */
  #received: Uint8Array = new Uint8Array();

  constructor(options: MqttHostOptions) {
    this.#options = options;
    this.#session = new HostSession({
      host: options.hostId,
      ...(options.campus === undefined ? {} : { campus: options.campus }),
    });
    this.#warn = new LimitedLog(options.log, options.now);
    const { metrics } = options;
    const ranges = new RangeAliases();
    const desk = new IdentityDesk({ ...options, send: (publication) => this.send(publication) });
    this.#intake = new Intake(options.journal, ranges, {
      onDurable: () => this.#scheduleAcknowledgements(),
      onDuplicate: () => metrics.duplicates.inc(),
      onAccount: (address, account, at) => desk.birth(address, account.epoch, at),
      onDispute: (address, dispute, at) => desk.dispute(address, dispute, at),
      onRecall: (address, lost, at) => void this.send(recallCommand(address, lost, at)),
      onRefused: (error, { address, type }) => {
        metrics.refused.inc();
        if (type !== "NDATA" && type !== "DDATA") this.#session.forget(address, options.now());
        options.disk?.refused(error);
        this.#warn.warn(
          "refused",
          { err: error },
          "the journal took nothing; senders keep what was not acknowledged",
        );
      },
    });
    this.#reception = new Reception({
      last: () => options.journal.last,
      projections: options.projections,
      take: (message) => this.#take(message),
      // A birth would teach the aliases before what waits has been read by the old ones.
      isNumbered: (message) =>
        (message.type === "NDATA" || message.type === "DDATA") && ranges.rangeOf(message) !== undefined,
      onWithheld: () => metrics.withheld.inc(),
      onLeftOut: (message) => this.#leftOut(message),
      uptime_ms: options.uptime_ms,
    });
  }

  /** How far the rules have read the journal. */
  rulesTook(seq: number): void {
    this.#reception.rulesTook(seq);
  }

  /** Messages that wait for the journal's readers. */
  get waiting(): number {
    return this.#reception.waiting;
  }

  /** When something was lost last because more came than the hub can take; by the time that messages are given. */
  get leftOutAt(): Timestamp | undefined {
    return this.#leftOutAt;
  }

  /** Connects in the background and stays connected. */
  start(): void {
    for (const node of this.#options.nodesOnline()) this.#session.expect(node, this.#options.now());
    this.#tickedAt = this.#options.now();
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
    this.#connect();
  }

  get isConnected(): boolean {
    return this.#client?.connected ?? false;
  }

  /** Sends a command; false when the broker is away. */
  send({ topic, payload, qos, retain }: Publication): boolean {
    if (this.#client === undefined || !this.isConnected) return false;
    this.#client.publish(topic, Buffer.from(payload), { qos, retain });
    return true;
  }

  /** Says that it leaves, and ends once what was taken in is durable and acknowledged. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#reception.stop();
    clearInterval(this.#ticking);
    clearTimeout(this.#reconnecting);
    clearTimeout(this.#wishing);
    await this.#intake.settled();
    this.#acknowledge();
    const client = this.#client;
    if (client === undefined || !client.connected) {
      client?.end(true);
      return;
    }
    this.#carryOut(this.#session.stop(this.#options.now()).filter(({ kind }) => kind !== "disconnect"));
    await client.endAsync();
  }

  #connect(): void {
    for (const effect of this.#session.connect(this.#options.now())) {
      if (effect.kind === "connect") this.#open(effect.will);
    }
  }

  /** One connection, one client: what was given to a lost connection is never sent again by the library. */
  #open(will: Publication): void {
    const { url, username, password, hostId, log } = this.#options;
    const client = mqtt.connect(url, {
      clientId: `campus-ops-host-${hostId}`,
      clean: true,
      protocolVersion: 4,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_MS_MAX,
      keepalive: 10,
      resubscribe: false,
      queueQoSZero: false,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      will: { topic: will.topic, payload: Buffer.from(will.payload), qos: will.qos, retain: will.retain },
    });
    this.#client = client;
    client.on("connect", () => {
      this.#reconnectMs = RECONNECT_MS_MIN;
      log.info({ broker: url }, "connected to the broker");
      this.#carryOut(this.#session.connected());
    });
    client.on("message", (topic, payload) => {
      this.#received = payload;
      this.#carryOut(this.#session.message(topic, payload, this.#options.now()));
    });
    client.on("error", (error) => {
      this.#warn.warn("broker", { err: error, broker: url }, "the broker cannot be used; trying again");
      client.end(true);
    });
    client.on("close", () => {
      if (this.#client !== client) return;
      this.#client = undefined;
      this.#session.connectionLost();
      if (!this.#stopped) this.#reconnect();
    });
  }

  #reconnect(): void {
    const wait = this.#reconnectMs * (0.5 + Math.random() / 2);
    this.#reconnectMs = Math.min(this.#reconnectMs * 2, RECONNECT_MS_MAX);
    this.#reconnecting = setTimeout(() => this.#connect(), wait);
  }

  #carryOut(effects: readonly HostEffect[]): void {
    for (const effect of effects) this.#carryOutOne(effect);
  }

  #carryOutOne(effect: HostEffect): void {
    const { metrics } = this.#options;
    switch (effect.kind) {
      case "accept":
        this.#accept(effect.message);
        return;
      case "publish":
        this.send(effect.publication);
        return;
      case "subscribe":
        this.#subscribe(effect.subscriptions);
        return;
      case "disconnect":
        this.#client?.end();
        return;
      case "rebirth":
        metrics.rebirths.inc({ reason: effect.reason });
        return;
      case "discard":
        metrics.discarded.inc({ reason: effect.reason });
        if (effect.reason === "late-death") this.#recordIfSilent(effect.message.address);
        return;
      case "malformed": {
        metrics.malformed.inc();
        const fields = { topic: effect.topic, problem: effect.error, kept: this.#setAside(effect.topic) };
        this.#warn.warn(
          "malformed",
          fields,
          "a payload is no Sparkplug B; it was set aside and nothing else suffers",
        );
        return;
      }
      case "too-many-nodes":
        metrics.discarded.inc({ reason: "too-many-nodes" });
        this.#warn.warn(
          "nodes",
          { topic: effect.topic },
          "too many edge nodes for one host; this one is not heard",
        );
        return;
      default:
    }
  }

  #setAside(topic: string): string | undefined {
    try {
      return this.#options.quarantine.add(topic, this.#received, this.#options.now());
    } catch (error) {
      this.#warn.warn("quarantine", { err: error }, "a malformed payload could not be set aside");
      return undefined;
    }
  }

  #subscribe(subscriptions: readonly { readonly filter: string; readonly qos: 0 | 1 }[]): void {
    const client = this.#client;
    const wanted = Object.fromEntries(subscriptions.map(({ filter, qos }) => [filter, { qos }]));
    client?.subscribe(wanted, (error) => {
      if (client !== this.#client) return;
      if (error) {
        this.#warn.warn("subscribe", { err: error }, "the broker refused the subscription; trying again");
        client.end(true);
        return;
      }
      this.#carryOut(this.#session.subscribed(this.#options.now()));
      const until = this.#options.now() + (this.#options.silence_ms ?? SILENCE_MS_MAX);
      for (const node of this.#options.nodesOnline()) this.#silent.set(addressKey(node), { node, until });
    });
  }

  #accept(message: NodeMessage): void {
    const { campus, node } = message.address;
    const { disk } = this.#options;
    this.#precious.learn(message);
    if (disk !== undefined && disk.room !== "ample" && !this.#precious.isIn(message)) {
      this.#options.metrics.withheld.inc();
      return;
    }
    if (message.type === "NBIRTH" || message.type === "NDEATH")
      this.#silent.delete(addressKey({ campus, node }));
    this.#reception.take(message);
  }

  #take(message: NodeMessage): void {
    const kept = this.#shelved(message);
    if (kept === undefined) return;
    this.#options.metrics.entries.inc({ kind: message.type });
    this.#told(message.receivedAt);
    this.#intake.take(kept);
  }

  /** Nobody has it any more: its sender does not number what it sends. */
  #leftOut({ address, payload, receivedAt }: NodeMessage): void {
    this.#options.metrics.leftOut.inc(payload.metrics.length);
    this.#leftOutAt = receivedAt;
    this.#warn.warn(
      "left out",
      { node: addressKey(address), samples: payload.metrics.length },
      "more comes than the hub can take, so that telemetry of nodes without a numbered outbox is lost; alarms go first",
    );
  }

  /** Undefined when a picture in it could not be kept: it is not acknowledged, and comes again. */
  #shelved(message: NodeMessage): NodeMessage | undefined {
    const { disk, metrics, pictures } = this.#options;
    try {
      return pictures === undefined ? message : pictures.take(message);
    } catch (error) {
      metrics.withheld.inc();
      disk?.refused(error);
      this.#warn.warn("pictures", { err: error }, "a picture could not be kept; it waits at its edge box");
      return undefined;
    }
  }

  #tick(): void {
    const now = this.#options.now();
    // Nobody is late, and nothing is missing, that may be waiting in the socket: it is read before the next tick.
    this.#isWaiting = now - this.#tickedAt > TICK_MS_MAX && !this.#isWaiting;
    this.#tickedAt = now;
    if (!this.#isWaiting) {
      this.#carryOut(this.#session.tick(now));
      for (const { node, until } of this.#silent.values()) if (now >= until) this.#recordIfSilent(node);
    }
    // A clock that stepped back must not silence the journal's own.
    if (Math.abs(now - this.#lastEntryAt) < CLOCK_MS) return;
    this.#told(now);
    this.#append("CLOCK", now);
  }

  /** Rules wait for this moment: the journal tells it when it comes. */
  wishClock(at: Timestamp): void {
    if (this.#wish.wish(at, this.#options.now())) this.#scheduleWish();
  }

  #told(at: Timestamp): void {
    this.#lastEntryAt = at;
    this.#wish.told(at);
  }

  #scheduleWish(): void {
    clearTimeout(this.#wishing);
    const wait_ms = this.#wish.wait_ms(this.#options.now());
    if (wait_ms === undefined) return;
    this.#wishing = setTimeout(() => {
      const now = this.#options.now();
      if (this.#wish.wait_ms(now) === 0) {
        this.#told(now);
        this.#append("CLOCK", now);
      }
      this.#scheduleWish();
    }, wait_ms);
  }

  /** The death of a node whose will nobody heard, because no host was there: without bdSeq, as the host's own finding. */
  #recordIfSilent({ campus, node }: NodeAddress): void {
    const key = addressKey({ campus, node });
    if (!this.#silent.delete(key)) return;
    const now = this.#options.now();
    this.#options.log.info({ node: key }, "was online before and stays silent; recorded as offline");
    this.#append("NDEATH", now, { campus, node });
  }

  #append(kind: "CLOCK" | "NDEATH", now: Timestamp, address?: NodeAddress): void {
    const payload = address === undefined ? new Uint8Array() : encodePayload({ timestamp: now, metrics: [] });
    this.#options.metrics.entries.inc({ kind });
    this.#options.journal
      .append([{ kind, receivedAt: now, payload, ...(address === undefined ? {} : { address }) }])
      .catch((error: unknown) => {
        this.#options.metrics.refused.inc();
        this.#options.disk?.refused(error);
        this.#warn.warn("refused", { err: error }, "the journal took no clock entry");
      });
  }

  #scheduleAcknowledgements(): void {
    this.#acknowledging ??= setTimeout(() => this.#acknowledge(), ACKNOWLEDGE_MS);
  }

  /** Not sent while the broker is away: the records come again and are then acknowledged. */
  #acknowledge(): void {
    clearTimeout(this.#acknowledging);
    this.#acknowledging = undefined;
    const { metrics, now, wall } = this.#options;
    const { planned, oldest } = this.#intake.acknowledgements();
    for (const { node, acknowledgement } of planned) {
      if (this.send(acknowledgeCommand(node, acknowledgement, Math.min(now(), wall()))))
        metrics.acknowledgements.inc();
    }
    if (oldest !== undefined) metrics.acknowledgeSeconds.observe(Math.max(0, now() - oldest) / 1000);
  }
}
