/** Journal → `health.sqlite`: what devices said of their health. */
import type { DecodedEntry } from "@campus-ops/broker/journal";
import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Fold } from "../feed/folds.ts";
import { HealthFacts } from "./facts.ts";
import type { HealthBatch, HealthStore } from "./health-store.ts";

const DAY_MS = 86_400_000;
/** A bureau looks at a school year, and compares it with the one before. */
const RETENTION_MS = 3 * 366 * DAY_MS;
/** Longer than an edge box holds back what it could not send. */
const SETTLED_MS = 31 * DAY_MS;

export class HealthFold implements Fold {
  readonly name = "health of devices";
  position: Fold["position"];
  readonly #store: HealthStore;
  readonly #facts: HealthFacts;
  /** Taken, and not kept yet because the disk was full. */
  #batch: Omit<HealthBatch, "seq" | "now"> | undefined;

  constructor(store: HealthStore, campusPath: (campus: string) => AssetPath) {
    this.#store = store;
    this.#facts = new HealthFacts(campusPath);
    this.position = store.position;
  }

  add(entry: DecodedEntry): void {
    this.#facts.add(entry);
  }

  commit(seq: number, now: Timestamp): void {
    this.#batch ??= this.#facts.take();
    this.#store.commit({ seq, now, ...this.#batch });
    this.#batch = undefined;
    this.position = { seq, now };
  }

  retain(now: Timestamp): number {
    return this.#store.retain(now - RETENTION_MS, now - SETTLED_MS);
  }

  close(): void {
    this.#store.close();
  }
}
