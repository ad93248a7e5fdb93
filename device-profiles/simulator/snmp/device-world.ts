import type { Neighbour } from "../../codecs/mib-topology.ts";
import { objectOf, type SnmpProfile } from "../../profiles/snmp-profile.ts";
import {
  DataType,
  type MetricName,
  metricDefinition,
  parseMetricName,
  type SampleValue,
} from "../../vocabulary/index.ts";

/** Traffic of a port, in bits per second. */
export interface PortTraffic {
  readonly inBitsPerSecond: number;
  readonly outBitsPerSecond: number;
}

const IDLE_TRAFFIC: PortTraffic = { inBitsPerSecond: 2_000_000, outBitsPerSecond: 500_000 };
/** Ports of a simulated device whose profile names none. */
const PORTS_UNNAMED = [1, 2, 3, 4];
const SPEED_MBIT_S = 1_000;
const POWER_W = 6.5;
const QUIET_RUNTIME_s = 1_800;

interface PortState {
  oper: SampleValue;
  admin: boolean;
  /** What the port detects while it is enabled. */
  detection: SampleValue;
  enabled: boolean;
  powered: boolean;
  traffic: PortTraffic;
  /** Octets counted until `since`; they grow from there while the link is up. */
  inOctets: bigint;
  outOctets: bigint;
  since: number;
  neighbour: Neighbour | undefined;
  stations: readonly string[];
  /** Name, speed, errors, power: what holds until somebody sets it. */
  readonly others: Map<string, SampleValue>;
}

/**
 * What a device is and does: ports go up and down, count octets while they are up, and power cameras; a powered device
 * whose power is cut takes its link with it. Everything else holds what it was set to.
 */
export class DeviceWorld {
  readonly ports: readonly number[];
  readonly #poePorts: ReadonlySet<number>;
  readonly #states = new Map<number, PortState>();
  readonly #values: Map<MetricName, SampleValue>;
  readonly #now: () => number;
  readonly #profile: SnmpProfile;
  #started: number;

