/** A small Sparkplug edge node with the acknowledged hand-off and an outbox in memory: a peer to test ingest with. */
import {
  type Acknowledgement,
  decodePayload,
  encodePayload,
  eventBirthMetric,
  eventToMetric,
  formatTopic,
  HANDOFF_EPOCH,
  type Metric,
  type PictureRequest,
  parseTopic,
  pictureDeclarations,
  type RecordRange,
  rangeMetric,
  readCommand,
  readState,
  sampleToMetric,
  templateDefinitions,
  type WriteCommand,
} from "@campus-ops/broker/sparkplug";
import {
  type CampusId,
  DataType,
  type DeviceEvent,
  DeviceId,
  GOOD,
  type NodeId,
  type Sample,
} from "@campus-ops/device-profiles/vocabulary";
import mqtt, { type MqttClient } from "mqtt";

export interface EdgeDevice {
  readonly id: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly samples: readonly Sample[];
  readonly events?: readonly string[];
}

interface OutboxRecord {
  readonly range: RecordRange;
  readonly device: string;
  readonly metrics: readonly Metric[];
}

export interface SmallEdgeOptions {
  readonly url: string;
  readonly campus: CampusId;
  readonly node: NodeId;
  readonly host: string;
  readonly devices: readonly EdgeDevice[];
  readonly epoch?: number;
  readonly onCommand?: (device: string, command: WriteCommand) => void;
  /** Records of the node itself, with which it answers. */
  readonly onPicture?: (request: PictureRequest) => readonly Metric[];
}

const RESEND_MS = 150;
const RECONNECT_MS = 50;

export class SmallEdge {
  readonly #options: SmallEdgeOptions;
  readonly #epoch: number;
  readonly #outbox = new Map<number, OutboxRecord>();
  #client: MqttClient;
  #seq = 0;
  #bdSeq = -1;
  #last = 0;
  #born = false;
  #ending = false;
  readonly #resending: NodeJS.Timeout;
  #reconnecting: NodeJS.Timeout | undefined;

  constructor(options: SmallEdgeOptions) {
    this.#options = options;
    this.#epoch = options.epoch ?? 1_700_000_000_000;
    this.#client = this.#connect();
    // A DATA message is QoS 0: what was not acknowledged is sent again, which also makes duplicates.
    this.#resending = setInterval(() => this.#sendAll(), RESEND_MS);
  }

  get unacknowledged(): number {
    return this.#outbox.size;
  }

  /** Samples and events counted so far. */
  get count(): number {
    return this.#last;
  }

