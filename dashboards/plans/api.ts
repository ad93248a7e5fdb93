/** Floor plans as the API shows them. */
import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";

/** A device on a plan; 0 to 1 of the picture's width from the left, and of its height from the top. */
export interface PlanPin {
  /** `campus/node/device` */
  readonly device: string;
  readonly x: number;
  readonly y: number;
}

export interface PlanView {
  readonly id: number;
  /** The place it shows; a place may have several. */
  readonly path: AssetPath;
  readonly title: string;
  readonly contentType: string;
  readonly bytes: number;
  /** Counts up with each change of the pins; a change names the one that it was made on. */
  readonly version: number;
  readonly by: string;
  readonly changedAt: Timestamp;
  readonly pins: readonly PlanPin[];
}

export interface PlanPinsBody {
  readonly version: number;
  readonly pins: readonly PlanPin[];
}
