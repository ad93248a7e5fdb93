/**
 * How far each device's clock is from ours, by measurements that may be bad: an answer that was long on its way, a
 * device that answered in the middle of being set. A measurement is good to half of its round trip; one that contradicts
 * what is known counts only when the next one confirms it.
 */
export interface OffsetMeasurement {
  /** The device's clock minus ours. */
  readonly offset_ms: number;
  /** The true offset lies within so much of it. */
  readonly uncertainty_ms: number;
}

/** Where the ledger is kept over restarts. */
export interface OffsetStore {
  read(device: string): OffsetMeasurement | undefined;
  keep(device: string, known: OffsetMeasurement): void;
}

/** A clock drifts so much between two measurements and is still the same clock. */
export const DRIFT_MS_MAX = 500;
/** A known offset grows uncertain by so much with each measurement that does not replace it. */
const DOUBT_MS = 50;
/** A change by less is not worth a write. */
export const KEEP_MS_MIN = 1_000;

interface Line {
  readonly known: OffsetMeasurement;
  /** Contradicts what is known, and waits to be confirmed. */
  readonly suspect?: OffsetMeasurement;
  readonly kept?: OffsetMeasurement;
}

export class OffsetLedger {
  readonly #store: OffsetStore;
  readonly #lines = new Map<string, Line>();

  constructor(store: OffsetStore) {
    this.#store = store;
  }

  /** Takes a measurement in; the offset to correct the device's times by. */
  measured(device: string, measurement: OffsetMeasurement): number {
    const kept = this.#store.read(device);
    const before = this.#lines.get(device) ?? (kept === undefined ? undefined : { known: kept, kept });
    const line = before === undefined ? { known: measurement } : next(before, measurement);
    this.#lines.set(device, this.#save(device, line));
    return line.known.offset_ms;
  }

  #save(device: string, line: Line): Line {
    const { kept, known } = line;
    if (kept !== undefined && Math.abs(kept.offset_ms - known.offset_ms) < KEEP_MS_MIN) return line;
    this.#store.keep(device, known);
    return { ...line, kept: known };
  }
}

function next({ kept, known, suspect }: Line, measurement: OffsetMeasurement): Line {
  const was = kept === undefined ? {} : { kept };
  if (agree(known, measurement)) {
    const doubted = { ...known, uncertainty_ms: known.uncertainty_ms + DOUBT_MS };
    return { ...was, known: measurement.uncertainty_ms <= doubted.uncertainty_ms ? measurement : doubted };
  }
  if (suspect !== undefined && agree(suspect, measurement)) return { ...was, known: measurement };
  return { ...was, known, suspect: measurement };
}

function agree(a: OffsetMeasurement, b: OffsetMeasurement): boolean {
  return Math.abs(a.offset_ms - b.offset_ms) <= a.uncertainty_ms + b.uncertainty_ms + DRIFT_MS_MAX;
}
