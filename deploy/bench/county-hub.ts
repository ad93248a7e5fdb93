/**
 * What a city's hub hears of a county's: an edge node with one device a campus, which tells that campus's roll-ups. The
 * outbox, the sender and the edge node are real; the campuses behind it are figures.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  CampusId,
  DeviceId,
  GOOD,
  isStanding,
  NodeId,
  ROLLUP_COUNT_NAMES,
  type RollupCount,
  rollupMetricOf,
  type Sample,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { deviceBirth, nodeBirth } from "@campus-ops/edge-agent/births";
import { EdgeNode } from "@campus-ops/edge-agent/edge-node";
import { Outbox } from "@campus-ops/edge-agent/outbox";
import { lossRecord, recordsOf } from "@campus-ops/edge-agent/reports";
import { HandoffSender } from "@campus-ops/edge-agent/sender";

export const BUCKET_MS = 300_000;
export const DEVICES_PER_CAMPUS = 400;
const OUTBOX_BYTES_MAX = 1 << 30;

export interface CountyHubOptions {
  readonly folder: string;
  readonly url: string;
  /** Its Sparkplug group, and its user name at the city's broker. */
  readonly group: string;
  readonly password: string;
  /** Asset path of the county. */
  readonly path: string;
  readonly campuses: readonly string[];
}

export class CountyHub {
  readonly node: EdgeNode;
  readonly campuses: readonly string[];
  readonly #outbox: Outbox;
  readonly #sender: HandoffSender;
  readonly #options: CountyHubOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: CountyHubOptions) {
    this.#options = options;
    const { campuses, folder, group, password, url } = options;
    this.campuses = campuses;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#outbox = new Outbox({
      file: join(folder, "outbox.sqlite"),
      bytesMax: OUTBOX_BYTES_MAX,
      daysMax: 30,
      now: () => Date.now(),
      lossRecord,
      onTrouble: (message) => {
        throw new Error(message);
      },
    });
    const outbox = this.#outbox;
    const clock = { instant: () => ({ wall: Date.now(), uptime_ms: performance.now() }) };
    this.#sender = new HandoffSender(outbox, clock, "acknowledged");
    this.node = new EdgeNode({
      campus: CampusId(group),
      node: NodeId("hub"),
      brokers: [{ url, username: group, password }],
      primaryHost: "hub",
      births: {
        node: () => nodeBirth(properties("hub", group, options.path), outbox, true, Date.now()),
        devices: () => campuses.map(DeviceId),
        device: (campus) =>
          deviceBirth(campus, [...this.#properties(campus), ...born(Date.now())], [], outbox, Date.now()),
      },
      numbered: true,
      bdSeq: outbox.remembered("bdSeq") ?? 0,
      keepBdSeq: (next) => outbox.remember("bdSeq", next % 256),
      onBorn: (session) => this.#sender.begin(session),
      onEnded: () => this.#sender.end(),
      onAcknowledgement: (acknowledgement) => this.#sender.acknowledge(acknowledgement),
      onCommand: () => undefined,
      onMalformed: (topic, why) => {
        throw new Error(`${topic}: ${why}`);
      },
      onConnection: () => undefined,
      clock,
      random: Math.random,
    });
  }

  connect(): void {
    this.#running = this.node.run(this.#stopping.signal);
  }

  /** The city holds everything that was told. */
  get isEmpty(): boolean {
    return this.#outbox.stats().records === 0;
  }

  /** What happened on a campus in some buckets, and how it stands; how many counts that are, once they are durable. */
  async tell(campus: string, buckets: readonly Timestamp[], at: Timestamp): Promise<number> {
    const samples = [...standing(at), ...buckets.flatMap(happened)];
    const records = recordsOf(campus, [{ dataClass: "telemetry", samples, events: [] }]);
    const kept = await this.#outbox.append(records, { device: DeviceId(campus), cursor: String(at) });
    this.#sender.offer(kept);
    return samples.length;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#sender.end();
    await this.#running;
    this.#outbox.close();
  }

  #properties(campus: string): readonly Sample[] {
    return properties("hub", campus, `${this.#options.path}/${campus}`);
  }
}

const sample = (metric: string, value: Sample["value"], eventTime: Timestamp): Sample => ({
  metric,
  value,
  quality: GOOD,
  eventTime,
});

function properties(deviceClass: string, title: string, path: string): readonly Sample[] {
  const now = Date.now();
  const told = { Class: deviceClass, TitleZh: title, TitleEn: title, Path: path };
  return Object.entries(told).map(([name, value]) => sample(`Properties/${name}`, value, now));
}

/** The same campus everywhere: what is in the counts makes no difference to who adds them up. */
const STANDING: Partial<Record<RollupCount, number>> = {
  "devices.registered": DEVICES_PER_CAMPUS,
  "devices.working": 391,
  "devices.faulty": 6,
  "devices.unreachable": 3,
  "nodes.registered": 2,
  "nodes.online": 2,
};

const countSample = (count: RollupCount, value: number, at: Timestamp): Sample =>
  sample(`Rollup/${rollupMetricOf(count)}`, value, at);

const standing = (at: Timestamp): readonly Sample[] =>
  ROLLUP_COUNT_NAMES.filter(isStanding).map((count) => countSample(count, STANDING[count] ?? 0, at));

/** A birth declares what may come, and says of what has happened nothing yet. */
const born = (at: Timestamp): readonly Sample[] => [
  ...standing(at),
  ...happened(at).map((each) => ({
    ...each,
    value: null,
    quality: { status: "bad", reason: "not-read" } as const,
  })),
];

/** 400 devices that say something every ten seconds or so; of what was expected a little is missing. */
const HAPPENED: Partial<Record<RollupCount, number>> = {
  "samples.expected": 12_000,
  "samples.received": 11_990,
  "samples.lost": 4,
};

const happened = (bucket: Timestamp): readonly Sample[] =>
  ROLLUP_COUNT_NAMES.filter((count) => !isStanding(count)).map((count) =>
    countSample(count, HAPPENED[count] ?? 1 + (Math.floor(bucket / BUCKET_MS) % 7), bucket),
  );
