/**
 * A wire tap: a TCP relay between an MQTT client and a server that takes down every packet in both directions. What the
 * checks look at is read by `mqtt-packet` and by the generated protobuf reader of npm `sparkplug-payload`, neither of
 * which is ours.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import mqttPacket, { type IConnectPacket, type Packet } from "mqtt-packet";
import proto from "sparkplug-payload/lib/sparkplugPayloadProto.js";
import { Happenings } from "../awaiting.ts";

/** A Sparkplug payload as protobuf has it: what was not on the wire is undefined. 64-bit numbers are numbers. */
export interface WirePayload {
  readonly timestamp?: number;
  readonly seq?: number;
  readonly metrics?: readonly WireMetric[];
}

export interface WireMetric {
  readonly name?: string;
  readonly alias?: number;
  readonly timestamp?: number;
  readonly datatype?: number;
  readonly isHistorical?: boolean;
  readonly isNull?: boolean;
  readonly properties?: {
    readonly keys?: readonly string[];
    readonly values?: readonly { readonly type?: number; readonly intValue?: number }[];
  };
  readonly templateValue?: WireTemplate;
  readonly datasetValue?: {
    readonly numOfColumns?: number;
    readonly columns?: readonly string[];
    readonly types?: readonly number[];
    readonly rows?: readonly { readonly elements?: readonly Readonly<Record<string, unknown>>[] }[];
  };
  readonly [value: string]: unknown;
}

export interface WireTemplate {
  readonly version?: string;
  readonly templateRef?: string;
  readonly isDefinition?: boolean;
  readonly metrics?: readonly WireMetric[];
  readonly parameters?: readonly (Readonly<Record<string, unknown>> & {
    readonly name?: string;
    readonly type?: number;
  })[];
}

export interface Recorded {
  readonly connection: number;
  readonly from: "client" | "server";
  readonly packet: Packet;
}

export interface Message {
  readonly connection: number;
  readonly from: "client" | "server";
  readonly topic: string;
  /** NBIRTH … DCMD, or STATE. */
  readonly type: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly bytes: Uint8Array;
  /** Empty for STATE. */
  readonly payload: WirePayload;
}

/** Throws when the bytes are not the protobuf of a Sparkplug payload. */
export function readWire(bytes: Uint8Array): WirePayload {
  const { Payload } = proto.org.eclipse.tahu.protobuf;
  return Payload.toObject(Payload.decode(bytes), { longs: Number }) as WirePayload;
}

export class Recording {
  readonly happened = new Happenings<Recorded>();

  get packets(): readonly Recorded[] {
    return this.happened.all;
  }

  connects(): readonly IConnectPacket[] {
    return this.packets.flatMap(({ packet }) => (packet.cmd === "connect" ? [packet] : []));
  }

  /** Publications of the client, of these types if any are named, in order. */
  sent(...types: readonly string[]): readonly Message[] {
    return this.#messages("client", types);
  }

  received(...types: readonly string[]): readonly Message[] {
    return this.#messages("server", types);
  }

  #messages(from: "client" | "server", types: readonly string[]): readonly Message[] {
    return this.packets.flatMap((each) => {
      const message = each.from === from ? messageOf(each) : undefined;
      return message !== undefined && (types.length === 0 || types.includes(message.type)) ? [message] : [];
    });
  }

  /** Resolves once the client has sent `count` such messages. */
  async untilSent(type: string, count: number, matches: (message: Message) => boolean = () => true) {
    await this.happened.until(`${count} × ${type}`, () => this.sent(type).filter(matches).length >= count);
  }
}

/** Each is read once, however often somebody looks for something among all of them: a busy tap would slow the line. */
const read = new WeakMap<Recorded, Message>();

export function messageOf(recorded: Recorded): Message | undefined {
  const known = read.get(recorded);
  if (known !== undefined) return known;
  const message = readMessage(recorded);
  if (message !== undefined) read.set(recorded, message);
  return message;
}

function readMessage({ connection, from, packet }: Recorded): Message | undefined {
  if (packet.cmd !== "publish") return undefined;
  const { payload, qos, retain, topic } = packet;
  const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
  const [, group, third] = topic.split("/");
  const type = group === "STATE" ? "STATE" : (third ?? "");
  return {
    connection,
    from,
    topic,
    type,
    qos,
    retain,
    bytes,
    payload: type === "STATE" ? {} : readWire(bytes),
  };
}

export class RecordingProxy {
  readonly recording = new Recording();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  private constructor(target: number) {
    this.#server = createServer((client) => this.#relay(client, connect(target, "127.0.0.1")));
  }

  static async start(brokerUrl: string): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(Number(new URL(brokerUrl).port));
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resets every connection, as a network does: nobody has said goodbye. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #relay(client: Socket, server: Socket): void {
    const connection = this.#connections;
    this.#connections += 1;
    for (const [from, socket, other] of [
      ["client", client, server],
      ["server", server, client],
    ] as const) {
      this.#sockets.add(socket);
      const parser = mqttPacket.parser();
      parser.on("packet", (packet) => this.recording.happened.add({ connection, from, packet }));
      socket.setNoDelay(true);
      socket.on("data", (chunk: Buffer) => {
        parser.parse(chunk);
        other.write(chunk);
      });
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.end();
      });
    }
  }
}
