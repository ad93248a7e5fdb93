/** What the API asks the backups' process over its private socket. The types live with the side that asks. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

/** `GET /healthz` of the backups' process. */
export interface BackupState {
  /** False while no place for backups is set. */
  readonly configured: boolean;
  /** When the newest one that was proven to restore was begun; absent when there is none. */
  readonly provenAt?: Timestamp;
  /** When one was last tried in vain since then, and why. */
  readonly failedAt?: Timestamp;
  readonly reason?: string;
  readonly running: boolean;
  /** Time of day, by the machine's clock. */
  readonly at?: string;
  readonly keep?: { readonly last: number; readonly months: number };
  /** Who can read the backups. */
  readonly recipients?: readonly string[];
}

/** `POST /list` of the same: what lies at each place, the newest first, or why nobody can say. */
export interface BackupPlaces {
  readonly places: readonly {
    readonly name: string;
    readonly backups: readonly string[];
    readonly problem?: string;
  }[];
}

/** As the public API answers it. */
export interface BackupsView extends Partial<BackupState>, Partial<BackupPlaces> {
  /** False where no place is set, or the backups' process is away. */
  readonly configured: boolean;
}
