/** Putting devices into service, as the API answers it; see `../api/api.ts` for the rest. */
import type {
  AssetPath,
  DeviceClass,
  LocalText,
  Quality,
  Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { DeviceHealth, JsonValue } from "@campus-ops/ingest/api";

export interface CommissioningView {
  readonly boxes: readonly CommissioningBox[];
  /** Those that nobody has confirmed yet. */
  readonly devices: readonly UnconfirmedDevice[];
}

export interface CommissioningBox {
  /** `campus/node` */
  readonly key: string;
  readonly campus: string;
  readonly node: string;
  readonly title: LocalText;
  readonly path: AssetPath;
  readonly online: boolean;
  /** What the box allows; absent where its own configuration has no section `discovery`. */
  readonly offers?: {
    /** As `10.1.0.0/24,10.1.1.5-20`. */
    readonly ranges: string;
    readonly protocols: readonly string[];
    /** Names of logins that it holds. */
    readonly logins: readonly string[];
  };
}

export interface UnconfirmedDevice {
  /** `campus/node/device` */
  readonly key: string;
  readonly title: LocalText;
  readonly class: DeviceClass;
  readonly profile: string;
  readonly path: AssetPath;
  readonly health: DeviceHealth;
  /** checking: its readings are not plausible yet · waiting: for a person. */
  readonly state: "checking" | "waiting";
  readonly readings: readonly LiveReading[];
}

export interface LiveReading {
  readonly metric: string;
  readonly value: JsonValue;
  readonly quality: Quality;
  readonly at: Timestamp;
  /** No device in order would give it. */
  readonly wrong: boolean;
}

/** The last search of a box, as far as it is. */
export interface SearchView {
  readonly id: string;
  readonly state: "running" | "done" | "cancelled" | "failed";
  readonly startedAt: Timestamp;
  readonly asked: number;
  readonly of: number;
  readonly detail: string;
  readonly findings: readonly FindingView[];
}

export interface FindingView {
  readonly protocol: string;
  readonly address: string;
  readonly url: string;
  /** What the device said of itself: vendor, model, name, firmware… */
  readonly facts: Readonly<Record<string, string | number>>;
  /** The likeliest first. */
  readonly matches: readonly ProfileMatchView[];
  /** Its key, where the box watches it already. */
  readonly device?: string;
}

export interface ProfileMatchView {
  readonly profile: string;
  /** 0 to 1. */
  readonly confidence: number;
  readonly why: LocalText;
}

/** Less than the box allows; nothing is all of it. */
export interface SearchBody {
  readonly ranges?: string;
  readonly protocols?: readonly string[];
}

export interface AdoptBody {
  readonly url: string;
  readonly profile: string;
  readonly title: LocalText;
  /** Below the campus: `building/storey/room`. */
  readonly at: string;
  readonly login?: string;
  readonly poll?: string;
}

export interface ProfileChoice {
  readonly id: string;
  readonly title: LocalText;
  readonly class: DeviceClass;
  readonly protocol: string;
}
