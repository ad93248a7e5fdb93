/** A broker on a free port of loopback with one user of each role, and clients to talk to it. */
import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import { createLog, Registry } from "@campus-ops/service";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { type Access, type Credentials, digest } from "../access.ts";
import { type Broker, type BrokerOptions, startBroker } from "../broker.ts";
import { brokerCounters } from "../counters.ts";

const ROLES: Readonly<Record<string, Access>> = {
  edge: { role: "edge", campus: "qiyun-no1", node: "edge-a" },
  other: { role: "edge", campus: "qiyun-no2", node: "edge-b" },
  host: { role: "host", hostId: "hub" },
  monitor: { role: "monitor" },
};

export type TestUser = "edge" | "other" | "host" | "monitor";
export const passwordOf = (user: string): string => `password of ${user}`;

export const USERS: ReadonlyMap<string, Credentials> = new Map(
  Object.entries(ROLES).map(([name, access]) => [name, { access, passwordDigest: digest(passwordOf(name)) }]),
);

export class TestBroker implements AsyncDisposable {
  readonly broker: Broker;
  readonly registry: Registry;
  readonly #clients: MqttClient[] = [];

  constructor(broker: Broker, registry: Registry) {
    this.broker = broker;
    this.registry = registry;
  }

  static async start(options: Partial<BrokerOptions> = {}): Promise<TestBroker> {
    const registry = new Registry();
    const broker = await startBroker({
      listen: [{ host: "127.0.0.1", port: 0 }],
      users: USERS,
      log: createLog("broker", "silent"),
      counters: brokerCounters(registry),
      ...options,
    });
    return new TestBroker(broker, registry);
  }

  get port(): number {
    return this.broker.listeners[0]?.port ?? 0;
  }

  /** Connects as a user; rejects when the broker refuses. */
  async connect(user: TestUser, options: IClientOptions = {}): Promise<MqttClient> {
    const client = await connectAsync(`mqtt://127.0.0.1:${this.port}`, {
      username: user,
      password: passwordOf(user),
      reconnectPeriod: 0,
      ...options,
    });
    client.on("error", () => undefined);
    this.#clients.push(client);
    return client;
  }

  /** A bare TCP connection. */
  async socket(): Promise<Socket> {
    const socket = connectSocket({ host: "127.0.0.1", port: this.port });
    socket.on("error", () => undefined);
    await once(socket, "connect");
    // Nobody hears of the end of a socket that is not read.
    return socket.resume();
  }

  /** The sum of a counter over all its labels, or over those given. */
  async count(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const metric = await this.registry.getSingleMetric(`campus_ops_broker_${name}`)?.get();
    if (metric === undefined) throw new Error(`there is no counter ${name}`);
    return metric.values
      .filter((each) => Object.entries(labels).every(([key, value]) => each.labels[key] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.endAsync(true)));
    await this.broker.close();
  }
}

export interface Received {
  readonly topic: string;
  readonly text: string;
  readonly retain: boolean;
}

/** The next message that a client receives. Ask before causing it. */
export function nextMessage(client: MqttClient): Promise<Received> {
  return new Promise((resolve) => {
    client.once("message", (topic, payload, { retain }) =>
      resolve({ topic, text: payload.toString(), retain }),
    );
  });
}

/** The end of a client's connection. Ask before causing it. */
export function closing(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    client.once("close", resolve);
  });
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

/** CONNECT of MQTT 3.1.1 (clause 3.1): clean session, user name, password, keep-alive of a minute. */
export function connectPacket(user: TestUser, clientId: string): Buffer {
  const body = Buffer.concat([
    text("MQTT"),
    Buffer.from([4, 0xc2, 0, 60]),
    text(clientId),
    text(user),
    text(passwordOf(user)),
  ]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}

/** SUBSCRIBE (clause 3.8) to one filter, QoS 0. */
export function subscribePacket(filter: string): Buffer {
  const body = Buffer.concat([Buffer.from([0, 1]), text(filter), Buffer.from([0])]);
  return Buffer.concat([Buffer.from([0x82, body.length]), body]);
}
