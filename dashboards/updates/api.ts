/** What the API asks the enrolment process about updates of edge boxes. The types live with the side that asks. */
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";

/** A bundle that lies at the hub; it was checked when it was brought. */
export interface BundleView {
  /** Of the whole file, lower-case hex: its name here and on the boxes. */
  readonly sha256: string;
  readonly bytes: number;
  /** Of its signed manifest: `campus-ops-edge-amd64`, `campus-ops-edge-arm64`. */
  readonly compatible: string;
  /** Of the package `campus-ops-edge` in it. */
  readonly version: string;
  /** Common name of the certificate that signed it. */
  readonly signer: string;
  readonly uploadedAt: Timestamp;
  readonly by: string;
}

/**
 * waiting: not begun · asked: told, and has not answered · working: fetches, installs, restarts or proves itself · settling:
 * runs the new version, and is watched · good · failed · left-out: nothing is to be done there.
 */
export type BoxStep = "waiting" | "asked" | "working" | "settling" | "good" | "failed" | "left-out";

/** One box of a roll-out. */
export interface BoxProgress {
  /** `campus/node` */
  readonly box: string;
  readonly step: BoxStep;
  /** Counts how often it was begun anew; part of what the box is told. */
  readonly attempt: number;
  /** What the box said last, and how far it was: `fetching 40`. */
  readonly stage: string;
  /** Watched time since something changed here, milliseconds. */
  readonly quiet_ms: number;
  /** Watched time since it was told last, and how often it was in this attempt. */
  readonly told_ms: number;
  readonly told: number;
  readonly reason?: LocalText;
}

/** stopped: by itself, until a person says how to go on. */
export type RollOutState = "running" | "paused" | "stopped" | "cancelled" | "done";

/** One bundle on its way to many boxes. */
export interface RollOut {
  readonly id: string;
  /** SHA-256 of the bundle. */
  readonly bundle: string;
  readonly version: string;
  readonly compatible: string;
  readonly state: RollOutState;
  /** Why it stopped. */
  readonly reason?: LocalText;
  /** Index into the waves. */
  readonly wave: number;
  /** A person said that it need not wait until school is out. */
  readonly urgent: boolean;
  /** Failures that a person has seen and gone on from. */
  readonly forgiven: number;
  readonly boxes: readonly BoxProgress[];
  readonly beganAt: Timestamp;
  readonly by: string;
  /** When it was looked at last; deadlines count watched time alone. */
  readonly lookedAt: Timestamp;
}

export interface NewRollOut {
  readonly bundle: string;
  /** `campus/node`, those first that are to be first. */
  readonly boxes: readonly string[];
  readonly urgent?: boolean;
  readonly by: string;
}

export const ROLL_OUT_ACTS = ["pause", "resume", "cancel", "retry", "hurry"] as const;
/** retry: what failed is begun anew · hurry: school hours do not matter any more. */
export type RollOutAct = (typeof ROLL_OUT_ACTS)[number];

/** A box that stays at what it runs until a person releases it. */
export interface Pin {
  readonly box: string;
  readonly by: string;
  readonly at: Timestamp;
  readonly why?: string;
}

export interface UpdatesView {
  /** False where the hub has no keyring to judge bundles by: it takes none. */
  readonly takesBundles: boolean;
  readonly bundles: readonly BundleView[];
  /** The newest first. */
  readonly rollOuts: readonly RollOut[];
  readonly pins: readonly Pin[];
  /** Shares of the boxes that the waves go up to. */
  readonly waves: readonly number[];
  /** Whether school is out by the calendar; absent while nobody can say. */
  readonly schoolIsOut?: boolean;
}
