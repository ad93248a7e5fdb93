/**
 * One MQTT connection, kept on a short leash: clean session, no reconnecting and no queueing of its own, because what
 * is sent when is the outbox's business. MQTT.js discards what it holds when a link drops in the wrong moment.
 */
import { readFileSync } from "node:fs";
import type { Publication, Subscription } from "@campus-ops/broker/sparkplug";
import { connectMqtt, type IClientOptions, type MqttClient, mqttOver } from "./client.ts";
import { connectPinned, PinnedTlsError, type TimeToJudgeBy } from "./pinned-tls.ts";

export interface BrokerAddress {
  /** `mqtt://` or `mqtts://`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: TlsFiles;
}

export interface TlsFiles {
  readonly caFile?: string;
  /** SHA-256 of the authority's certificate, hex: the server is then judged as `pinned-tls.ts` says, by the box's clock. */
  readonly caSha256?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

export const CONNECT_MS_MAX = 10_000;
export const KEEPALIVE_S = 15;
/** A socket that holds more than this unsent is slow; the outbox keeps the rest. */
export const SOCKET_BYTES_MAX = 256 * 1024;
/** A message larger than this is no command. */
export const COMMAND_BYTES_MAX = 1024 * 1024;

/** The CONNECT never left: nobody listens at the address, or TLS did not come about. */
export class NotReachedError extends Error {
  override readonly name = "NotReachedError";
}

/** Of the box itself, for each connection. */
export interface ConnectionOptions {
  /** For certificates. */
  readonly now: () => TimeToJudgeBy;
  /** Names this running program, anew at each start; told where a certificate says who the box is (decision 23). */
  readonly program?: string | undefined;
}

export type OnMessage = (topic: string, payload: Uint8Array) => void;

export class Connection {
  readonly #client: MqttClient;
  /** Resolves with why it ended, once. */
  readonly ended: Promise<string>;

  private constructor(client: MqttClient) {
    this.#client = client;
    this.ended = new Promise((resolve) => {
      let why = "the broker closed the connection";
      client.on("error", (error) => {
        why = error.message;
      });
      client.once("close", () => resolve(why));
    });
  }

  /**
   * Rejects when the broker says no, and with {@link NotReachedError} when it cannot be reached; the message is meant
   * for the operator.
   */
  static async open(
    broker: BrokerAddress,
    clientId: string,
    will: Publication | undefined,
    onMessage: OnMessage,
    options: ConnectionOptions = { now: () => ({ wall: Date.now() }) },
  ): Promise<Connection> {
    const username = broker.username ?? (broker.tls?.certFile === undefined ? undefined : options.program);
    const client = await connectClient(broker, options, {
      ...(username === undefined ? {} : { username }),
      ...(broker.password === undefined ? {} : { password: broker.password }),
      clientId,
      clean: true,
      protocolVersion: 4,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      // Otherwise all 65,536 two-byte numbers are kept as buffers: 8 MB for what takes no time to write.
      writeCache: false,
      connectTimeout: CONNECT_MS_MAX,
      keepalive: KEEPALIVE_S,
      ...(will === undefined ? {} : { will: { ...will, payload: Buffer.from(will.payload) } }),
    });
    let sent = false;
    client.once("packetsend", () => {
      sent = true;
    });
    client.on("message", (topic, payload) => {
      if (payload.length <= COMMAND_BYTES_MAX) onMessage(topic, payload);
    });
    const connection = new Connection(client);
    const refused = connection.ended.then((why) =>
      Promise.reject(sent ? new Error(why) : new NotReachedError(why)),
    );
    await Promise.race([new Promise<void>((resolve) => client.once("connect", () => resolve())), refused]);
    refused.catch(() => undefined);
    return connection;
  }

  get writable(): boolean {
    const stream = this.#client.stream as { writableLength?: number } | undefined;
    return this.#client.connected && (stream?.writableLength ?? 0) < SOCKET_BYTES_MAX;
  }

  /** Resolves when all are granted: a broker that refuses a subscription says so here. */
  async subscribe(subscriptions: readonly Subscription[]): Promise<void> {
    const wanted = Object.fromEntries(subscriptions.map(({ filter, qos }) => [filter, { qos }]));
    const granted = await this.#client.subscribeAsync(wanted);
    const denied = granted.find(({ qos }) => qos >= 128);
    if (denied !== undefined) throw new Error(`the broker refused the subscription to ${denied.topic}`);
  }

  /** Resolves when the socket has it; rejects when there is no connection. Nothing is kept for later. */
  async publish({ topic, payload, qos, retain }: Publication): Promise<void> {
    if (!this.#client.connected) throw new Error("not connected");
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    await this.#client.publishAsync(topic, bytes, { qos, retain });
  }

  /** Sends DISCONNECT, so that the broker does not publish the will, and closes. */
  async close(): Promise<void> {
    await this.#client.endAsync(false).catch(() => undefined);
  }

  /** Closes without a word; the broker publishes the will. */
  abort(): void {
    this.#client.end(true);
  }
}

/** The client, which is connecting; on a pinned connection after the server has been judged. */
async function connectClient(
  broker: BrokerAddress,
  { now }: ConnectionOptions,
  options: IClientOptions,
): Promise<MqttClient> {
  const { tls, url } = broker;
  if (tls?.caSha256 === undefined || !url.startsWith("mqtts:")) {
    return connectMqtt(url, { ...tlsOptions(broker), ...options });
  }
  const { hostname, port } = new URL(url);
  const { cert, key } = tlsOptions(broker);
  const socket = await connectPinned({
    host: hostname.replaceAll(/[[\]]/g, ""),
    port: port === "" ? MQTTS_PORT : Number(port),
    pin: tls.caSha256,
    ...(cert === undefined || key === undefined ? {} : { identity: { cert, key } }),
    now: now(),
  }).catch((error: unknown) => {
    throw error instanceof PinnedTlsError ? new NotReachedError(error.message) : error;
  });
  return mqttOver(socket, options);
}

const MQTTS_PORT = 8883;

function tlsOptions({ tls }: BrokerAddress): { ca?: string; cert?: string; key?: string } {
  if (tls === undefined) return {};
  const { caFile, certFile, keyFile } = tls;
  return {
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile, "utf8") }),
    ...(certFile === undefined ? {} : { cert: readFileSync(certFile, "utf8") }),
    ...(keyFile === undefined ? {} : { key: readFileSync(keyFile, "utf8") }),
  };
}
