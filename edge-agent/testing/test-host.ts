/**
 * A small Sparkplug host for the tests: remembers what arrived by run, asks for rebirths, acknowledges, and misbehaves
 * on request. It reads the wire with the platform's own decoder, but keeps its books by itself.
 */
import {
  ALL_TOPICS,
  AliasTable,
  acknowledgeCommand,
  decodePayload,
  type PicturePart,
  type PictureRefusal,
  type Publication,
  parseTopic,
  type ReceivedEvent,
  type ReceivedSample,
  readMetrics,
  readPart,
  readRefusal,
  rebirthCommand,
  stateMessage,
} from "@campus-ops/broker/sparkplug";
import { CampusId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import mqtt, { type MqttClient } from "mqtt";

export interface Arrival {
  readonly type: string;
  readonly device: string;
  readonly samples: readonly ReceivedSample[];
  readonly events: readonly ReceivedEvent[];
  /** Parts of pictures, and why there is none. */
  readonly parts: readonly PicturePart[];
  readonly refusals: readonly PictureRefusal[];
  readonly run?: { readonly epoch: number; readonly first: number; readonly last: number };
  readonly seq: number | undefined;
  readonly retain: boolean;
  readonly qos: number;
}

export interface TestHostOptions {
  readonly url: string;
  readonly id?: string;
  readonly campus: string;
  readonly node: string;
  /** Where the server asks who comes. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Whether a record's acknowledgement is sent; asked for each arrival. */
  readonly acknowledges?: (arrival: Arrival) => boolean;
}

export class TestHost {
  readonly arrivals: Arrival[] = [];
  readonly #client: MqttClient;
  readonly #options: TestHostOptions;
  readonly #aliases = new AliasTable();
  readonly #watchers = new Set<() => void>();

  private constructor(client: MqttClient, options: TestHostOptions) {
    this.#client = client;
    this.#options = options;
    client.on("message", (topic, payload, { qos, retain }) => this.#receive(topic, payload, qos, retain));
  }

  static async start(options: TestHostOptions): Promise<TestHost> {
    const client = await mqtt.connectAsync(options.url, {
      clean: true,
      reconnectPeriod: 0,
      protocolVersion: 4,
      ...options.credentials,
    });
    const host = new TestHost(client, options);
    await client.subscribeAsync(ALL_TOPICS, { qos: 1 });
    if (options.id !== undefined) await host.state(true);
    return host;
  }

  async state(online: boolean): Promise<void> {
    await this.publish(stateMessage(this.#options.id ?? "hub", { online, timestamp: Date.now() }));
  }

  async publish({ topic, payload, qos, retain }: Publication): Promise<void> {
    await this.#client.publishAsync(topic, Buffer.from(payload), { qos, retain });
  }

  async rebirth(): Promise<void> {
    await this.publish(rebirthCommand(this.#node(), Date.now()));
  }

  /** Distinct samples and events by run: what a host that removes duplicates holds. */
  distinct(): readonly Arrival[] {
    const runs = new Map<string, Arrival>();
    for (const arrival of this.arrivals) {
      if (arrival.run === undefined) continue;
      const { epoch, first, last } = arrival.run;
      const key = `${epoch}/${first}-${last}`;
      if (!runs.has(key)) runs.set(key, arrival);
    }
    return [...runs.values()];
  }

  /**
   * Resolves when `condition` holds; the test's own time limit is the limit. It is looked at right after each arrival, and
   * not when whoever waits has its turn: of two that came in one packet, what holds after the first alone would be missed.
   */
  until(condition: () => boolean): Promise<void> {
    const { promise, reject, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      try {
        if (!condition()) return;
        resolve();
      } catch (error) {
        reject(error);
      }
      this.#watchers.delete(look);
    };
    this.#watchers.add(look);
    look();
    return promise;
  }

  async stop(): Promise<void> {
    await this.#client.endAsync(true);
  }

  #node() {
    return { campus: CampusId(this.#options.campus), node: NodeId(this.#options.node) };
  }

  #receive(text: string, bytes: Uint8Array, qos: number, retain: boolean): void {
    const topic = parseTopic(text);
    if (topic === undefined || topic.type === "STATE" || topic.type === "foreign") return;
    if (topic.type === "NCMD" || topic.type === "DCMD") return;
    const decoded = decodePayload(bytes);
    if (!decoded.ok) throw new Error(decoded.error.message);
    const device = "device" in topic.address ? topic.address.device : undefined;
    if (topic.type === "NBIRTH" || topic.type === "DBIRTH") this.#aliases.learn(device, decoded.payload);
    const { metrics, unresolved, undeclared } = this.#aliases.resolve(device, decoded.payload);
    if (unresolved.length > 0 || (topic.type.endsWith("DATA") && undeclared.length > 0)) {
      throw new Error(`${text}: not in the birth: ${[...unresolved, ...undeclared].join(", ")}`);
    }
    const { events, handoff, samples } = readMetrics(metrics, { time: decoded.payload.timestamp ?? 0 });
    const arrival: Arrival = {
      type: topic.type,
      device: device ?? "",
      samples,
      events,
      parts: metrics.flatMap((metric) => readPart(metric) ?? []),
      refusals: metrics.flatMap((metric) => readRefusal(metric) ?? []),
      ...(handoff === undefined ? {} : { run: handoff }),
      seq: decoded.payload.seq,
      retain,
      qos,
    };
    this.arrivals.push(arrival);
    if (handoff !== undefined && (this.#options.acknowledges?.(arrival) ?? true)) {
      const { epoch, first, last } = handoff;
      void this.publish(acknowledgeCommand(this.#node(), { epoch, runs: [{ first, last }] }, Date.now()));
    }
    for (const look of [...this.#watchers]) look();
  }
}
