/** An edge node of somebody else: npm `sparkplug-payload`, full names, no aliases, no hand-off. */
import sparkplugPayload from "sparkplug-payload";
import { CAMPUS, NODE } from "./brokers.ts";
import { Peer } from "./peer.ts";

export const DEVICE = "gate-9";
export const NODE_KEY = `${CAMPUS}/${NODE}`;
export const DEVICE_KEY = `${NODE_KEY}/${DEVICE}`;

function codec() {
  const found = sparkplugPayload.get("spBv1.0");
  if (found === null || found === undefined) throw new Error("sparkplug-payload has no spBv1.0");
  return found;
}
const { encodePayload } = codec();

type Values = Readonly<Record<string, boolean | string>>;

/** What its one device is, and says at its birth. */
export interface ThirdPartyDevice {
  readonly id: string;
  readonly values: Values;
}

const GATE: ThirdPartyDevice = {
  id: DEVICE,
  values: {
    "Properties/Class": "access-gate",
    "Connectivity/Online": true,
    "Door/Open": false,
    "Door/Unlocked": false,
  },
};
const BD_SEQ = 0;

export class ThirdPartyNode {
  readonly #peer: Peer;
  readonly #device: ThirdPartyDevice;
  #seq = 0;

  private constructor(peer: Peer, device: ThirdPartyDevice) {
    this.#peer = peer;
    this.#device = device;
  }

  static async connect(url: string, device = GATE): Promise<ThirdPartyNode> {
    const will = {
      topic: topicOf("NDEATH"),
      payload: Buffer.from(encodePayload({ timestamp: Date.now(), metrics: [bdSeq()] })),
      qos: 1,
      retain: false,
    } as const;
    const commands = [topicOf("NCMD"), `${topicOf("DCMD")}/+`];
    return new ThirdPartyNode(await Peer.connect(url, "edge", commands, { will }), device);
  }

  get heard() {
    return this.#peer.heard;
  }

  async births(): Promise<void> {
    const timestamp = Date.now();
    this.#seq = 0;
    const rebirth = { name: "Node Control/Rebirth", type: "Boolean", value: false, timestamp } as const;
    await this.#publish(topicOf("NBIRTH"), timestamp, [bdSeq(), rebirth], this.skip());
    await this.#publish(
      topicOf("DBIRTH", this.#device.id),
      timestamp,
      metricsOf(this.#device.values),
      this.skip(),
    );
  }

  /** The seq of a message that is not sent now. */
  skip(): number {
    const seq = this.#seq;
    this.#seq = (seq + 1) % 256;
    return seq;
  }

  async data(values: Values, seq = this.skip()): Promise<void> {
    await this.#publish(topicOf("DDATA", this.#device.id), Date.now(), metricsOf(values), seq);
  }

  async deviceDeath(at: number): Promise<void> {
    await this.#publish(topicOf("DDEATH", this.#device.id), at, [], this.skip());
  }

  cut(): void {
    this.#peer.cut();
  }

  async end(): Promise<void> {
    await this.#peer.end();
  }

  async #publish(topic: string, timestamp: number, metrics: Metrics, seq: number): Promise<void> {
    await this.#peer.publish(topic, encodePayload({ timestamp, metrics, seq }));
  }
}

type Metrics = NonNullable<Parameters<typeof encodePayload>[0]["metrics"]>;

const topicOf = (type: string, device?: string): string =>
  `spBv1.0/${CAMPUS}/${type}/${NODE}${device === undefined ? "" : `/${device}`}`;

const bdSeq = () => ({ name: "bdSeq", type: "Int64", value: BD_SEQ, timestamp: Date.now() }) as const;

function metricsOf(values: Values): Metrics {
  return Object.entries(values).map(([name, value]) => ({
    name,
    value,
    type: typeof value === "string" ? "String" : "Boolean",
    timestamp: Date.now(),
  }));
}
