/**
 * An edge agent without devices: the real outbox, hand-off sender and Sparkplug edge node under a source that counts.
 *
 * Each source says 1, 2, 3 … and keeps its place in the outbox, in the transaction of the record that says it, as a
 * device with a log of its own does. However often the process dies, every number must arrive once: what is to be found
 * at the hub is known without asking the edge.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Run } from "@campus-ops/broker/sparkplug";
import {
  CampusId,
  type DeviceEvent,
  DeviceId,
  GOOD,
  NodeId,
  type Sample,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { deviceBirth, nodeBirth } from "@campus-ops/edge-agent/births";
import type { BrokerAddress } from "@campus-ops/edge-agent/connection";
import { EdgeNode } from "@campus-ops/edge-agent/edge-node";
import { Outbox } from "@campus-ops/edge-agent/outbox";
import { lossRecord, recordsOf } from "@campus-ops/edge-agent/reports";
import { HandoffSender } from "@campus-ops/edge-agent/sender";

export interface LoadEdgeOptions {
  /** Where the outbox lies. */
  readonly folder: string;
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Where it comes by a certificate. */
  readonly tls?: BrokerAddress["tls"];
  readonly campus: string;
  readonly campusPath: string;
  readonly node: string;
  /** The host that it reports to; `hub` unless said. */
  readonly host?: string;
  /** Each a switch whose ports count together. */
  readonly sources: number;
  /** Samples of one record. */
  readonly ports: number;
  /** Devices whose video is lost and comes back: an alarm each time. None unless said. */
  readonly cameras?: number;
  /** Event time of number n is this and n times {@link step_ms}: a run that is repeated says the same. */
  readonly since: Timestamp;
  readonly step_ms: number;
  readonly bytesMax?: number;
}

/** Numbers that a source could not keep are counted at the hub as missing: nothing here hides them. */
export class LoadEdge {
  readonly outbox: Outbox;
  readonly sender: HandoffSender;
  readonly node: EdgeNode;
  /** Why the outbox or the connection had something to say, newest last. */
  readonly troubles: string[] = [];
  readonly #options: LoadEdgeOptions;
  readonly #sources: readonly string[];
  readonly #ports: readonly string[];
  readonly #stopping = new AbortController();
  readonly #counts = new Map<string, number>();
  /** Since when each camera is as it is, as far as this process knows. */
  readonly #turned = new Map<string, Timestamp>();
  #running: Promise<void> = Promise.resolve();
  #onAcknowledged: (run: Run) => void = () => undefined;

