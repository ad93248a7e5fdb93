/** A camera that moves: its presets, and at which of them it stands. */
import {
  getPresets,
  getPtzStatus,
  gotoPreset,
  type PtzPosition,
  parsePresets,
  parsePtzPosition,
} from "@campus-ops/device-profiles/codecs/onvif-services";
import { GOOD, type Sample, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { DriverError } from "../driver.ts";
import type { OnvifServices } from "./services.ts";

/** Of the range from -1 to 1: a camera does not come to a stand more exactly. */
const POSITION_ERROR_MAX = 0.01;

export class Presets {
  readonly #services: OnvifServices;

  constructor(services: OnvifServices) {
    this.#services = services;
  }

  /** The preset at whose position the camera stands; empty while it moves, or where somebody has moved it. */
  async read(now: () => Timestamp, signal: AbortSignal): Promise<readonly Sample[]> {
    const profile = await this.#profile(signal);
    const position = parsePtzPosition(await this.#services.ask("ptz", getPtzStatus(profile), signal));
    const metric = "PTZ/Preset";
    if (position === undefined) {
      return [{ metric, value: null, quality: { status: "bad", reason: "not-read" }, eventTime: now() }];
    }
    const presets = parsePresets(await this.#services.ask("ptz", getPresets(profile), signal));
    const at = presets.find((each) => each.position !== undefined && isNear(each.position, position));
    return [{ metric, value: at?.token ?? "", quality: GOOD, eventTime: now() }];
  }

  async goTo(preset: string, signal: AbortSignal): Promise<void> {
    const profile = await this.#profile(signal);
    await this.#services.ask("ptz", gotoPreset(profile, preset), signal);
  }

  async #profile(signal: AbortSignal): Promise<string> {
    const [first] = await this.#services.mediaProfiles(signal);
    if (first !== undefined) return first.token;
    throw new DriverError("unsupported", "the camera has no media profile", { retry: false });
  }
}

function isNear(a: PtzPosition, b: PtzPosition): boolean {
  return [a.x - b.x, a.y - b.y, a.zoom - b.zoom].every((each) => Math.abs(each) <= POSITION_ERROR_MAX);
}
