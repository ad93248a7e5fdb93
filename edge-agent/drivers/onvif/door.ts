/** A door of an ONVIF door controller: as it is, and what it is told. */
import {
  type DoorOperation,
  doorOperation,
  getDoorInfoList,
  getDoorState,
  parseDoorState,
  parseDoorTokens,
} from "@campus-ops/device-profiles/codecs/onvif-services";
import { meaning, type OnvifProfile } from "@campus-ops/device-profiles/profiles/onvif-profile";
import {
  GOOD,
  type MetricName,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { cannotBeSet, DriverError } from "../driver.ts";
import type { OnvifServices } from "./services.ts";

const STATE_TOPIC = "Door/State/";

export class Door {
  readonly #services: OnvifServices;
  readonly #profile: OnvifProfile;
  /** The token in the device's address; the first door where it names none. */
  readonly #asked: string | undefined;

  constructor(services: OnvifServices, profile: OnvifProfile, asked: string | undefined) {
    this.#services = services;
    this.#profile = profile;
    this.#asked = asked;
  }

  async read(now: () => Timestamp, signal: AbortSignal): Promise<readonly Sample[]> {
    const state = await this.#state(signal);
    return this.#profile.topics.flatMap(({ metric, topic, values }): Sample[] => {
      const text = topic.startsWith(STATE_TOPIC) ? state.get(topic.slice(STATE_TOPIC.length)) : undefined;
      if (text === undefined) return [];
      const value = meaning(text, values);
      const quality = value === null ? ({ status: "bad", reason: "out-of-range" } as const) : GOOD;
      return [{ metric, value, quality, eventTime: now() }];
    });
  }

  /** Opening lasts for as long as the controller is set to; a mode until the next one. */
  async write(metric: MetricName, value: SampleValue, signal: AbortSignal): Promise<void> {
    const token = await this.#token(signal);
    const operation = await this.#operation(metric, value, signal);
    if (operation === undefined) {
      throw cannotBeSet(this.#profile, metric, value);
    }
    await this.#services.ask("doorControl", doorOperation(operation, token), signal);
  }

  async #operation(
    metric: MetricName,
    value: SampleValue,
    signal: AbortSignal,
  ): Promise<DoorOperation | undefined> {
    if (metric === "Door/Unlocked")
      return value === true ? "AccessDoor" : value === false ? "LockDoor" : undefined;
    if (metric !== "Door/Mode") return undefined;
    if (value === "unlocked") return "UnlockDoor";
    if (value === "locked") return "LockDownDoor";
    if (value !== "controlled") return undefined;
    const isLockedDown = (await this.#state(signal)).get("DoorMode") === "LockedDown";
    return isLockedDown ? "LockDownReleaseDoor" : "LockDoor";
  }

  async #state(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const token = await this.#token(signal);
    const state = parseDoorState(await this.#services.ask("doorControl", getDoorState(token), signal));
    if (state !== undefined) return state;
    throw new DriverError("garbage", `the controller tells nothing of door ${token}`, { retry: true });
  }

  async #token(signal: AbortSignal): Promise<string> {
    if (this.#asked !== undefined) return this.#asked;
    const [first] = parseDoorTokens(await this.#services.ask("doorControl", getDoorInfoList, signal));
    if (first !== undefined) return first;
    throw new DriverError("unsupported", "the controller has no door", { retry: false });
  }
}