  constructor(options: LoadEdgeOptions) {
    this.#options = options;
    this.#sources = sourceIds(options.sources);
    this.#ports = ports(options.ports);
    const { bytesMax = 1 << 30, cameras = 0, campus, folder, node, password, tls, url, username } = options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.outbox = new Outbox({
      file: join(folder, "outbox.sqlite"),
      bytesMax,
      daysMax: 3_650,
      now: () => Date.now(),
      lossRecord,
      onTrouble: (message) => this.troubles.push(message),
    });
    for (const id of [...this.#sources, ...cameraIds(cameras), GATE]) {
      this.#counts.set(id, Number(this.outbox.cursor(id) ?? 0));
    }
    const clock = { instant: () => ({ wall: Date.now(), uptime_ms: performance.now() }) };
    this.sender = new HandoffSender(this.outbox, clock, "acknowledged");
    this.node = new EdgeNode({
      campus: CampusId(campus),
      node: NodeId(node),
      brokers: [
        {
          url,
          ...(username === undefined ? {} : { username }),
          ...(password === undefined ? {} : { password }),
          ...(tls === undefined ? {} : { tls }),
        },
      ],
      primaryHost: options.host ?? "hub",
      births: {
        node: () => nodeBirth(this.#properties("edge-box", node), this.outbox, true, Date.now()),
        devices: () => [...this.#counts.keys()].map(DeviceId),
        device: (device) => this.#birth(device),
      },
      numbered: true,
      bdSeq: this.outbox.remembered("bdSeq") ?? 0,
      keepBdSeq: (next) => this.outbox.remember("bdSeq", next % 256),
      onBorn: (session) => this.sender.begin(session),
      onEnded: () => this.sender.end(),
      onAcknowledgement: (acknowledgement) => {
        this.sender.acknowledge(acknowledgement);
        for (const run of acknowledgement.runs) this.#onAcknowledged(run);
      },
      onCommand: () => undefined,
      onMalformed: (topic, why) => this.troubles.push(`${topic}: ${why}`),
      onConnection: (event, detail) => {
        if (event === "ended") this.troubles.push(detail);
      },
      clock,
      random: Math.random,
    });
  }

  connect(): void {
    this.#running = this.node.run(this.#stopping.signal);
  }

  /** Called with each record's sample numbers when the hub says that it holds them. */
  whenAcknowledged(tell: (run: Run) => void): void {
    this.#onAcknowledged = tell;
  }

  get name(): string {
    return this.#options.node;
  }

  get sources(): readonly string[] {
    return this.#sources;
  }

  /** What a source says next is one more than this. */
  count(source: string): number {
    return this.#counts.get(source) ?? 0;
  }

  /** The hub holds everything that was reported, and the outbox has deleted it. */
  get isEmpty(): boolean {
    return this.outbox.stats().records === 0;
  }

  /**
   * The next number of a source, of the time that the numbers count unless another is said; resolves when it is durable,
   * with the first of the record's sample numbers.
   */
  async report(source: string, at?: Timestamp): Promise<number> {
    const count = this.#next(source);
    const eventTime = at ?? this.eventTime(count);
    const samples = this.#ports.map((metric): Sample => ({ metric, value: count, quality: GOOD, eventTime }));
    const records = recordsOf(source, [{ dataClass: "telemetry", samples, events: [] }]);
    const [kept] = await this.#keep(source, records, count);
    return kept?.range.first ?? 0;
  }

  /**
   * A card that is refused at the gate, with the next serial number: one alarm of its own. Resolves when it is durable,
   * with its sample number.
   */
  async refuse(): Promise<number> {
    const serial = this.#next(GATE);
    const event: DeviceEvent = {
      event: "Access/Swipe",
      id: `swipe-${serial}`,
      eventTime: Date.now(),
      quality: GOOD,
      fields: {
        serial,
        credential: "0123456789abcdef",
        result: "refused",
        reason: "unknown",
        direction: "in",
      },
    };
    const records = recordsOf(GATE, [{ dataClass: "access", samples: [], events: [event] }]);
    const [kept] = await this.#keep(GATE, records, serial);
    return kept?.range.first ?? 0;
  }

  /**
   * A camera whose video was there loses it, and one that had lost it has it back. Odd numbers are losses, so that who
   * knows how far a camera has counted knows how many alarms it has raised. Resolves when it is durable, with its number.
   */
  async turn(camera: string, eventTime: Timestamp): Promise<number> {
    const count = this.#next(camera);
    this.#turned.set(camera, eventTime);
    const sample: Sample = { metric: VIDEO_LOSS, value: count % 2 === 1, quality: GOOD, eventTime };
    const records = recordsOf(camera, [{ dataClass: "alarm", samples: [sample], events: [] }]);
    await this.#keep(camera, records, count);
    return count;
  }

  eventTime(count: number): Timestamp {
    return this.#options.since + count * this.#options.step_ms;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.sender.end();
    await this.#running;
    this.outbox.close();
  }

  #next(source: string): number {
    const count = this.count(source) + 1;
    this.#counts.set(source, count);
    return count;
  }

  async #keep(source: string, records: ReturnType<typeof recordsOf>, count: number) {
    const kept = await this.outbox.append(records, { device: DeviceId(source), cursor: String(count) });
    this.sender.offer(kept);
    return kept;
  }

  #birth(device: DeviceId) {
    const isCamera = device.startsWith(CAMERA);
    const deviceClass = device === GATE ? "access-gate" : isCamera ? "camera" : "switch";
    const unread = (metric: string): Sample => ({
      metric,
      value: null,
      quality: { status: "bad", reason: "not-read" },
      eventTime: Date.now(),
    });
    // As an agent that has read it: a birth says how things stand, and since when.
    const seen = (): Sample => ({
      metric: VIDEO_LOSS,
      value: this.count(device) % 2 === 1,
      quality: GOOD,
      eventTime: this.#turned.get(device) ?? Date.now(),
    });
    const read = { "access-gate": [], camera: [seen()], switch: this.#ports.map(unread) };
    const samples = [...this.#properties(deviceClass, device), ...read[deviceClass]];
    const events = deviceClass === "access-gate" ? ["Access/Swipe"] : [];
    return deviceBirth(device, samples, events, this.outbox, Date.now());
  }

  #properties(deviceClass: string, title: string): readonly Sample[] {
    const properties = {
      Class: deviceClass,
      Profile: `${deviceClass}/load`,
      TitleZh: title,
      TitleEn: title,
      Path: this.#options.campusPath,
    };
    return Object.entries(properties).map(([name, value]) => ({
      metric: `Properties/${name}`,
      value,
      quality: GOOD,
      eventTime: Date.now(),
    }));
  }
}

/** The one device whose events are alarms. */
export const GATE = "gate";

const CAMERA = "camera-";
const VIDEO_LOSS = "Video/Loss";

export function cameraIds(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${CAMERA}${index + 1}`);
}

export function sourceIds(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `source-${index + 1}`);
}

export function ports(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `Port/${index + 1}/InOctets`);
}
