/** Journal → `use.sqlite`: what devices said about the use of their rooms. */
import type { DecodedEntry } from "@campus-ops/broker/journal";
import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Fold } from "../feed/folds.ts";
import type { UseStore } from "./use-store.ts";
import { type Gathered, gather } from "./utterances.ts";

/** Records of use are asked for by the school year, and once more the year after. */
const RETENTION_MS = 3 * 366 * 86_400_000;

export class UseFold implements Fold {
  readonly name = "use of rooms";
  position: Fold["position"];
  readonly #store: UseStore;
  readonly #campusPath: (campus: string) => AssetPath;
  #gathered = nothing();

  constructor(store: UseStore, campusPath: (campus: string) => AssetPath) {
    this.#store = store;
    this.#campusPath = campusPath;
    this.position = store.position;
  }

  add(entry: DecodedEntry): void {
    gather(entry, this.#campusPath, this.#gathered);
  }

  commit(seq: number, now: Timestamp): void {
    this.#store.commit({ seq, now, ...this.#gathered });
    this.#gathered = nothing();
    this.position = { seq, now };
  }

  retain(now: Timestamp): number {
    return this.#store.retain(now - RETENTION_MS);
  }

  close(): void {
    this.#store.close();
  }
}

const nothing = (): Gathered => ({ devices: [], utterances: [], nodes: [] });
