/**
 * Whom the host is to believe alive, told by DBIRTH and DDEATH [tck-id-operational-behavior-device-ddeath].
 *
 * A device that stopped answering dies only when everything it had to say is acknowledged: `Connectivity/Online` = false
 * is a reading like any other, and DATA of a dead device could not be read. So a death that is lost on its way leaves
 * nobody alive at the hub. A device that never gave a verdict stays born: nothing has been lost yet.
 *
 * One that keeps coming and going is not born again each time. After a return its next death is held back, twice as
 * long as before; while it is, the device stays born and its own metric tells how it is.
 */
import type { DeviceId } from "@campus-ops/device-profiles/vocabulary";

/** How long the death after the first return is held back. */
export const DEATH_HOLD_MS_MIN = 5_000;
/** A device that flaps without end is born again once in this time. */
export const DEATH_HOLD_MS_MAX = 600_000;

export interface DevicePresence {
  readonly id: DeviceId;
  /** It does not answer, or is configured no more. Not true of a device that has not been tried. */
  readonly isGone: boolean;
  /** Its DBIRTH went out in this session, and no DDEATH after it. */
  readonly isBorn: boolean;
  /** Something of it is still to be acknowledged, or to be made durable. */
  readonly isWaiting: boolean;
}

export interface PresenceChanges {
  /** To be born, because records of them wait: nothing else would take those away. */
  readonly births: readonly DeviceId[];
  readonly deaths: readonly DeviceId[];
}

export class DeviceDeaths {
  readonly #returns = new Map<DeviceId, { readonly at_ms: number; readonly hold_ms: number }>();

  /** What is to be said now, in a session in which births have gone out. */
  look(devices: Iterable<DevicePresence>, uptime_ms: number): PresenceChanges {
    const births: DeviceId[] = [];
    const deaths: DeviceId[] = [];
    for (const { id, isBorn, isGone, isWaiting } of devices) {
      if (!isBorn && isWaiting) births.push(id);
      if (isBorn && isGone && !isWaiting && !this.#isHeld(id, uptime_ms)) deaths.push(id);
    }
    return { births, deaths };
  }

  /** A device that had died was born again, because it answers again. */
  returned(device: DeviceId, uptime_ms: number): void {
    const before = this.#returns.get(device);
    const calm = before === undefined || uptime_ms - before.at_ms > 2 * DEATH_HOLD_MS_MAX;
    const hold_ms = calm ? DEATH_HOLD_MS_MIN : Math.min(DEATH_HOLD_MS_MAX, 2 * before.hold_ms);
    this.#returns.set(device, { at_ms: uptime_ms, hold_ms });
  }

  /** It is configured no more, or as another one. */
  forget(device: DeviceId): void {
    this.#returns.delete(device);
  }

  #isHeld(device: DeviceId, uptime_ms: number): boolean {
    const last = this.#returns.get(device);
    return last !== undefined && uptime_ms - last.at_ms < last.hold_ms;
  }
}
