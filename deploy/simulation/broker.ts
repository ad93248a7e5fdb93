/**
 * The network and the MQTT broker between them: links that delay, stall and break, and a broker that keeps sessions,
 * wills and retained messages in memory, and may drop, double and swap what is sent at QoS 0. Within a topic the order
 * holds, as MQTT 3.1.1 asks (clause 4.6).
 */
import type { Publication, Subscription } from "@campus-ops/broker/sparkplug";
import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";

/** A client that hears nothing for so long gives its connection up; the broker does so after half as long again. */
export const KEEPALIVE_MS = 10_000;
const CONNECT_MS_MAX = 5_000;

export interface NetworkFaults {
  /** Probabilities for each message that the broker hands on at QoS 0. */
  readonly lose: number;
  readonly double: number;
  readonly swap: number;
  readonly delay_ms: readonly [low: number, high: number];
}

/** One machine's way to the broker. */
export class Link {
  isUp = true;
  readonly waiting = new Set<() => void>();
  /** Stalls counted, so that a keep-alive knows whether it is still the same one. */
  stalls = 0;

  stall(): void {
    this.isUp = false;
    this.stalls += 1;
  }

  heal(): void {
    this.isUp = true;
    for (const resume of [...this.waiting]) resume();
  }
}

export interface ClientEnd {
  onConnected(): void;
  onSubscribed(): void;
  onMessage(topic: string, payload: Uint8Array): void;
  /** Once, when the connection could not be made or is gone. */
  onClosed(): void;
}

type Step = { readonly topic: string; readonly work: () => void };

/** One direction of one connection: in order, held while the link is down, gone with the connection. */
class Pipe {
  readonly #schedule: Schedule;
  readonly #link: Link;
  readonly #delay: () => number;
  #queue: Step[] = [];
  #lastAt_ms = 0;
  isOpen = true;

  constructor(schedule: Schedule, link: Link, delay: () => number) {
    this.#schedule = schedule;
    this.#link = link;
    this.#delay = delay;
  }

  push(step: Step, swap = false): void {
    if (!this.isOpen) return;
    const before = this.#queue.at(-1);
    if (swap && before !== undefined && before.topic !== step.topic) this.#queue.splice(-1, 0, step);
    else this.#queue.push(step);
    this.#lastAt_ms = Math.max(this.#lastAt_ms, this.#schedule.now_ms + this.#delay());
    this.#schedule.after(this.#lastAt_ms - this.#schedule.now_ms, () => this.#deliver());
  }

  close(): void {
    this.isOpen = false;
    this.#queue = [];
  }

  #deliver(): void {
    if (!this.isOpen) return;
    if (this.#link.isUp) {
      this.#queue.shift()?.work();
      return;
    }
    const resume = (): void => {
      this.#link.waiting.delete(resume);
      this.#deliver();
    };
    this.#link.waiting.add(resume);
  }
}

export class Connection {
  readonly #broker: SimulatedBroker;
  readonly #up: Pipe;
  readonly down: Pipe;
  readonly id: string;
  readonly end: ClientEnd;
  readonly link: Link;
  will: Publication | undefined;
  readonly filters: string[] = [];
  #closed = false;

  constructor(
    broker: SimulatedBroker,
    id: string,
    link: Link,
    will: Publication,
    end: ClientEnd,
    pipe: () => Pipe,
  ) {
    this.#broker = broker;
    this.id = id;
    this.link = link;
    this.will = will;
    this.end = end;
    this.#up = pipe();
    this.down = pipe();
  }

  get isOpen(): boolean {
    return !this.#closed;
  }

  send(topic: string, work: () => void): void {
    this.#up.push({ topic, work });
  }

