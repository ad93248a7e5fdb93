/** What rules answers about readings that confirm an alarm or refute it; see `rules/api.ts` for the rest. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

export interface NewConfirmation {
  /** Who measured, or had it measured, by account name. */
  readonly by: string;
  /** Of a contact thermometer. */
  readonly celsius: number;
}

export interface ConfirmationView {
  readonly occurrence: number;
  readonly at: Timestamp;
  readonly by: string;
  readonly outcome: "confirmed" | "refuted";
  /** Kept for as long as the temperature of a person may be. */
  readonly celsius: number;
}
