/** Journal → `days.sqlite`: days of campuses that hubs below tell. */
import type { DecodedEntry } from "@campus-ops/broker/journal";
import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { readDay, type ToldDay } from "../core/told/day.ts";
import type { Fold } from "../feed/folds.ts";
import type { DayStore } from "./day-store.ts";

/** As long as the records that the days are counted from. */
const RETENTION_MS = 3 * 366 * 86_400_000;

export class DayFold implements Fold {
  readonly name = "days of campuses below";
  position: Fold["position"];
  readonly #store: DayStore;
  readonly #campusPath: (campus: string) => AssetPath;
  #told: ToldDay[] = [];

  constructor(store: DayStore, campusPath: (campus: string) => AssetPath) {
    this.#store = store;
    this.#campusPath = campusPath;
    this.position = store.position;
  }

  add({ address, events }: DecodedEntry): void {
    if (address?.device === undefined) return;
    const teller = { group: address.campus as string, campus: address.device as string };
    for (const event of events) {
      const day = readDay(event, teller, this.#campusPath);
      if (day !== undefined) this.#told.push(day);
    }
  }

  commit(seq: number, now: Timestamp): void {
    this.#store.commit(seq, now, this.#told);
    this.#told = [];
    this.position = { seq, now };
  }

  retain(now: Timestamp): number {
    return this.#store.retain(now - RETENTION_MS);
  }

  close(): void {
    this.#store.close();
  }
}