  publish(publication: Publication): void {
    this.send(publication.topic, () => this.#broker.route(publication));
  }

  subscribe(subscriptions: readonly Subscription[]): void {
    this.send("", () => this.#broker.subscribe(this, subscriptions));
  }

  /** DISCONNECT, after everything that was published: the will is not sent. */
  disconnect(): void {
    this.send("", () => this.#broker.drop(this, false));
  }

  /** The client's side ends: a process that died, or a connection that it gave up. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#up.close();
    this.down.close();
    this.end.onClosed();
  }
}

export class SimulatedBroker {
  readonly #schedule: Schedule;
  readonly #random: Random;
  readonly #sessions = new Map<string, Connection>();
  readonly #retained = new Map<string, Publication>();
  faults: NetworkFaults;
  isUp = true;

  constructor(schedule: Schedule, random: Random, faults: NetworkFaults) {
    this.#schedule = schedule;
    this.#random = random;
    this.faults = faults;
  }

  connect(id: string, link: Link, will: Publication, end: ClientEnd): Connection {
    const pipe = (): Pipe =>
      new Pipe(this.#schedule, link, () => this.#random.between(...this.faults.delay_ms));
    const connection = new Connection(this, id, link, will, end, pipe);
    let accepted = false;
    connection.send("", () => {
      if (!this.isUp) return;
      accepted = true;
      const replaced = this.#sessions.get(id);
      if (replaced !== undefined) this.drop(replaced, true);
      this.#sessions.set(id, connection);
      connection.down.push({ topic: "", work: () => end.onConnected() });
    });
    this.#schedule.after(CONNECT_MS_MAX, () => {
      if (!accepted) connection.close();
    });
    return connection;
  }

  subscribe(connection: Connection, subscriptions: readonly Subscription[]): void {
    if (this.#sessions.get(connection.id) !== connection) return;
    connection.filters.push(...subscriptions.map(({ filter }) => filter));
    for (const retained of this.#retained.values()) {
      if (matchesAny(connection.filters, retained.topic)) this.#handOn(connection, retained, false);
    }
    connection.down.push({ topic: "", work: () => connection.end.onSubscribed() });
  }

  route(publication: Publication): void {
    if (!this.isUp) return;
    if (publication.retain) this.#retained.set(publication.topic, publication);
    for (const connection of this.#sessions.values()) {
      if (matchesAny(connection.filters, publication.topic)) this.#handOn(connection, publication, true);
    }
  }

  /** The broker's side of a connection ends; the client's ends with it, as soon as it can hear of it. */
  drop(connection: Connection, withWill: boolean): void {
    if (this.#sessions.get(connection.id) !== connection) return;
    this.#sessions.delete(connection.id);
    connection.close();
    const { will } = connection;
    if (withWill && will !== undefined) this.route(will);
  }

  /** A process is gone: its system closes the socket, which the broker hears of if the link carries it. */
  died(connection: Connection): void {
    connection.close();
    if (connection.link.isUp) this.drop(connection, true);
    else this.#schedule.after(KEEPALIVE_MS * 1.5, () => this.drop(connection, true));
  }

  /** Nothing passes on this link any more; whoever waits for the other side gives up in the end. */
  stall(link: Link): void {
    link.stall();
    const { stalls } = link;
    const still = (): boolean => !link.isUp && link.stalls === stalls;
    const connections = [...this.#sessions.values()].filter((each) => each.link === link);
    this.#schedule.after(KEEPALIVE_MS, () => {
      if (still()) for (const each of connections) each.close();
    });
    this.#schedule.after(KEEPALIVE_MS * 1.5, () => {
      if (still()) for (const each of connections) this.drop(each, true);
    });
  }

  /** Resets the connection of whoever uses this link. */
  reset(link: Link): void {
    for (const each of [...this.#sessions.values()]) if (each.link === link) this.drop(each, true);
  }

  stop(): void {
    this.isUp = false;
    this.#retained.clear();
    for (const each of [...this.#sessions.values()]) this.drop(each, false);
  }

  start(): void {
    this.isUp = true;
  }

  #handOn(connection: Connection, publication: Publication, mayFail: boolean): void {
    const { topic, payload, qos } = publication;
    const step = { topic, work: () => connection.end.onMessage(topic, payload) };
    if (!mayFail || qos > 0) {
      connection.down.push(step);
      return;
    }
    const { lose, double, swap } = this.faults;
    if (this.#random.chance(lose)) return;
    connection.down.push(step, this.#random.chance(swap));
    if (this.#random.chance(double)) connection.down.push(step);
  }
}

function matchesAny(filters: readonly string[], topic: string): boolean {
  return filters.some((filter) => matches(filter, topic));
}

/** MQTT 3.1.1, clause 4.7. */
export function matches(filter: string, topic: string): boolean {
  if (filter.endsWith("/#")) return topic.startsWith(filter.slice(0, -1));
  if (!filter.includes("+")) return filter === topic;
  const levels = topic.split("/");
  const wanted = filter.split("/");
  return (
    levels.length === wanted.length && wanted.every((each, index) => each === "+" || each === levels[index])
  );
}
