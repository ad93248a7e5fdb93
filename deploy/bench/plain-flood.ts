/**
 * Nodes of a third party, which know no acknowledgement and send whatever the hub makes of it: the part of an overload
 * that no outbox holds back. `fork` it with {@link FloodOptions} as its message; a number is the samples a second from then on,
 * and every message is answered with {@link FloodCount}. What a socket does not take is left out and counted, as such a
 * node does with its queue full.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { encodePayload, type Metric } from "@campus-ops/broker/sparkplug";
import { DataType } from "@campus-ops/device-profiles/vocabulary";
import { ports } from "../testing/load/load-edge.ts";
import { connectPacket, PacketReader, publishPacket } from "./mqtt-wire.ts";

export interface FloodOptions {
  readonly port: number;
  readonly campus: string;
  readonly campusPath: string;
  readonly nodes: readonly string[];
  readonly password: string;
  /** Samples of one message. */
  readonly ports: number;
}

export interface FloodCount {
  readonly sent: number;
  readonly leftOut: number;
  /** Connections that the hub ended; each comes back at once. */
  readonly ended: number;
}

const TICK_MS = 5;
const UNSENT_BYTES_MAX = 1 << 20;
const CONNACK = 0x20;
const DEVICE = "meter";
const SEQ_MODULO = 256;

class PlainNode {
  readonly #options: FloodOptions;
  readonly #name: string;
  readonly #metrics: readonly string[];
  #socket: Socket | undefined;
  #seq = 0;
  #born = false;
  ended = 0;

  constructor(options: FloodOptions, name: string) {
    this.#options = options;
    this.#name = name;
    this.#metrics = ports(options.ports);
  }

  async connect(): Promise<void> {
    const socket = connect(this.#options.port, "127.0.0.1");
    this.#socket = socket;
    socket.setNoDelay(true);
    const { promise: accepted, resolve } = Promise.withResolvers<void>();
    const reader = new PacketReader((header) => header === CONNACK && resolve());
    socket.on("data", (chunk: Buffer) => reader.read(chunk));
    socket.on("error", () => undefined);
    socket.once("close", () => {
      this.#born = false;
      this.ended += 1;
      void this.connect();
    });
    await once(socket, "connect");
    socket.write(connectPacket(this.#name, this.#options.password));
    await accepted;
    this.#seq = 0;
    this.#publish("NBIRTH", [
      { name: "bdSeq", datatype: DataType.Int64, value: 0 },
      ...this.#properties("edge-box", this.#name),
    ]);
    const metrics = this.#metrics.map(
      (name, alias): Metric => ({ name, alias, datatype: DataType.UInt64, value: 0, timestamp: Date.now() }),
    );
    this.#publish("DBIRTH", [...this.#properties("switch", DEVICE), ...metrics]);
    this.#born = true;
  }

  /** False when the socket takes nothing more. */
  send(timestamp: number): boolean {
    if (!this.#born || (this.#socket?.writableLength ?? 0) > UNSENT_BYTES_MAX) return false;
    this.#publish(
      "DDATA",
      this.#metrics.map(
        (_, alias): Metric => ({ alias, datatype: DataType.UInt64, timestamp, value: timestamp }),
      ),
    );
    return true;
  }

  #publish(kind: "NBIRTH" | "DBIRTH" | "DDATA", metrics: readonly Metric[]): void {
    const payload = encodePayload({ timestamp: Date.now(), seq: this.#seq, metrics });
    this.#seq = (this.#seq + 1) % SEQ_MODULO;
    const device = kind === "NBIRTH" ? "" : `/${DEVICE}`;
    const topic = `spBv1.0/${this.#options.campus}/${kind}/${this.#name}${device}`;
    this.#socket?.write(publishPacket(topic, payload));
  }

  #properties(deviceClass: string, title: string): readonly Metric[] {
    const properties = {
      Class: deviceClass,
      TitleZh: title,
      TitleEn: title,
      Path: this.#options.campusPath,
    };
    return Object.entries(properties).map(([name, value]) => ({
      name: `Properties/${name}`,
      datatype: DataType.String,
      timestamp: Date.now(),
      value,
    }));
  }
}

class Flood {
  readonly #nodes: readonly PlainNode[];
  readonly #width: number;
  #messagesPerS = 0;
  #since = 0;
  #messages = 0;
  #sent = 0;
  #leftOut = 0;

  constructor(options: FloodOptions) {
    this.#nodes = options.nodes.map((name) => new PlainNode(options, name));
    this.#width = options.ports;
  }

  async start(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.connect()));
    setInterval(() => this.#tick(), TICK_MS);
  }

  rate(samplesPerS: number): void {
    [this.#messagesPerS, this.#since, this.#messages] = [samplesPerS / this.#width, performance.now(), 0];
  }

  count(): FloodCount {
    return {
      sent: this.#sent,
      leftOut: this.#leftOut,
      ended: this.#nodes.reduce((sum, { ended }) => sum + ended, 0),
    };
  }

  #tick(): void {
    const due = Math.floor(((performance.now() - this.#since) / 1_000) * this.#messagesPerS);
    const timestamp = Date.now();
    for (; this.#messages < due; this.#messages += 1) {
      const isSent = this.#nodes[this.#messages % this.#nodes.length]?.send(timestamp) ?? false;
      if (isSent) this.#sent += this.#width;
      else this.#leftOut += this.#width;
    }
  }
}

if (import.meta.main) {
  process.once("message", async (options) => {
    const flood = new Flood(options as FloodOptions);
    await flood.start();
    process.on("message", (samplesPerS) => {
      flood.rate(Number(samplesPerS));
      process.send?.(flood.count());
    });
    process.once("disconnect", () => process.exit());
    process.send?.(flood.count());
  });
}
