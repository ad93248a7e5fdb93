/**
 * A broker that has just been started is slow for some seconds, until the engine has compiled what messages run through,
 * and its first seconds are when every edge returns. So it carries messages of its own first, before anybody else can
 * connect: the same code, another instance, on a port of loopback that nobody knows, with a password that nobody knows.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createLog, Registry } from "@campus-ops/service";
import { generate, type Packet, parser } from "mqtt-packet";
import { type Access, digest } from "./access.ts";
import { type Broker, startBroker } from "./broker.ts";
import { brokerCounters } from "./counters.ts";

const EDGES = 8;
const READERS = 2;
const PAYLOAD_BYTES = [100, 2_048];
/** In each direction, QoS and size; more makes little difference. */
const ROUNDS = 40;
/** Of one edge, before it waits for the readers. */
const BURST = 8;
/** A machine that is slower than this does without the rest. */
export const WARM_UP_MS_MAX = 1_500;
const CAMPUS = "warm-up";

/** Messages that were carried. */
export async function warmUp(deadline_ms = WARM_UP_MS_MAX): Promise<number> {
  const password = randomBytes(16).toString("hex");
  const users = new Map(
    [...accesses()].map(([name, access]) => [name, { access, passwordDigest: digest(password) }]),
  );
  const broker = await startBroker({
    listen: [{ host: "127.0.0.1", port: 0 }],
    users,
    log: createLog("broker", "silent"),
    counters: brokerCounters(new Registry()),
  });
  const traffic = new Traffic(broker, password);
  try {
    return await traffic.run(performance.now() + deadline_ms);
  } finally {
    traffic.close();
    await broker.close();
  }
}

function* accesses(): Generator<[string, Access]> {
  for (let edge = 0; edge < EDGES; edge += 1)
    yield [`edge-${edge}`, { role: "edge", campus: CAMPUS, node: `edge-${edge}` }];
  for (let reader = 0; reader < READERS; reader += 1) yield [`reader-${reader}`, { role: "host" }];
}

class Traffic {
  readonly #port: number;
  readonly #password: string;
  readonly #sockets: Socket[] = [];
  #received = 0;
  #wake: () => void = () => undefined;

  constructor(broker: Broker, password: string) {
    this.#port = broker.listeners[0]?.port ?? 0;
    this.#password = password;
  }

  async run(until: number): Promise<number> {
    for (let reader = 0; reader < READERS; reader += 1) await this.#reader(`reader-${reader}`);
    const edges = [];
    for (let edge = 0; edge < EDGES; edge += 1) edges.push(await this.#connect(`edge-${edge}`));
    let sent = 0;
    for (let round = 0; round < ROUNDS && performance.now() < until; round += 1) {
      for (const [index, socket] of edges.entries()) {
        for (const packet of packets(`edge-${index}`)) socket.write(packet);
        sent += BURST * 2 * PAYLOAD_BYTES.length;
      }
      await this.#receive(sent * READERS);
    }
    return sent;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #receive(messages: number): Promise<void> {
    while (this.#received < messages) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #reader(name: string): Promise<void> {
    const socket = await this.#connect(name);
    const subscription = { topic: "spBv1.0/#", qos: 1 } as const;
    const granted = once(socket, "suback");
    socket.write(generate({ cmd: "subscribe", messageId: 1, subscriptions: [subscription] }));
    await granted;
  }

  async #connect(name: string): Promise<Socket> {
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
    this.#sockets.push(socket);
    const reading = parser();
    reading.on("packet", (packet: Packet) => this.#take(socket, packet));
    socket.on("data", (chunk: Buffer) => reading.parse(chunk));
    const admitted = once(socket, "connack");
    const password = Buffer.from(this.#password);
    socket.write(generate({ cmd: "connect", clientId: name, username: name, password, keepalive: 60 }));
    await admitted;
    return socket;
  }

  #take(socket: Socket, packet: Packet): void {
    if (packet.cmd === "connack" || packet.cmd === "suback") socket.emit(packet.cmd);
    if (packet.cmd !== "publish") return;
    if (packet.qos > 0) socket.write(generate({ cmd: "puback", messageId: packet.messageId ?? 0 }));
    this.#received += 1;
    this.#wake();
  }
}

function* packets(node: string): Generator<Buffer> {
  const topic = `spBv1.0/${CAMPUS}/NDATA/${node}`;
  for (let each = 0; each < BURST; each += 1) {
    for (const bytes of PAYLOAD_BYTES) {
      const packet = {
        cmd: "publish",
        topic,
        payload: Buffer.alloc(bytes),
        dup: false,
        retain: false,
      } as const;
      yield generate({ ...packet, qos: 0 });
      yield generate({ ...packet, qos: 1, messageId: each + 1 });
    }
  }
}
