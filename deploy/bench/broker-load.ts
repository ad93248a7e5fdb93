/** Edges that publish and readers that read, all in this process, on connections that were made before. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { build, type Histogram } from "hdr-histogram-js";
import { CAMPUS, PASSWORD, type Peer } from "./broker-peers.ts";
import {
  connectPacket,
  PacketReader,
  PublishPacket,
  pubackPacket,
  published,
  subscribePacket,
} from "./mqtt-wire.ts";

const CONNACK = 0x20;
const SUBACK = 0x90;
const PUBLISH = 0x30;
/** Messages on their way when speed is asked for. */
const OUTSTANDING_MAX = 2_000;
const PACKET_IDS = 0xffff;
const DRAINED_MS_MAX = 20_000;
const CONNECT_MS_MAX = 10_000;
const RETRY_MS = 20;
const MICROSECONDS = 1_000;

export interface Traffic {
  readonly edges: readonly string[];
  readonly readers: readonly string[];
  readonly qos: 0 | 1;
  readonly payloadBytes: number;
}

export interface Measured {
  /** Publish to receipt, in microseconds. */
  readonly latency: Histogram;
  /** Messages that all readers together got in a second. */
  readonly perSecond: number;
  readonly lost: number;
}

export class BrokerLoad {
  readonly #traffic: Traffic;
  readonly #sockets: Socket[] = [];
  readonly #publishers: { readonly socket: Socket; readonly packet: PublishPacket }[] = [];
  #sent = 0;
  #received = 0;
  #latency = build({ numberOfSignificantValueDigits: 3 });

  static async connect(peer: Peer, traffic: Traffic): Promise<BrokerLoad> {
    const load = new BrokerLoad(traffic);
    for (const reader of traffic.readers) await load.#read(peer, reader);
    for (const edge of traffic.edges) await load.#publish(peer, edge);
    return load;
  }

  private constructor(traffic: Traffic) {
    this.#traffic = traffic;
  }

  /** So many messages a second, sent when they are due whatever became of those before. */
  async steady(milliseconds: number, perSecond: number): Promise<Measured> {
    return this.#run(milliseconds, (elapsed_ms) => Math.floor((elapsed_ms * perSecond) / 1_000) - this.#sent);
  }

  /** As fast as they are read, with a bounded number on their way. */
  async flatOut(milliseconds: number): Promise<Measured> {
    const readers = this.#traffic.readers.length;
    return this.#run(milliseconds, () => OUTSTANDING_MAX - (this.#sent - this.#received / readers));
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #run(milliseconds: number, due: (elapsed_ms: number) => number): Promise<Measured> {
    this.#sent = 0;
    this.#received = 0;
    this.#latency = build({ numberOfSignificantValueDigits: 3 });
    const startedAt = performance.now();
    let elapsed_ms = 0;
    while (elapsed_ms < milliseconds) {
      const rest = due(elapsed_ms);
      for (let each = 0; each < rest; each += 1) this.#send();
      // Looks at the sockets and comes back at once: a timer would be late by a millisecond.
      await new Promise((resolve) => setImmediate(resolve));
      elapsed_ms = performance.now() - startedAt;
    }
    const perSecond = (this.#received * 1_000) / elapsed_ms;
    await this.#drained();
    const lost = this.#sent * this.#traffic.readers.length - this.#received;
    return { latency: this.#latency, perSecond, lost };
  }

  async #drained(): Promise<void> {
    const until = performance.now() + DRAINED_MS_MAX;
    const wanted = this.#sent * this.#traffic.readers.length;
    while (this.#received < wanted && performance.now() < until) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #send(): void {
    const publisher = this.#publishers[this.#sent % this.#publishers.length];
    const id = (Math.floor(this.#sent / this.#publishers.length) % PACKET_IDS) + 1;
    this.#sent += 1;
    publisher?.socket.write(publisher.packet.with(id, performance.now()));
  }

  async #read(peer: Peer, name: string): Promise<void> {
    const socket = await this.#open(peer, name, (header, body) => {
      if ((header & 0xf0) !== PUBLISH) return;
      const { value, id } = published(header, body);
      this.#received += 1;
      this.#latency.recordValue(Math.max(1, Math.round((performance.now() - value) * MICROSECONDS)));
      if (id !== undefined) socket.write(pubackPacket(id));
    });
    const subscribed = once(socket, `packet-${SUBACK}`);
    socket.write(subscribePacket("spBv1.0/#", this.#traffic.qos));
    await subscribed;
  }

  async #publish(peer: Peer, name: string): Promise<void> {
    const { payloadBytes, qos } = this.#traffic;
    const socket = await this.#open(peer, name, () => undefined);
    const payload = Buffer.alloc(payloadBytes, 0xa5);
    const packet = new PublishPacket(`spBv1.0/${CAMPUS}/NDATA/${name}`, payload, qos);
    this.#publishers.push({ socket, packet });
  }

  async #open(peer: Peer, name: string, onPacket: (header: number, body: Buffer) => void): Promise<Socket> {
    const socket = await dial(peer.port);
    socket.setNoDelay(true);
    this.#sockets.push(socket);
    const reader = new PacketReader((header, body) => {
      onPacket(header, body);
      socket.emit(`packet-${header}`);
    });
    socket.on("data", (chunk: Buffer) => reader.read(chunk));
    const admitted = once(socket, `packet-${CONNACK}`);
    socket.write(connectPacket(name, PASSWORD));
    await admitted;
    return socket;
  }
}

/** A server that was started just now may not listen yet. */
export async function dial(port: number): Promise<Socket> {
  for (const until = performance.now() + CONNECT_MS_MAX; ; ) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return socket;
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
