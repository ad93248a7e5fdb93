/**
 * A connection to the MQTT server that a gateway (Zigbee2MQTT, ChirpStack) publishes to, shared by its devices. It
 * queues nothing and does not reconnect: when it is lost its sessions are, and the agent opens them again.
 */
import { createHash, randomBytes } from "node:crypto";
import { connectMqtt, type MqttClient } from "../../mqtt/client.ts";
import { type DeviceTarget, DriverError } from "../driver.ts";
import { type Lease, Lines } from "../line.ts";

export const KEEPALIVE_S = 30;
const CONNECT_MS_MAX = 9_000;
/** The list of a gateway's devices is its longest message: some kilobytes a device. */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
/** CONNACK of MQTT 3.1.1, 3.2.2.3: bad user name or password, not authorized. */
const LOGIN_REFUSED: ReadonlySet<unknown> = new Set([4, 5]);

export interface GatewayMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Kept by the server from before we asked. */
  readonly retained: boolean;
}

export type OnGatewayMessage = (message: GatewayMessage) => void;

export class GatewayLine {
  /** Resolves with what ended it. */
  readonly ended: Promise<DriverError>;
  readonly #client: MqttClient;
  readonly #listeners = new Map<string, Set<OnGatewayMessage>>();

  private constructor(client: MqttClient) {
    this.#client = client;
    this.ended = new Promise((resolve) => {
      client.on("error", () => undefined);
      client.once("close", () =>
        resolve(
          new DriverError("unreachable", "the gateway's MQTT server has closed the connection", {
            retry: true,
          }),
        ),
      );
    });
    client.on("message", (topic, payload, { retain }) => {
      if (payload.length > MESSAGE_BYTES_MAX) return;
      for (const listener of this.#listeners.get(topic) ?? []) listener({ topic, payload, retained: retain });
    });
  }

  /** Rejects as the port of drivers says, `timeout` when `signal` aborts before the server has let us in. */
  static async open({ secret, url, username }: DeviceTarget, signal: AbortSignal): Promise<GatewayLine> {
    const client = connectMqtt(`${url.protocol}//${url.host}`, {
      clientId: `campus-ops-${randomBytes(6).toString("hex")}`,
      clean: true,
      protocolVersion: 4,
      reconnectPeriod: 0,
      queueQoSZero: false,
      connectTimeout: CONNECT_MS_MAX,
      keepalive: KEEPALIVE_S,
      ...(username === undefined ? {} : { username }),
      ...(secret === undefined ? {} : { password: secret }),
    });
    const opened = Promise.withResolvers<void>();
    const late = (): void =>
      opened.reject(
        new DriverError("timeout", `the MQTT server at ${url.host} does not answer`, { retry: true }),
      );
    if (signal.aborted) late();
    signal.addEventListener("abort", late, { once: true });
    client.once("connect", () => opened.resolve());
    client.once("error", (cause) => opened.reject(explain(cause, url)));
    client.once("close", () =>
      opened.reject(
        new DriverError("garbage", `${url.host} takes the connection and does not speak MQTT`, {
          retry: true,
        }),
      ),
    );
    try {
      await opened.promise;
    } catch (error) {
      client.on("error", () => undefined);
      client.end(true);
      throw error;
    } finally {
      signal.removeEventListener("abort", late);
    }
    return new GatewayLine(client);
  }

  /** Resolves when the server sends what these topics bring; what it has kept comes at once. */
  async listen(topics: readonly string[], listener: OnGatewayMessage): Promise<void> {
    for (const topic of topics) {
      const listeners = this.#listeners.get(topic) ?? new Set();
      listeners.add(listener);
      this.#listeners.set(topic, listeners);
    }
    const granted = await Promise.race([
      this.#client.subscribeAsync([...topics], { qos: 1 }),
      this.ended.then((error) => Promise.reject(error)),
    ]);
    const refused = granted.find(({ qos }) => qos > 2);
    if (refused === undefined) return;
    this.forget(topics, listener);
    throw new DriverError("login-refused", `the MQTT server does not let us read ${refused.topic}`, {
      retry: false,
    });
  }

  forget(topics: readonly string[], listener: OnGatewayMessage): void {
    for (const topic of topics) {
      const listeners = this.#listeners.get(topic);
      listeners?.delete(listener);
      if (listeners?.size !== 0) continue;
      this.#listeners.delete(topic);
      if (this.#client.connected) this.#client.unsubscribe(topic);
    }
  }

  /** Resolves when the server has it. */
  async publish(topic: string, payload: string | Uint8Array): Promise<void> {
    const bytes = Buffer.from(payload);
    await Promise.race([
      this.#client.publishAsync(topic, bytes, { qos: 1 }),
      this.ended.then((error) => Promise.reject(error)),
    ]);
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }
}

/** The lines of this process, one an MQTT server and login, whichever gateways publish there. */
const lines = new Lines<GatewayLine>((line) => line.close());

export async function leaseGatewayLine(
  target: DeviceTarget,
  signal: AbortSignal,
): Promise<Lease<GatewayLine>> {
  const { secret = "", url, username = "" } = target;
  if (secret !== "" && username === "") {
    // MQTT 3.1.1, 3.1.2.9: without a user name there is no password.
    throw new DriverError("unsupported", "a password for an MQTT server needs a username beside it", {
      retry: false,
    });
  }
  const login = createHash("sha256").update(`${username}\0${secret}`).digest("hex");
  const name = `${url.protocol}//${url.host} ${login}`;
  const lease = await lines.lease(name, () => GatewayLine.open(target, signal));
  void lease.line.ended.then(() => lines.retire(name, lease.line));
  return lease;
}

function explain(cause: Error, { host }: URL): DriverError {
  const code = "code" in cause ? cause.code : undefined;
  if (LOGIN_REFUSED.has(code)) {
    return new DriverError("login-refused", `the MQTT server at ${host} refuses user or password`, {
      retry: false,
      cause,
    });
  }
  if (cause.message.includes("connack timeout")) {
    return new DriverError("timeout", `the MQTT server at ${host} does not answer`, { retry: true, cause });
  }
  if (typeof code === "string") {
    return new DriverError("unreachable", `no MQTT server at ${host}: ${cause.message}`, {
      retry: true,
      cause,
    });
  }
  return new DriverError("garbage", `what answers at ${host} is no MQTT server: ${cause.message}`, {
    retry: true,
    cause,
  });
}
