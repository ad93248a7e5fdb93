import type { LocalText } from "@campus-ops/device-profiles/vocabulary";

/** What a person asked for cannot be done, and why. Nothing was changed. */
export class AccountRefused extends Error {
  override readonly name = "AccountRefused";
  readonly kind: "bad-request" | "conflict" | "not-allowed" | "not-found";
  readonly detail: LocalText;
  constructor(kind: AccountRefused["kind"], zh: string, en: string) {
    super(en);
    this.kind = kind;
    this.detail = { zh, en };
  }
}
