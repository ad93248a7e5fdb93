/** A message as JSON on an MQTT topic, QoS 1: for a bureau's own systems, or a siren that listens. */
import { connectAsync, type MqttClient } from "mqtt";
import { type Channel, ChannelError, reason } from "./channel.ts";
import { cloudEvent } from "./webhook.ts";

export interface MqttOptions {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly topic: string;
  readonly source: string;
  readonly ca?: string;
}

const CONNECT_MS_MAX = 10_000;

export function mqttChannel(options: MqttOptions): Channel {
  let client: Promise<MqttClient> | undefined;
  const connected = async (): Promise<MqttClient> => {
    const { url, username, password, ca } = options;
    client ??= connectAsync(
      url,
      {
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
        ...(ca === undefined ? {} : { ca }),
        connectTimeout: CONNECT_MS_MAX,
        // The queue in front of this channel is the only one: what is not confirmed is tried again from there.
        reconnectPeriod: 0,
        queueQoSZero: false,
      },
      false,
    );
    try {
      const open = await client;
      if (open.connected) return open;
      throw new Error("the connection is gone");
    } catch (error) {
      client = undefined;
      throw error;
    }
  };
  return {
    async send(message, signal) {
      signal.throwIfAborted();
      const payload = JSON.stringify(cloudEvent(message, options.source));
      const settled = new AbortController();
      let open: MqttClient | undefined;
      try {
        open = await connected();
        const confirmed = open.publishAsync(options.topic, payload, { qos: 1 });
        await Promise.race([withSignal(confirmed, signal), closed(open, settled.signal)]);
        return "PUBACK";
      } catch (error) {
        client = undefined;
        open?.end(true);
        throw new ChannelError(`cannot be reached (${reason(error)})`, { retry: true });
      } finally {
        settled.abort();
      }
    },
    close: async () => {
      const open = await client?.catch(() => undefined);
      await open?.endAsync(true);
    },
  };
}

/**
 * Rejects when the connection ends before `settled`: with no second one to come, mqtt.js would wait for its PUBACK for
 * ever.
 */
function closed(client: MqttClient, settled: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const gone = () => reject(new Error("the connection broke before the broker confirmed"));
    if (!client.connected) return gone();
    client.once("close", gone);
    settled.addEventListener("abort", () => client.off("close", gone), { once: true });
  });
}

function withSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}
