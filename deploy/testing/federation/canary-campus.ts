/**
 * A school's own edge node, in this process: a gate, a panic button and a projector whose every personal field is a canary,
 * a text that is nowhere else and must not be found in what leaves the campus.
 */
import { mkdirSync } from "node:fs";
import {
  CampusId,
  type DeviceEvent,
  DeviceId,
  GOOD,
  NodeId,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { deviceBirth, nodeBirth } from "@campus-ops/edge-agent/births";
import { EdgeNode } from "@campus-ops/edge-agent/edge-node";
import { Outbox } from "@campus-ops/edge-agent/outbox";
import { lossRecord, recordsOf } from "@campus-ops/edge-agent/reports";
import { HandoffSender } from "@campus-ops/edge-agent/sender";

/** What must never leave: a name, a card, a temperature, a face, what somebody typed. */
export const CANARIES = {
  name: "金丝雀某某",
  card: "c0ffee0123456789",
  celsius: 39.1625,
  face: "face-canary-7f3a",
  comment: "家长电话金丝雀",
} as const;

export const GATE = "gate";
export const PANIC = "panic";
export const PROJECTOR = "projector";

/** What each of them is, and what it says first. */
const DEVICES = {
  [GATE]: {
    class: "access-gate",
    states: ["Door/Tamper"],
    events: ["Access/Swipe", "Temperature/Screening"],
  },
  [PANIC]: { class: "panic-button", states: ["Panic/Pressed"], events: [] },
  [PROJECTOR]: { class: "projector", states: ["Projector/Power", "Projector/Input"], events: [] },
} as const;
type Device = keyof typeof DEVICES;

/** Where the devices are: `campus/building/floor` and, of the projector, the room. */
export const FLOOR = "a/1";
export const ROOM = `${FLOOR}/101`;

export interface CanaryOptions {
  readonly folder: string;
  readonly url: string;
  readonly password: string;
  readonly campus: string;
  readonly path: string;
}

export class CanaryCampus {
  readonly #node: EdgeNode;
  readonly #outbox: Outbox;
  readonly #sender: HandoffSender;
  readonly #stopping = new AbortController();
  readonly #states = new Map<string, SampleValue>([
    ["Door/Tamper", false],
    ["Panic/Pressed", false],
    ["Projector/Power", "off"],
    ["Projector/Input", "hdmi1"],
  ]);
  readonly #options: CanaryOptions;
  readonly #running: Promise<void>;
  #events = 0;

  constructor(options: CanaryOptions) {
    this.#options = options;
    const { campus, folder, password, url } = options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const outbox = new Outbox({
      file: `${folder}/outbox.sqlite`,
      bytesMax: 1 << 26,
      daysMax: 30,
      now: () => Date.now(),
      lossRecord,
      onTrouble: (message) => {
        throw new Error(message);
      },
    });
    this.#outbox = outbox;
    const clock = { instant: () => ({ wall: Date.now(), uptime_ms: performance.now() }) };
    this.#sender = new HandoffSender(outbox, clock, "acknowledged");
    this.#node = new EdgeNode({
      campus: CampusId(campus),
      node: NodeId("box-1"),
      brokers: [{ url, username: `${campus}-box-1`, password }],
      primaryHost: "hub",
      births: {
        node: () => nodeBirth(this.#properties("edge-box"), outbox, true, Date.now()),
        devices: () => Object.keys(DEVICES).map(DeviceId),
        device: (device) => this.#birth(device),
      },
      numbered: true,
      bdSeq: 0,
      keepBdSeq: () => undefined,
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
    this.#running = this.#node.run(this.#stopping.signal);
  }

  /** `Door/Tamper` of the gate, `Panic/Pressed` of the button. */
  async set(device: Device, metric: string, value: SampleValue): Promise<void> {
    this.#states.set(metric, value);
    await this.#report(device, [sample(metric, value)], []);
  }

  /** Told afterwards, as after a cut: the projector was on, and somebody chose what it showed. */
  async useRoom({ from, to }: { readonly from: Timestamp; readonly to: Timestamp }): Promise<void> {
    const samples = [
      sample("Projector/Power", "on", from),
      sample("Projector/Input", "hdmi2", from + 1),
      sample("Projector/Input", "hdmi1", to - 1),
      sample("Projector/Power", "off", to),
    ];
    await this.#report(PROJECTOR, samples, []);
  }

  /** A card that is refused, and somebody with a fever. */
  async passBy(): Promise<void> {
    this.#events += 1;
    const serial = this.#events;
    const event = (name: string, fields: DeviceEvent["fields"]): DeviceEvent => ({
      event: name,
      id: `${name}-${serial}`,
      eventTime: Date.now(),
      quality: GOOD,
      fields,
    });
    await this.#report(
      GATE,
      [],
      [
        event("Access/Swipe", {
          serial,
          credential: CANARIES.card,
          result: "refused",
          reason: "unknown",
          direction: "in",
        }),
        event("Temperature/Screening", {
          serial,
          celsius: CANARIES.celsius,
          raw: CANARIES.celsius,
          correction: 0,
          ambient: 21,
          distance: 40,
          retest: 0,
        }),
      ],
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#sender.end();
    await this.#running;
    this.#outbox.close();
  }

  async #report(device: string, samples: readonly Sample[], events: readonly DeviceEvent[]): Promise<void> {
    const records = recordsOf(device, [{ dataClass: "alarm", samples, events }]);
    this.#sender.offer(await this.#outbox.append(records));
  }

  #birth(device: DeviceId) {
    const { class: deviceClass, events, states } = DEVICES[device as string as Device];
    const samples = [
      ...this.#properties(deviceClass),
      ...states.map((metric) => sample(metric, this.#states.get(metric) ?? null)),
    ];
    return deviceBirth(device, samples, events, this.#outbox, Date.now());
  }

  /** The installer has named them after a person, as happens. */
  #properties(deviceClass: string): readonly Sample[] {
    const { path } = this.#options;
    const title = `${CANARIES.name} ${CANARIES.face}`;
    const values = {
      Class: deviceClass,
      Profile: `${deviceClass}/test`,
      TitleZh: title,
      TitleEn: title,
      Path: `${path}/${deviceClass === "projector" ? ROOM : FLOOR}`,
    };
    return Object.entries(values).map(([name, value]) => sample(`Properties/${name}`, value));
  }
}

const sample = (metric: string, value: SampleValue, eventTime = Date.now()): Sample => ({
  metric,
  value,
  quality: GOOD,
  eventTime,
});
