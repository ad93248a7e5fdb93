import type { LocalText } from "@campus-ops/device-profiles/vocabulary";

/** ok · warning: works, and will not for long or not for everything · failed · skipped: nobody could look. */
export type CheckStatus = "ok" | "warning" | "failed" | "skipped";

/** What one check found: one line for a person. Never holds a secret. */
export interface CheckResult {
  readonly check: "configuration" | "clock" | "disk" | "dns" | "broker" | "certificate" | "device";
  /** What was looked at: a file, a host, a device's id. */
  readonly subject: string;
  readonly status: CheckStatus;
  readonly says: LocalText;
  /** What to do next; absent where nothing is to be done. */
  readonly advice?: LocalText;
}

export const text = (zh: string, en: string): LocalText => ({ zh, en });

export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));
