/**
 * A device that was just put up is *commissioning*: what it says is passed on and marked, and no alarm is raised on it,
 * until its readings are plausible and a person has said that it hangs where the configuration says it does.
 *
 *   checking ── every reading plausible ──> waiting ── a person confirms ──> confirmed
 *      ^────────── a reading is wrong ──────────┘
 */
import { GOOD, type MetricName, type Quality, type Sample } from "@campus-ops/device-profiles/vocabulary";

export type CommissioningState = "checking" | "waiting" | "confirmed";

export const COMMISSIONING_STATE: MetricName = "Commissioning/State";
const COMMISSIONING: Quality = { status: "uncertain", reason: "commissioning" };
/** One plausible reading may be luck: so many looks in a row without a wrong one. */
export const PLAUSIBLE_LOOKS = 3;

/** A reading that no device in order would give. */
export interface WrongReading {
  readonly metric: MetricName;
  readonly value: Sample["value"];
  readonly quality: Quality;
}

/** What one device's latest readings say about its wiring and profile. Silence is not wrong: some tell only changes. */
export function wrongReadings(latest: Iterable<Sample>): readonly WrongReading[] {
  return [...latest].flatMap(({ metric, quality, value }) =>
    quality.status === "bad" && quality.reason !== "unreachable" && quality.reason !== "not-read"
      ? [{ metric, value, quality }]
      : [],
  );
}

export class Commissioning {
  #state: CommissioningState;
  #plausible = 0;

  constructor(confirmed: boolean) {
    this.#state = confirmed ? "confirmed" : "checking";
  }

  get state(): CommissioningState {
    return this.#state;
  }

  /** What the device says, marked while nobody has confirmed it. What the box itself says of it stands. */
  doubt<T extends { readonly quality: Quality }>(what: T, metric: MetricName = ""): T {
    const itself = metric.startsWith("Properties/") || metric === COMMISSIONING_STATE;
    return this.#state === "confirmed" || itself || what.quality.status !== "good"
      ? what
      : { ...what, quality: COMMISSIONING };
  }

  /** After each reading: moves between checking and waiting. */
  look(latest: Iterable<Sample>): CommissioningState {
    if (this.#state === "confirmed") return this.#state;
    this.#plausible = wrongReadings(latest).length === 0 ? this.#plausible + 1 : 0;
    this.#state = this.#plausible >= PLAUSIBLE_LOOKS ? "waiting" : "checking";
    return this.#state;
  }

  confirm(): void {
    this.#state = "confirmed";
  }

  /** The device was replaced or moved: it has to be looked at anew. */
  reopen(): void {
    this.#state = "checking";
    this.#plausible = 0;
  }
}

/** The sample without the mark that commissioning put on it. */
export function trusted(sample: Sample): Sample {
  const { quality } = sample;
  return quality.status === "uncertain" && quality.reason === "commissioning"
    ? { ...sample, quality: GOOD }
    : sample;
}

export const isMarked = ({ quality }: Sample): boolean =>
  quality.status === "uncertain" && quality.reason === "commissioning";
