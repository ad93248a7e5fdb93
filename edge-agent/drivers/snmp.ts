/** Reads and switches network devices over SNMP v2c or v3. Addresses: see `snmp/target.ts`. */
import { UnexpectedVarbindError } from "@campus-ops/device-profiles/codecs/snmp";
import {
  objectOf,
  type PortNumbering,
  type SnmpProfile,
  samplesFromVarbinds,
} from "@campus-ops/device-profiles/profiles/snmp-profile";
import type { MetricName, Reading, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import {
  type DeviceSession,
  type DeviceTarget,
  type Driver,
  type DriverEnvironment,
  DriverError,
} from "./driver.ts";
import { SNMP_LIMITS, type SnmpLimits, SnmpLink } from "./snmp/link.ts";
import { addressOf, credentialsOf, numberingOf } from "./snmp/target.ts";

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
  readonly #profile: SnmpProfile;
  readonly #numbering: PortNumbering;
  readonly #environment: DriverEnvironment;

  constructor(
    target: DeviceTarget,
    profile: SnmpProfile,
    environment: DriverEnvironment,
    limits: SnmpLimits,
  ) {
    this.#profile = profile;
    this.#environment = environment;
    this.#numbering = numberingOf(target, profile.numbering);
    this.#link = new SnmpLink(addressOf(target), credentialsOf(target), limits);
  }

  /** UDP has no connection: an answer is the only proof that somebody is there. */
  async prove(signal: AbortSignal): Promise<void> {
    await this.#link.get(
      this.#profile.scalars.map(({ oid }) => oid),
      signal,
    );
  }

  async identify(signal: AbortSignal): Promise<Reading> {
    const varbinds = await this.#link.get(
      this.#profile.attributes.map(({ oid }) => oid),
      signal,
    );
    return this.#reading(varbinds);
  }

  async poll(signal: AbortSignal): Promise<Reading> {
    const scalars = await this.#link.get(
      this.#profile.scalars.map(({ oid }) => oid),
      signal,
    );
    const columns = await this.#link.walk(
      this.#profile.columns.map(({ oid }) => oid),
      signal,
    );
    return this.#reading([...scalars, ...columns]);
  }

  #reading(varbinds: Parameters<typeof samplesFromVarbinds>[2]): Reading {
    const samples = samplesFromVarbinds(this.#profile, this.#numbering, varbinds, this.#environment.now());
    return { samples, events: [] };
  }

  /**
   * A value written to pethPsePortAdminEnable survives a reboot of the switch, so what is switched off stays off until
   * somebody switches it on again; a power cycle is two writes of the agent's, each confirmed by reading back.
   */
  async write(metric: MetricName, value: SampleValue, signal: AbortSignal): Promise<void> {
    const object = objectOf(this.#profile, this.#numbering, metric);
    if (object?.writable !== true) {
      throw new DriverError("unsupported", `${metric} cannot be written on this device`, { retry: false });
    }
    if (object.port !== undefined && this.#numbering.uplinks.includes(object.port)) {
      throw new DriverError(
        "unsupported",
        `${metric}: port ${object.port} is an uplink; it is not switched`,
        {
          retry: false,
        },
      );
    }
    let encoded: ReturnType<typeof object.codec.encode>;
    try {
      encoded = object.codec.encode(value);
    } catch (error) {
      if (!(error instanceof UnexpectedVarbindError)) throw error;
      throw new DriverError("unsupported", `${metric}: ${error.message}`, { retry: false, cause: error });
    }
    await this.#link.set({ oid: object.oid, type: object.codec.type, value: encoded }, signal);
  }

  async close(): Promise<void> {
    this.#link.close();
  }
}
