/** Classroom control as the API answers it; see `../api/api.ts` for the rest. */
import type {
  AssetPath,
  DeviceClass,
  LocalText,
  MetricName,
  Timestamp,
} from "@campus-ops/device-profiles/vocabulary";

/** What one kind of device in a room is set to. */
export interface SceneSetting {
  readonly class: DeviceClass;
  readonly metric: MetricName;
  readonly value: boolean | number | string;
}

export interface SceneView {
  readonly id: string;
  readonly title: LocalText;
  /** Where it may be applied: here and below. "" for those that are built in. */
  readonly path: AssetPath | "";
  readonly builtIn: boolean;
  readonly settings: readonly SceneSetting[];
}

/** With settings of its own, or `like` a room is now. */
export interface NewScene {
  readonly title: LocalText;
  readonly path: AssetPath;
  readonly settings?: readonly SceneSetting[];
  readonly like?: AssetPath;
}

/**
 * waiting: not sent yet · already: the device is so · away: it cannot be reached, so nothing is sent · requested,
 * confirmed, unknown, refused: as of a command · cancelled: the run was cancelled, or the hub stopped, before it was sent.
 */
export type RoomItemState =
  | "waiting"
  | "already"
  | "away"
  | "requested"
  | "confirmed"
  | "unknown"
  | "refused"
  | "cancelled";

export interface RoomItem {
  readonly device: string;
  readonly title: LocalText;
  readonly path: AssetPath;
  readonly metric: MetricName;
  readonly value: boolean | number | string;
  readonly state: RoomItemState;
  readonly detail?: string;
}

/** One scene applied to a room, a floor, a building or a campus. */
export interface RoomRun {
  readonly id: number;
  readonly path: AssetPath;
  readonly scene: string;
  readonly title: LocalText;
  readonly by: string;
  readonly reason: string;
  readonly startedAt: Timestamp;
  readonly endedAt?: Timestamp;
  readonly state: "running" | "done" | "cancelled";
  readonly items: readonly RoomItem[];
}

export interface RoomRunBody {
  readonly path: AssetPath;
  readonly scene: string;
  readonly reason?: string;
}
