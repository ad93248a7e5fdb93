import type { LocalText } from "@campus-ops/device-profiles/vocabulary";

/**
 * Why somebody who came back from the identity provider is not let in. A browser is told by its address alone, which anybody
 * may write: a code from this list, and the page has the words for it.
 */
export const PROVIDER_REFUSALS = [
  "provider-away",
  "way-over",
  "not-vouched-for",
  "no-role",
  "name-taken",
] as const;
export type ProviderRefusal = (typeof PROVIDER_REFUSALS)[number];

/** What a person asked for cannot be done, and why. Nothing was changed. */
export class AccountRefused extends Error {
  override readonly name = "AccountRefused";
  readonly kind: "bad-request" | "conflict" | "not-allowed" | "not-found";
  readonly detail: LocalText;
  /** Of those that come through the provider. */
  readonly code: ProviderRefusal | undefined;
  constructor(kind: AccountRefused["kind"], zh: string, en: string, code?: ProviderRefusal) {
    super(en);
    this.kind = kind;
    this.detail = { zh, en };
    this.code = code;
  }
}
