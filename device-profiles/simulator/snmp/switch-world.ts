import { objectOf, type SnmpProfile } from "../../profiles/snmp-profile.ts";
import { type MetricName, parseMetricName, type SampleValue } from "../../vocabulary/index.ts";

/** Traffic of a port, in bits per second. */
export interface PortTraffic {
  readonly inBitsPerSecond: number;
  readonly outBitsPerSecond: number;
}

const IDLE_TRAFFIC: PortTraffic = { inBitsPerSecond: 2_000_000, outBitsPerSecond: 500_000 };
/** Ports of a simulated device whose profile names none. */
const PORTS_UNNAMED = [1, 2, 3, 4];

interface PortState {
  oper: SampleValue;
  /** What the port detects while it is enabled. */
  detection: SampleValue;
  enabled: boolean;
  powered: boolean;
  traffic: PortTraffic;
  /** Octets counted until `since`; they grow from there while the link is up. */
  inOctets: bigint;
  outOctets: bigint;
  since: number;
}

/**
 * What a switch is and does: ports go up and down, count octets while they are up, and power cameras. A powered device
 * whose power is cut takes its link with it.
 */
export class SwitchWorld {
  readonly ports: readonly number[];
  readonly #poePorts: ReadonlySet<number>;
  readonly #states = new Map<number, PortState>();
  readonly #attributes: Map<MetricName, SampleValue>;
  readonly #now: () => number;
  readonly #profile: SnmpProfile;
  #started: number;

  constructor(profile: SnmpProfile, now: () => number) {
    this.#profile = profile;
    this.#now = now;
    this.#started = now();
    this.ports = profile.numbering.ports ?? PORTS_UNNAMED;
    const hasPoe = profile.columns.some(({ capability }) => capability === "PoE");
    this.#poePorts = new Set(
      hasPoe ? this.ports.filter((port) => !profile.numbering.uplinks.includes(port)) : [],
    );
    for (const port of this.ports) {
      const powered = this.#poePorts.has(port);
      this.#states.set(port, {
        oper: "up",
        detection: powered ? "delivering" : null,
        enabled: powered,
        powered,
        traffic: IDLE_TRAFFIC,
        inOctets: 0n,
        outOctets: 0n,
        since: this.#started,
      });
    }
    this.#attributes = new Map<MetricName, SampleValue>([
      ["System/Name", profile.id.replace("/", "-")],
      ["System/Description", `${profile.title.en} (simulated)`],
      ["Properties/Vendor", "campus-ops simulator"],
      ["Properties/Model", profile.model],
      ["Properties/Serial", "20230912345678901234"],
      ["Properties/Firmware", "1.0"],
    ]);
  }

  /** False for a row that the simulated device does not have. */
  has(metric: MetricName): boolean {
    const name = parseMetricName(metric);
    if (name?.instance === undefined)
      return objectOf(this.#profile, this.#profile.numbering, metric) !== undefined;
    const port = Number(name.instance);
    return name.capability === "PoE" ? this.#poePorts.has(port) : this.#states.has(port);
  }

  get(metric: MetricName): SampleValue {
    if (metric === "System/Uptime") return (this.#now() - this.#started) / 1000;
    const attribute = this.#attributes.get(metric);
    if (attribute !== undefined) return attribute;
    const { state, metric: name } = this.#port(metric);
    switch (name) {
      case "Oper":
        return linkOf(state);
      case "InOctets":
        return exact(this.#octets(state, "in"));
      case "OutOctets":
        return exact(this.#octets(state, "out"));
      case "Enabled":
        return state.enabled;
      default:
        return state.enabled ? state.detection : "disabled";
    }
  }

  set(metric: MetricName, value: SampleValue): void {
    if (metric === "System/Uptime") {
      this.#started = this.#now() - Number(value) * 1000;
      return;
    }
    if (this.#attributes.has(metric)) {
      this.#attributes.set(metric, value);
      return;
    }
    const { state, metric: name } = this.#port(metric);
    this.#settle(state);
    if (name === "Oper") state.oper = value;
    else if (name === "InOctets") state.inOctets = BigInt(value ?? 0);
    else if (name === "OutOctets") state.outOctets = BigInt(value ?? 0);
    else if (name === "Enabled") state.enabled = value === true;
    else {
      state.detection = value;
      state.powered = value === "delivering";
    }
  }

  setTraffic(port: number, traffic: PortTraffic): void {
    const { state } = this.#port(`Port/${port}/Oper`);
    this.#settle(state);
    state.traffic = traffic;
  }

  #port(metric: MetricName): { state: PortState; metric: string } {
    const name = parseMetricName(metric);
    const state = this.#states.get(Number(name?.instance));
    const object = objectOf(this.#profile, this.#profile.numbering, metric);
    if (name === undefined || state === undefined || object === undefined || !this.has(metric)) {
      throw new RangeError(`the simulated ${this.#profile.id} has no metric ${metric}`);
    }
    return { state, metric: name.metric };
  }

  #octets(state: PortState, direction: "in" | "out"): bigint {
    const counted = direction === "in" ? state.inOctets : state.outOctets;
    if (linkOf(state) !== "up") return counted;
    const rate = direction === "in" ? state.traffic.inBitsPerSecond : state.traffic.outBitsPerSecond;
    return (counted + BigInt(Math.floor((Math.max(0, this.#now() - state.since) * rate) / 8000))) % 2n ** 64n;
  }

  /** Fixes what has been counted, before something changes how fast it grows. */
  #settle(state: PortState): void {
    state.inOctets = this.#octets(state, "in");
    state.outOctets = this.#octets(state, "out");
    state.since = this.#now();
  }
}

function exact(octets: bigint): number | bigint {
  return octets <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(octets) : octets;
}

function linkOf(state: PortState): SampleValue {
  return state.powered && !state.enabled ? "down" : state.oper;
}
