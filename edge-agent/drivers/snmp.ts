/** Reads and switches network devices over SNMP v2c or v3. Addresses: see `snmp/target.ts`. */
import { lookup } from "node:dns/promises";
import { SYSTEM } from "@campus-ops/device-profiles/codecs/mib-objects";
import { NEIGHBOUR_COLUMNS, STATION_COLUMNS } from "@campus-ops/device-profiles/codecs/mib-topology";
import { UnexpectedVarbindError, type Varbind } from "@campus-ops/device-profiles/codecs/snmp";
import {
  DISCOVERY_COLUMNS,
  discoverPorts,
  type PortNumbering,
} from "@campus-ops/device-profiles/profiles/snmp-numbering";
import {
  objectOf,
  type SnmpObject,
  type SnmpProfile,
} from "@campus-ops/device-profiles/profiles/snmp-profile";
import { readTopology, samplesFromVarbinds } from "@campus-ops/device-profiles/profiles/snmp-reading";
import {
  GOOD,
  type MetricName,
  parseMetricName,
  type Reading,
  type Sample,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import {
  type DeviceSession,
  type DeviceTarget,
  type Driver,
  type DriverEnvironment,
  DriverError,
} from "./driver.ts";
import { Doorbell } from "./notices/doorbell.ts";
import { sourceAddress } from "./notices/source-address.ts";
import { SNMP_LIMITS, type SnmpLimits, SnmpLink } from "./snmp/link.ts";
import { type PortLook, PowerCycles } from "./snmp/power-cycle.ts";
import { addressOf, credentialsOf, numberingOf, type TrapEndpoint, trapEndpointOf } from "./snmp/target.ts";
import { TRAP_LISTENERS, TrapListener } from "./snmp/traps.ts";

/** The tables of neighbours and stations are long and change slowly. */
export const TOPOLOGY_INTERVAL_ms = 60_000;
/** However many notifications come: the device is looked at once in so long on their account. */
export const LOOK_INTERVAL_MS_MIN = 1_000;

/** SNMP agents under `snmp://host[:port]`. */
export const snmpDriver: Driver<SnmpProfile> = createSnmpDriver();

export function createSnmpDriver(limits: SnmpLimits = SNMP_LIMITS): Driver<SnmpProfile> {
  return {
    async open(target, profile, environment, signal) {
      const session = new SnmpSession(target, profile, environment, limits);
      try {
        await session.prove(signal);
      } catch (error) {
        await session.close();
        throw error;
      }
      return session;
    },
  };
}

class SnmpSession implements DeviceSession {
  readonly #link: SnmpLink;
  readonly #target: DeviceTarget;
  readonly #profile: SnmpProfile;
  readonly #environment: DriverEnvironment;
  readonly #cycles: PowerCycles;
  readonly #traps: TrapEndpoint | undefined;
  #numbering: PortNumbering;
  #uptime_s = 0;
  #topologyAt = Number.NEGATIVE_INFINITY;
  /** Ports whose neighbour forwards for others, as it was last seen. */
  #seenUplinks: readonly number[] = [];
  readonly #looks = new Map<number, PortLook>();
  readonly #links = new Map<number, SampleValue>();
  readonly #notices = { listening: false, received: 0, refused: 0 };

  constructor(
    target: DeviceTarget,
    profile: SnmpProfile,
    environment: DriverEnvironment,
    limits: SnmpLimits,
  ) {
    this.#target = target;
    this.#profile = profile;
    this.#environment = environment;
    this.#numbering = numberingOf(target, profile.numbering);
    this.#cycles = new PowerCycles(environment.cursor);
    this.#traps = trapEndpointOf(target);
    this.#link = new SnmpLink(addressOf(target), credentialsOf(target), limits);
  }

  /** UDP has no connection: an answer is the only proof that somebody is there. */
  async prove(signal: AbortSignal): Promise<void> {
    await this.#link.get([SYSTEM.sysUpTime], signal);
    await this.#discover(signal);
  }

  async identify(signal: AbortSignal): Promise<Reading> {
    const varbinds = await this.#link.get(
      this.#profile.attributes.map(({ oid }) => oid),
      signal,
    );
    return { samples: this.#samples(varbinds), events: [] };
  }

  async poll(signal: AbortSignal): Promise<Reading> {
    await this.#advanceCycles(signal);
    const samples = await this.#look(signal);
    const cycles = [...this.#looks.keys()].map((port): Sample => {
      const value = this.#cycles.state(port);
      return { metric: `PoE/${port}/Cycle`, value, quality: GOOD, eventTime: this.#environment.now() };
    });
    const cursor = this.#cycles.cursor();
    return {
      samples: [...samples, ...cycles, ...this.#noticeSamples()],
      events: [],
      ...(cursor === undefined ? {} : { cursor }),
    };
  }

  /** Looks at the device at once whenever it says that something happened. */
  async subscribe(sink: (reading: Reading) => void, signal: AbortSignal): Promise<void> {
    const endpoint = this.#traps;
    if (endpoint === undefined) {
      throw new DriverError("unsupported", "no trap port is configured for this device", { retry: false });
    }
    const address = await sourceAddress(endpoint.source, (name) => lookup(name, { family: 4 }));
    const lease = await TRAP_LISTENERS.lease(`${endpoint.host}:${endpoint.port}`, () =>
      TrapListener.open(endpoint.host, endpoint.port),
    );
    const bell = new Doorbell(LOOK_INTERVAL_MS_MIN);
    let unregister: (() => void) | undefined;
    try {
      unregister = lease.line.register({
        address,
        credentials: credentialsOf(this.#target),
        onNotification: () => {
          this.#notices.received += 1;
          bell.ring();
        },
        onRefused: () => {
          this.#notices.refused += 1;
        },
      });
      this.#notices.listening = true;
      while (await bell.rung(signal)) {
        this.#topologyAt = Number.NEGATIVE_INFINITY;
        // A device that does not answer now is noticed by its next poll.
        const samples = await this.#look(signal).catch(() => []);
        if (samples.length > 0) sink({ samples: [...samples, ...this.#noticeSamples()], events: [] });
      }
    } finally {
      this.#notices.listening = false;
      unregister?.();
      await lease.release();
    }
  }

  /**
   * A value written to a switch survives its reboot. What is switched off stays off until somebody switches it on
   * again; `PoE/<n>/Cycle` is the way to cut the power for a moment.
   */
  async write(metric: MetricName, value: SampleValue, signal: AbortSignal): Promise<void> {
    const cycled = cycledPort(metric);
    const enabled = cycled === undefined ? metric : `PoE/${cycled}/Enabled`;
    const object = objectOf(this.#profile, this.#numbering, enabled);
    if (object?.writable !== true) throw refused(`${metric} cannot be written on this device`);
    if (object.port !== undefined && this.#carriesOthers(object.port)) {
      throw refused(`${metric}: port ${object.port} is an uplink; it is not switched`);
    }
    if (cycled === undefined) {
      await this.#set(object, value, signal);
      return;
    }
    if (value !== "cycling") throw refused(`${metric} can only be set to “cycling”`);
    const why = this.#cycles.request(cycled, this.#looks.get(cycled), this.#environment.now());
    if (why !== undefined) throw new DriverError("device-exception", why, { retry: false });
  }

  /** Power that is off because of us is given back at once; should that fail, the next session does it. */
  async close(): Promise<void> {
    const owed = this.#cycles
      .owed()
      .map((port) => this.#switchPower(port, true, AbortSignal.timeout(GIVE_BACK_MS_MAX)));
    await Promise.allSettled(owed);
    this.#link.close();
  }

  async #look(signal: AbortSignal): Promise<readonly Sample[]> {
    const { columns, figures = [], scalars } = this.#profile;
    const now = this.#environment.now();
    const values = await this.#link.get(
      scalars.map(({ oid }) => oid),
      signal,
    );
    await this.#noticeRestart(values, signal);
    const wanted = [...columns.map(({ oid }) => oid), ...figures.flatMap(({ table }) => table.columns)];
    const rows = await this.#link.walk([...new Set(wanted)], signal);
    const samples = this.#samples([...values, ...rows]);
    this.#takePorts(samples, now);
    return [...samples, ...(await this.#topology(samples, now, signal))];
  }

  async #topology(samples: readonly Sample[], now: number, signal: AbortSignal): Promise<readonly Sample[]> {
    if (this.#profile.topology !== true || now - this.#topologyAt < TOPOLOGY_INTERVAL_ms) return [];
    const rows = await this.#link.walk([...NEIGHBOUR_COLUMNS, ...STATION_COLUMNS], signal);
    const ports = samples.flatMap(({ metric }) => portsOf(metric, "Port", "Oper"));
    const topology = readTopology(this.#numbering, ports, rows, this.#environment.now());
    this.#seenUplinks = topology.uplinks;
    this.#topologyAt = now;
    return topology.samples;
  }

  /** A device that restarted may have numbered its interfaces anew. */
  async #noticeRestart(values: readonly Varbind[], signal: AbortSignal): Promise<void> {
    const ticks = values.find(({ oid }) => oid === SYSTEM.sysUpTime)?.value;
    const uptime_s = typeof ticks === "number" ? ticks / 100 : 0;
    if (uptime_s < this.#uptime_s) {
      this.#topologyAt = Number.NEGATIVE_INFINITY;
      await this.#discover(signal);
    }
    this.#uptime_s = uptime_s;
  }

  async #discover(signal: AbortSignal): Promise<void> {
    if (this.#profile.discoversPorts !== true) return;
    const ifIndexByPort = discoverPorts(await this.#link.walk(DISCOVERY_COLUMNS, signal));
    const configured = numberingOf(this.#target, this.#profile.numbering);
    this.#numbering = ifIndexByPort.size === 0 ? configured : { ...configured, ifIndexByPort };
  }

  #samples(varbinds: readonly Varbind[]): readonly Sample[] {
    return samplesFromVarbinds(this.#profile, this.#numbering, varbinds, this.#environment.now());
  }

  #carriesOthers(port: number): boolean {
    return this.#numbering.uplinks.includes(port) || this.#seenUplinks.includes(port);
  }

  async #set(object: SnmpObject, value: SampleValue, signal: AbortSignal): Promise<void> {
    let encoded: ReturnType<typeof object.codec.encode>;
    try {
      encoded = object.codec.encode(value);
    } catch (error) {
      if (!(error instanceof UnexpectedVarbindError)) throw error;
      throw new DriverError("unsupported", `${object.metric}: ${error.message}`, {
        retry: false,
        cause: error,
      });
    }
    await this.#link.set({ oid: object.oid, type: object.codec.type, value: encoded }, signal);
  }

  async #switchPower(port: number, on: boolean, signal: AbortSignal): Promise<void> {
    const object = objectOf(this.#profile, this.#numbering, `PoE/${port}/Enabled`);
    if (object !== undefined) await this.#set(object, on, signal);
    this.#cycles.switched(port, on, this.#environment.now());
  }

  async #advanceCycles(signal: AbortSignal): Promise<void> {
    for (const { port, on } of this.#cycles.due(this.#environment.now())) {
      await this.#switchPower(port, on, signal);
    }
  }

  #takePorts(samples: readonly Sample[], now: number): void {
    const held = new Map(samples.map(({ metric, value }) => [metric, value]));
    for (const port of samples.flatMap(({ metric }) => portsOf(metric, "Port", "Oper"))) {
      const link = held.get(`Port/${port}/Oper`) ?? null;
      // Where a cable was plugged in something else may hang now.
      if (this.#links.has(port) && this.#links.get(port) !== link)
        this.#topologyAt = Number.NEGATIVE_INFINITY;
      this.#links.set(port, link);
    }
    for (const port of samples.flatMap(({ metric }) => portsOf(metric, "PoE", "Enabled"))) {
      // In a stack the numbers of the two tables do not meet, and a vendor's own table may tell no detection.
      const link = held.get(`Port/${port}/Oper`) ?? "up";
      const detection = held.get(`PoE/${port}/Detection`) ?? "delivering";
      const look = {
        enabled: held.get(`PoE/${port}/Enabled`) === true,
        alive: link === "up" && detection === "delivering",
      };
      this.#looks.set(port, look);
      this.#cycles.saw(port, look, now);
    }
  }

  #noticeSamples(): readonly Sample[] {
    if (this.#traps === undefined) return [];
    const eventTime = this.#environment.now();
    const { listening, received, refused: turnedAway } = this.#notices;
    return [
      { metric: "Notices/Listening", value: listening, quality: GOOD, eventTime },
      { metric: "Notices/Received", value: received, quality: GOOD, eventTime },
      { metric: "Notices/Refused", value: turnedAway, quality: GOOD, eventTime },
    ];
  }
}

const GIVE_BACK_MS_MAX = 1_000;

function portsOf(metric: MetricName, capability: string, what: string): number[] {
  const name = parseMetricName(metric);
  const matches = name?.capability === capability && name.metric === what;
  return matches && name.instance !== undefined ? [Number(name.instance)] : [];
}

function cycledPort(metric: MetricName): number | undefined {
  return portsOf(metric, "PoE", "Cycle")[0];
}

const refused = (message: string): DriverError => new DriverError("unsupported", message, { retry: false });
