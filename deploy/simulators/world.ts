/** All simulated devices of a city, by key, and what can be done to them. */
import { checkFault, type SimulatedDevice, type SimulatedFault } from "@campus-ops/device-profiles/simulator";
import type { SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { type Act, withDependants } from "./scenario/timeline.ts";

export interface WorldDevice {
  readonly key: string;
  readonly profile: string;
  /** Key of the switch it hangs from. */
  readonly dependsOn?: string;
  readonly simulated: SimulatedDevice;
}

/** There is no such device, metric or event. */
export class NotInTheWorldError extends Error {
  override readonly name = "NotInTheWorldError";
}

export class World {
  readonly #devices: ReadonlyMap<string, WorldDevice>;
  readonly #dependsOn: ReadonlyMap<string, string>;
  /** Why a device is not itself: its own fault, or the outage of a switch above it. */
  readonly #own = new Map<string, SimulatedFault>();

  constructor(devices: readonly WorldDevice[]) {
    this.#devices = new Map(devices.map((device) => [device.key, device]));
    this.#dependsOn = new Map(
      devices.flatMap(({ key, dependsOn }) => (dependsOn === undefined ? [] : [[key, dependsOn]])),
    );
  }

  list(): readonly {
    key: string;
    profile: string;
    url: string;
    dependsOn?: string;
    fault: SimulatedFault | null;
  }[] {
    return [...this.#devices.values()].map(({ key, profile, dependsOn, simulated }) => ({
      key,
      profile,
      url: simulated.url,
      ...(dependsOn === undefined ? {} : { dependsOn }),
      fault: this.#faultOf(key),
    }));
  }

  get(key: string, metric: string): SampleValue {
    return inTheWorld(() => this.#device(key).simulated.get(metric));
  }

  /** What the device can play. Throws {@link NotInTheWorldError}. */
  faults(key: string): readonly SimulatedFault[] {
    return this.#device(key).simulated.faults;
  }

  /** Throws {@link NotInTheWorldError}. */
  async apply(act: Act): Promise<void> {
    switch (act.do) {
      case "set":
        return inTheWorld(() => this.#device(act.device).simulated.set(act.metric, act.value));
      case "raise":
        return inTheWorld(() => this.#device(act.device).simulated.raise(act.event, act.fields));
      case "fault":
        return this.#fault(act.device, act.fault);
      case "tell":
        return;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#devices.values()].map(({ simulated }) => simulated.close()));
  }

  /** What hangs from a switch that is down cannot be reached either, whatever it would say itself. */
  async #fault(key: string, fault: SimulatedFault | null): Promise<void> {
    checkFault(fault, this.#device(key).simulated.faults);
    if (fault === null) this.#own.delete(key);
    else this.#own.set(key, fault);
    await Promise.all(
      withDependants(key, this.#dependsOn).map((each) =>
        this.#device(each).simulated.fault(this.#faultOf(each)),
      ),
    );
  }

  #faultOf(key: string): SimulatedFault | null {
    for (let above = this.#dependsOn.get(key); above !== undefined; above = this.#dependsOn.get(above)) {
      if (this.#own.get(above) === "down") return "down";
    }
    return this.#own.get(key) ?? null;
  }

  #device(key: string): WorldDevice {
    const device = this.#devices.get(key);
    if (device === undefined) throw new NotInTheWorldError(`there is no simulated device ${key}`);
    return device;
  }
}

/** A simulated device throws a RangeError for what it has not got, and for a value its registers cannot hold. */
function inTheWorld<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof RangeError) throw new NotInTheWorldError(error.message);
    throw error;
  }
}