  report(device: string, samples: readonly Sample[], events: readonly DeviceEvent[] = []): void {
    const first = this.#last + 1;
    this.#last += samples.length + events.length;
    const range = { epoch: this.#epoch, first, last: this.#last };
    const metrics = [
      ...samples.map((sample) => sampleToMetric(sample)),
      ...events.map((event) => eventToMetric(event)),
    ];
    this.#keep({ range, device, metrics });
  }

  /** One record of the node itself. */
  tell(metric: Metric): void {
    this.#last += 1;
    const range = { epoch: this.#epoch, first: this.#last, last: this.#last };
    this.#keep({ range, device: "", metrics: [metric] });
  }

  #keep(record: OutboxRecord): void {
    this.#outbox.set(record.range.first, record);
    this.#send(record);
  }

  /** Leaves numbers out, as an edge does that had to give samples up. */
  giveUp(count: number): void {
    this.#last += count;
  }

  /** Ends without a word: the broker sends the will. */
  cut(): void {
    this.#ending = true;
    clearInterval(this.#resending);
    clearTimeout(this.#reconnecting);
    this.#client.stream.destroy();
    this.#client.end(true);
  }

  async end(): Promise<void> {
    this.#ending = true;
    clearInterval(this.#resending);
    clearTimeout(this.#reconnecting);
    await this.#client.endAsync(true);
  }

  publishRaw(topic: string, payload: Uint8Array): void {
    this.#client.publish(topic, Buffer.from(payload));
  }

  #connect(): MqttClient {
    const { url, campus, node, host } = this.#options;
    this.#bdSeq = (this.#bdSeq + 1) % 256;
    this.#born = false;
    const address = { campus, node };
    const will = encodePayload({ timestamp: Date.now(), metrics: [this.#bdSeqMetric()] });
    const client = mqtt.connect(url, {
      clean: true,
      reconnectPeriod: 0,
      queueQoSZero: false,
      will: {
        topic: formatTopic({ type: "NDEATH", address }),
        payload: Buffer.from(will),
        qos: 1,
        retain: false,
      },
    });
    client.on("connect", () => {
      const topics = [
        `spBv1.0/${campus}/NCMD/${node}`,
        `spBv1.0/${campus}/DCMD/${node}/+`,
        formatTopic({ type: "STATE", host }),
      ];
      client.subscribe(topics, { qos: 1 });
    });
    client.on("message", (topic, payload) => this.#receive(topic, payload));
    client.on("error", () => client.end(true));
    client.on("close", () => {
      this.#born = false;
      if (!this.#ending) this.#reconnecting = setTimeout(() => this.#reconnect(), RECONNECT_MS);
    });
    return client;
  }

  #reconnect(): void {
    this.#client = this.#connect();
  }

  #receive(topicText: string, bytes: Uint8Array): void {
    const topic = parseTopic(topicText);
    if (topic?.type === "STATE") {
      const online = readState(bytes)?.online === true;
      if (online && !this.#born) this.#birth();
      this.#born = online;
      if (online) this.#sendAll();
      return;
    }
    const decoded = decodePayload(bytes);
    if (!decoded.ok || topic === undefined || topic.type === "foreign") return;
    const command = readCommand(decoded.payload.metrics);
    if (command.rebirth) this.#birth();
    for (const acknowledgement of command.acknowledgements) this.#forget(acknowledgement);
    const { onPicture } = this.#options;
    if (command.picture !== undefined)
      for (const metric of onPicture?.(command.picture) ?? []) this.tell(metric);
    if (topic.type === "DCMD")
      for (const write of command.writes) this.#options.onCommand?.(topic.address.device, write);
  }

  #forget({ epoch, runs }: Acknowledgement): void {
    if (epoch !== this.#epoch) return;
    for (const [first, { range }] of this.#outbox) {
      if (runs.some((run) => run.first === range.first && run.last === range.last))
        this.#outbox.delete(first);
    }
  }

  #birth(): void {
    this.#seq = 0;
    const now = Date.now();
    this.#publish("NBIRTH", undefined, [
      this.#bdSeqMetric(),
      { name: "Node Control/Rebirth", datatype: DataType.Boolean, value: false },
      { name: HANDOFF_EPOCH, datatype: DataType.UInt64, value: this.#epoch },
      ...pictureDeclarations(now).map((metric, index) => ({ ...metric, alias: index + 1 })),
      ...templateDefinitions(),
    ]);
    for (const { id, properties, samples, events = [] } of this.#options.devices) {
      const attributes = Object.entries(properties).map(([name, value]) =>
        sampleToMetric({ metric: `Properties/${name}`, value, quality: GOOD, eventTime: now }),
      );
      const values = samples.map((sample) => sampleToMetric(sample));
      this.#publish("DBIRTH", id, [
        ...attributes,
        ...values,
        ...events.map((event) => eventBirthMetric(event, now)),
      ]);
    }
    this.#born = true;
  }

  #sendAll(): void {
    for (const record of this.#outbox.values()) this.#send(record);
  }

  #send({ device, metrics, range }: OutboxRecord): void {
    if (!this.#born) return;
    if (device === "") this.#publish("NDATA", undefined, [...metrics.map(aliased), rangeMetric(range)]);
    else this.#publish("DDATA", device, [...metrics, rangeMetric(range)]);
  }

  #publish(
    type: "NBIRTH" | "NDATA" | "DBIRTH" | "DDATA",
    device: string | undefined,
    metrics: readonly Metric[],
  ): void {
    const { campus, node } = this.#options;
    const topic =
      type === "NBIRTH" || type === "NDATA" || device === undefined
        ? formatTopic({ type: type === "NDATA" ? type : "NBIRTH", address: { campus, node } })
        : formatTopic({ type, address: { campus, node, device: DeviceId(device) } });
    const payload = encodePayload({ timestamp: Date.now(), metrics, seq: this.#seq });
    this.#seq = (this.#seq + 1) % 256;
    this.#client.publish(topic, Buffer.from(payload), { qos: 0 });
  }

  #bdSeqMetric(): Metric {
    return { name: "bdSeq", datatype: DataType.Int64, value: this.#bdSeq };
  }
}

/** As an edge box does it: DATA leaves out the name and the datatype that the birth gave. */
function aliased(metric: Metric): Metric {
  const index = pictureDeclarations(0).findIndex(({ name }) => name === metric.name);
  const { datatype: _datatype, name: _name, ...rest } = metric;
  return index < 0 ? metric : { ...rest, alias: index + 1 };
}
