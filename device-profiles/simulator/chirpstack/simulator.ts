/** ChirpStack with one device: the device's uplinks, and what is queued for it. */
import { randomUUID } from "node:crypto";
import { encodePayload } from "../../codecs/payload-fields.ts";
import { type ChirpstackProfile, RADIO_METRICS } from "../../profiles/chirpstack-profile.ts";
import { sourceWord } from "../../profiles/source-value.ts";
import type { SampleValue } from "../../vocabulary/index.ts";
import { type GatewaySide, SERVER_FAULTS, startGatewaySide } from "../mqtt-server.ts";
import {
  checkFault,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";
import { SimulatedSource } from "../simulated-source.ts";

const APPLICATION = "0b9b1d02-7a4e-4d0e-9f8e-6a6f3a7b1c2d";
const IDENTITY = "24e124136b502217";
/** A device that happens to report soon after somebody begins to listen. */
const FIRST_UPLINK_ms = 5;
const ZONE_ms = 8 * 3_600_000;
const STORM = 200;

const FAULTS: readonly SimulatedFault[] = [
  ...SERVER_FAULTS,
  "clock-1970",
  "clock-ahead",
  "replay",
  "counter-reset",
  "stuck",
  "sentinel",
  "storm",
  "not-done",
];

export async function startChirpstackSimulator(
  profile: ChirpstackProfile,
  options: SimulatorOptions = {},
): Promise<SimulatedDevice> {
  const side = await startGatewaySide(options);
  const server = new SimulatedNetworkServer(profile, side, options);
  return {
    url: `${side.url}/${server.topic}`,
    set: (metric, value) => {
      const before = server.source.get(metric);
      server.source.set(metric, value);
      try {
        server.uplink();
      } catch (error) {
        // Its field has no room for that.
        server.source.set(metric, before);
        throw error;
      }
    },
    get: (metric) => server.source.get(metric),
    raise: (event, fields) => {
      const found = Object.entries(profile.actions ?? {}).find(([, action]) => action.event === event);
      if (found === undefined) throw new RangeError(`${profile.id} has no ${event}`);
      const [field, { words }] = found;
      const code = Object.entries(words).find(([, word]) => word === fields.action)?.[0];
      if (code === undefined) throw new RangeError(`${profile.id} has no action ${String(fields.action)}`);
      server.uplink(new Map([[field, Number(code)]]));
    },
    faults: FAULTS,
    fault: async (fault) => {
      checkFault(fault, FAULTS);
      server.fault = fault;
      server.source.fault = fault;
      if (fault === "counter-reset") server.beginAnew();
      await side.fault(fault);
    },
    close: () => server.close(),
  };
}

class SimulatedNetworkServer {
  fault: SimulatedFault | null = null;
  readonly source: SimulatedSource;
  readonly topic: string;
  readonly #profile: ChirpstackProfile;
  readonly #side: GatewaySide;
  readonly #now: () => number;
  readonly #devEui: string;
  readonly #timers = new Set<NodeJS.Timeout>();
  #frame = 0;
  #last: string | undefined;

  constructor(
    profile: ChirpstackProfile,
    side: GatewaySide,
    { identity = IDENTITY, now = Date.now }: SimulatorOptions,
  ) {
    this.#profile = profile;
    this.#side = side;
    this.#now = now;
    this.#devEui = identity;
    this.topic = `application/${APPLICATION}/device/${identity}`;
    const radio = RADIO_METRICS.map((metric) => ({ metric }));
    this.source = new SimulatedSource(profile.id, [...Object.values(profile.values), ...radio]);
    side.onPublished((topic, payload) => this.#hear(topic, payload));
    side.onSubscribed((topic) => {
      if (topic !== `${this.topic}/event/up`) return;
      if (this.fault === "replay" && this.#last !== undefined) this.#side.publish(topic, this.#last);
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.uplink();
      }, FIRST_UPLINK_ms);
      this.#timers.add(timer);
    });
  }

  /** `more`: fields of what just happened, beside the values. */
  uplink(more: ReadonlyMap<string, number> = new Map()): void {
    const values = Object.entries(this.#profile.values).map(([field, source]): [string, number] => [
      field,
      this.fault === "sentinel" && source.sentinels?.[0] !== undefined
        ? source.sentinels[0]
        : Number(sourceWord(source, this.source.get(source.metric))),
    ]);
    const payload = encodePayload(this.#profile.payload, new Map([...values, ...more]));
    this.#frame += 1;
    const message = JSON.stringify({
      deduplicationId: randomUUID(),
      time: new Date(this.#time()).toISOString(),
      deviceInfo: { applicationId: APPLICATION, devEui: this.#devEui, deviceName: this.#profile.model },
      fCnt: this.#frame,
      fPort: 85,
      confirmed: false,
      data: Buffer.from(payload).toString("base64"),
      rxInfo: [
        {
          gatewayId: "0016c001f153a14c",
          rssi: this.source.get("Radio/SignalStrength"),
          snr: this.source.get("Radio/SignalToNoise"),
        },
      ],
    });
    this.#last = message;
    const copies = this.fault === "storm" ? STORM : 1;
    for (let copy = 0; copy < copies; copy += 1) this.#side.publish(`${this.topic}/event/up`, message);
  }

  /** A device that has joined again counts its frames from the beginning. */
  beginAnew(): void {
    this.#frame = 0;
    this.source.resetCounters();
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#side.close();
  }

  #time(): number {
    if (this.fault === "clock-1970") return 0;
    return this.fault === "clock-ahead" ? this.#now() + ZONE_ms : this.#now();
  }

  #hear(topic: string, text: string): void {
    if (topic !== `${this.topic}/command/down` || this.fault === "not-done") return;
    const { data, fPort } = JSON.parse(text) as { readonly data: string; readonly fPort: number };
    const payload = Buffer.from(data, "base64").toString("hex");
    for (const [metric, downlink] of Object.entries(this.#profile.downlinks ?? {})) {
      const value: readonly [SampleValue, string] | undefined =
        downlink.port === fPort ? downlink.payloads.find(([, each]) => each === payload) : undefined;
      if (value !== undefined) this.source.set(metric, value[0]);
    }
    this.uplink();
  }
}
