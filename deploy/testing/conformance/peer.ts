/** The other end of a conversation: a plain MQTT client that remembers what it was delivered. */
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { Happenings } from "../awaiting.ts";
import { PASSWORD } from "./brokers.ts";
import { type Message, messageOf } from "./recording.ts";

export class Peer {
  readonly heard = new Happenings<Message>();
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on("packetreceive", (packet) => {
      const message = messageOf({ connection: 0, from: "server", packet });
      if (message !== undefined) this.heard.add(message);
    });
  }

  static async connect(
    url: string,
    username: "edge" | "host" | "monitor",
    filters: readonly string[],
    options: IClientOptions = {},
  ): Promise<Peer> {
    const client = await mqtt.connectAsync(url, {
      clean: true,
      reconnectPeriod: 0,
      username,
      password: PASSWORD,
      ...options,
    });
    const peer = new Peer(client);
    if (filters.length > 0) await client.subscribeAsync([...filters], { qos: 1 });
    return peer;
  }

  /** With QoS 1 it resolves when the server has it. */
  async publish(topic: string, payload: Uint8Array | string, qos: 0 | 1 = 0, retain = false): Promise<void> {
    await this.#client.publishAsync(topic, typeof payload === "string" ? payload : Buffer.from(payload), {
      qos,
      retain,
    });
  }

  async state(host: string, online: boolean, timestamp: number): Promise<void> {
    await this.publish(`spBv1.0/STATE/${host}`, JSON.stringify({ online, timestamp }), 1, true);
  }

  /** Gone without a word. */
  cut(): void {
    this.#client.stream.destroy();
    this.#client.end(true);
  }

  /** Sends DISCONNECT: no will. */
  async leave(): Promise<void> {
    await this.#client.endAsync(false);
  }

  async end(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