  constructor(profile: SnmpProfile, now: () => number) {
    this.#profile = profile;
    this.#now = now;
    this.#started = now();
    const has = (capability: string): boolean =>
      profile.columns.some((column) => column.capability === capability);
    this.ports = has("Port") ? (profile.numbering.ports ?? PORTS_UNNAMED) : [];
    this.#poePorts = new Set(
      has("PoE") ? this.ports.filter((port) => !profile.numbering.uplinks.includes(port)) : [],
    );
    for (const port of this.ports) this.#states.set(port, this.#newPort(port));
    this.#values = new Map<MetricName, SampleValue>([
      ["System/Name", profile.id.replace("/", "-")],
      ["System/Description", `${profile.title.en} (simulated)`],
      ["Properties/Vendor", "campus-ops simulator"],
      ["Properties/Model", profile.model],
      ["Properties/Serial", "20230912345678901234"],
      ["Properties/Firmware", "1.0"],
    ]);
    for (const { metric } of [...profile.scalars, ...(profile.figures ?? [])]) {
      if (metric !== "System/Uptime") this.#values.set(metric, quietValue(metric));
    }
  }

  /** False for a row that the simulated device does not have. */
  has(metric: MetricName): boolean {
    const name = parseMetricName(metric);
    if (name?.instance === undefined) return metric === "System/Uptime" || this.#values.has(metric);
    const port = Number(name.instance);
    return name.capability === "PoE" ? this.#poePorts.has(port) : this.#states.has(port);
  }

  get(metric: MetricName): SampleValue {
    if (metric === "System/Uptime") return (this.#now() - this.#started) / 1000;
    const value = this.#values.get(metric);
    if (value !== undefined) return value;
    const { state, metric: name } = this.#port(metric);
    switch (name) {
      case "Oper":
        return linkOf(state);
      case "Admin":
        return state.admin;
      case "InOctets":
        return exact(this.#octets(state, "in"));
      case "OutOctets":
        return exact(this.#octets(state, "out"));
      case "Enabled":
        return state.enabled;
      case "Detection":
        return state.enabled ? state.detection : "disabled";
      case "Neighbour":
        return state.neighbour?.name ?? "";
      case "Stations":
        return state.stations.join(" ");
      case "Power":
        return state.enabled ? (state.others.get(name) ?? null) : 0;
      default:
        return state.others.get(name) ?? null;
    }
  }

  set(metric: MetricName, value: SampleValue): void {
    if (metric === "System/Uptime") {
      this.#started = this.#now() - Number(value) * 1000;
      return;
    }
    if (this.#values.has(metric)) {
      this.#values.set(metric, value);
      return;
    }
    const { state, metric: name } = this.#port(metric);
    this.#settle(state);
    if (name === "Oper") state.oper = value;
    else if (name === "Admin") state.admin = value === true;
    else if (name === "InOctets") state.inOctets = BigInt(value ?? 0);
    else if (name === "OutOctets") state.outOctets = BigInt(value ?? 0);
    else if (name === "Enabled") state.enabled = value === true;
    else if (name === "Detection") {
      state.detection = value;
      state.powered = value === "delivering";
    } else if (name === "Neighbour") {
      state.neighbour = value === "" ? undefined : { name: String(value), forwards: false };
    } else if (name === "Stations") {
      state.stations = String(value).split(" ").filter(Boolean);
    } else state.others.set(name, value);
  }

  setTraffic(port: number, traffic: PortTraffic): void {
    const { state } = this.#port(`Port/${port}/Oper`);
    this.#settle(state);
    state.traffic = traffic;
  }

  setNeighbour(port: number, neighbour: Neighbour): void {
    this.#port(`Port/${port}/Oper`).state.neighbour = neighbour;
  }

  neighbour(port: number): Neighbour | undefined {
    return this.#states.get(port)?.neighbour;
  }

  stations(port: number): readonly string[] {
    return this.#states.get(port)?.stations ?? [];
  }

  /** The device restarts: its uptime and its counters begin anew. What was switched stays switched. */
  restart(): void {
    this.#started = this.#now();
    for (const state of this.#states.values()) {
      Object.assign(state, { inOctets: 0n, outOctets: 0n, since: this.#started });
    }
  }

  #newPort(port: number): PortState {
    const powered = this.#poePorts.has(port);
    return {
      oper: "up",
      admin: true,
      detection: powered ? "delivering" : null,
      enabled: powered,
      powered,
      traffic: IDLE_TRAFFIC,
      inOctets: 0n,
      outOctets: 0n,
      since: this.#started,
      neighbour: undefined,
      stations: [],
      others: new Map<string, SampleValue>([
        ["Name", `GigabitEthernet1/0/${port}`],
        ["Speed", SPEED_MBIT_S],
        ["InErrors", 0],
        ["OutErrors", 0],
        ["Power", POWER_W],
      ]),
    };
  }

  #port(metric: MetricName): { state: PortState; metric: string } {
    const name = parseMetricName(metric);
    const state = this.#states.get(Number(name?.instance));
    const known =
      objectOf(this.#profile, this.#profile.numbering, metric) !== undefined ||
      (this.#profile.topology === true && (name?.metric === "Neighbour" || name?.metric === "Stations"));
    if (name === undefined || state === undefined || !known || !this.has(metric)) {
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

/** A value that worries nobody. */
function quietValue(metric: MetricName): SampleValue {
  const definition = metricDefinition(metric);
  // What is quiet about a line is that it is up.
  if (definition?.datatype === DataType.Boolean) return metric === "Uplink/Up";
  if (definition?.unit === "s") return QUIET_RUNTIME_s;
  const [least = 0, most = 100] = definition?.plausible ?? [];
  return Math.min(most, Math.max(least, 0) + 30);
}

function exact(octets: bigint): number | bigint {
  return octets <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(octets) : octets;
}

function linkOf(state: PortState): SampleValue {
  if (!state.admin) return "down";
  return state.powered && !state.enabled ? "down" : state.oper;
}
