/** Zigbee2MQTT with one device: its list of devices, the device's messages, what it is told to set and asked to get. */
import { sourceWord } from "../../profiles/source-value.ts";
import { ZIGBEE_IDENTITY, type Zigbee2mqttProfile } from "../../profiles/zigbee2mqtt-profile.ts";
import type { MetricName, SampleValue } from "../../vocabulary/index.ts";
import { type GatewaySide, SERVER_FAULTS, startGatewaySide } from "../mqtt-server.ts";
import {
  checkFault,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";
import { SimulatedSource } from "../simulated-source.ts";

const BASE = "zigbee2mqtt";
const IDENTITY = "0x00158d0001a2b3c4";
const STORM = 200;

const FAULTS: readonly SimulatedFault[] = [
  ...SERVER_FAULTS,
  "subscription-lost",
  "counter-reset",
  "stuck",
  "sentinel",
  "storm",
  "not-done",
];

export async function startZigbee2mqttSimulator(
  profile: Zigbee2mqttProfile,
  options: SimulatorOptions = {},
): Promise<SimulatedDevice> {
  const side = await startGatewaySide(options);
  const gateway = new SimulatedGateway(profile, side, options.identity ?? IDENTITY);
  gateway.announce();
  return {
    url: `${side.url}/${BASE}/${encodeURIComponent(options.identity ?? IDENTITY)}`,
    set: (metric, value) => gateway.set(metric, value),
    get: (metric) => gateway.source.get(metric),
    raise: (event, fields) => {
      if (event !== "Button/Pressed" || profile.hasActions !== true) {
        throw new RangeError(`${profile.id} has no ${event}`);
      }
      gateway.publish({ action: String(fields.action) });
    },
    faults: FAULTS,
    fault: async (fault) => {
      checkFault(fault, FAULTS);
      gateway.fault = fault;
      gateway.source.fault = fault;
      if (fault === "counter-reset") gateway.source.resetCounters();
      await side.fault(fault);
      gateway.announce();
    },
    close: () => side.close(),
  };
}

class SimulatedGateway {
  fault: SimulatedFault | null = null;
  readonly source: SimulatedSource;
  readonly #profile: Zigbee2mqttProfile;
  readonly #side: GatewaySide;
  readonly #identity: string;
  readonly #facts: Record<MetricName, SampleValue>;

  constructor(profile: Zigbee2mqttProfile, side: GatewaySide, identity: string) {
    this.#profile = profile;
    this.#side = side;
    this.#identity = identity;
    this.#facts = {
      "Properties/Vendor": profile.vendor,
      "Properties/Model": profile.model,
      "Properties/Serial": identity,
      "Properties/Firmware": "3000-0001",
    };
    this.source = new SimulatedSource(profile.id, Object.values(profile.exposes), this.#facts);
    side.onPublished((topic, payload) => this.#hear(topic, payload));
  }

  set(metric: MetricName, value: SampleValue): void {
    this.source.set(metric, value);
    if (ZIGBEE_IDENTITY.includes(metric)) this.announce();
    else this.publish({});
  }

  /** What Zigbee2MQTT has the server keep. */
  announce(): void {
    const isGone = this.fault === "subscription-lost";
    const device = {
      ieee_address: this.source.get("Properties/Serial"),
      friendly_name: this.#identity,
      software_build_id: this.source.get("Properties/Firmware"),
      definition: {
        vendor: this.source.get("Properties/Vendor"),
        model: this.source.get("Properties/Model"),
      },
    };
    this.#side.publish(`${BASE}/bridge/state`, JSON.stringify({ state: "online" }), true);
    this.#side.publish(`${BASE}/bridge/devices`, JSON.stringify(isGone ? [] : [device]), true);
    this.#side.publish(`${BASE}/${this.#identity}/availability`, JSON.stringify({ state: "online" }), true);
    this.publish({}, true);
  }

  publish(more: Readonly<Record<string, SampleValue>>, retain = false): void {
    const state = Object.fromEntries(
      Object.entries(this.#profile.exposes).map(([property, source]) => [
        property,
        this.fault === "sentinel" ? null : sourceWord(source, this.source.get(source.metric)),
      ]),
    );
    const payload = JSON.stringify({ ...state, last_seen: Date.now(), ...more });
    const copies = this.fault === "storm" ? STORM : 1;
    for (let copy = 0; copy < copies; copy += 1)
      this.#side.publish(`${BASE}/${this.#identity}`, payload, retain);
  }

  #hear(topic: string, payload: string): void {
    const device = `${BASE}/${this.#identity}`;
    if (topic === `${device}/get`) this.publish({});
    if (topic !== `${device}/set`) return;
    const wanted = JSON.parse(payload) as Record<string, SampleValue>;
    // Zigbee2MQTT shows what it was told to set before the device has done it, and though it never does.
    if (this.fault === "not-done") {
      this.publish(wanted);
      return;
    }
    for (const [property, theirs] of Object.entries(wanted)) {
      const source = this.#profile.exposes[property];
      if (source === undefined) continue;
      const word = source.words?.find(([each]) => each === theirs);
      this.source.set(source.metric, word === undefined ? theirs : word[1]);
    }
    this.publish({});
  }
}
