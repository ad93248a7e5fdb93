/** What rules answers about the health of devices; see `rules/api.ts` for the rest. */
import type { AssetPath, DeviceClass, LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Failure, HealthRatios, HealthTotals, ModelStanding } from "../core/health/figures.ts";
import type { HealthInterval, HealthState } from "../core/health/history.ts";

export type { HealthState };

/** One figure for each of these. */
export type HealthGroup =
  | "device"
  | "class"
  | "model"
  | "space"
  | "floor"
  | "building"
  | "campus"
  | "county"
  | "city"
  | "none";

/** Which devices, and when. */
export interface HealthAsked {
  /** Everything at or below one of these asset paths; "" is all. */
  readonly scopes: readonly (AssetPath | "")[];
  readonly from: Timestamp;
  /** Excluded; what lies in the future is not expected of anybody. */
  readonly to: Timestamp;
  readonly class?: DeviceClass;
  /** Profile. */
  readonly model?: string;
  /** Key of one device. */
  readonly device?: string;
}

export interface HealthFigure extends HealthTotals, HealthRatios {
  /** Device key, device class, profile, asset path, or "all". */
  readonly key: string;
  readonly title: LocalText;
  /** A campus among these has a hub of its own that is cut off, or nobody knows whether it is: known up to then. */
  readonly lastKnown?: Timestamp;
}

export interface FailureView extends Failure {
  readonly title: LocalText;
  readonly class: DeviceClass;
  readonly model: string;
  readonly path: AssetPath;
  /** Shorter than five minutes: nobody had to mend anything. */
  readonly interruption: boolean;
}

export interface FailureList {
  /** In order of their beginnings, the newest first. */
  readonly failures: readonly FailureView[];
  /** The answer's bound left some out, the oldest. */
  readonly truncated: boolean;
}

/** A stretch of one device's time. */
export type HealthIntervalView = HealthInterval;

export interface ModelView extends HealthFigure, ModelStanding {
  readonly classes: readonly DeviceClass[];
  /** 1 for the model that fails most; absent where not enough is known to say so. */
  readonly rank?: number;
}
