/**
 * The public API about people: signing in, one's own account, accounts, tokens, the audit trail. Types only.
 *
 *   GET  /api/v1/sign-in                  → SignInOptions: the ways in; needs no account, as the next one
 *   POST /api/v1/sign-in                  SignInBody → SignInView; 401 wrong, 429 wait (Retry-After)
 *   GET  /api/v1/sign-in/provider?again=  → 303 to the identity provider, and back
 *   POST /api/v1/sign-in/provider/logout  form with `logout_token` → 204: the provider ends sessions (Back-Channel Logout 1.0)
 *   POST /api/v1/sign-out                 → 204
 *   GET  /api/v1/me                       → MeView: who I am, and what I may do where
 *   POST /api/v1/me/password              PasswordBody → 204; ends all other sessions
 *   POST /api/v1/me/totp                  { password } → TotpView · PUT { code } → { recoveryCodes } · POST /me/totp/end { password }
 *   POST /api/v1/me/confirm               { password } → 204: for ten minutes this session may do what needs it; operations with
 *        `x-confirmed` answer 403 `urn:campus-ops:problem:confirm-first` otherwise
 *   GET  /api/v1/me/sessions              → AccountSessionView[] · DELETE /me/sessions/:id
 *   GET  /api/v1/accounts                 → AccountView[] · POST AccountBody → FirstPasswordView
 *   PATCH /api/v1/accounts/:id            AccountChangeBody → AccountView
 *   POST /api/v1/accounts/:id/reset       { totp } → FirstPasswordView
 *   GET  /api/v1/accounts/:id/sessions    → AccountSessionView[] · DELETE: ends all of them
 *   GET  /api/v1/tokens                   → TokenView[] · POST TokenBody → TokenMadeView · DELETE /tokens/:id
 *   GET  /api/v1/audit?user=&action=&result=&path=&from=&to=&text=&before=&limit= → AuditList, the newest first
 *   GET  /api/v1/audit/export?format=jsonl|csv&from=&to= → a file; JSON Lines are signed
 */
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Grant, Permission, Role } from "../accounts/core/permissions.ts";
import type { AuditBody } from "../audit/link.ts";

export type { Grant, Permission, Role };

export interface SignInOptions {
  /** False where whoever is at this machine is the operator. */
  readonly local: boolean;
  readonly provider?: { readonly title: LocalText };
  readonly demonstration: boolean;
}

export interface SignInBody {
  readonly user: string;
  readonly password: string;
  /** Of the authenticator app, or a recovery code. */
  readonly code?: string;
}

export interface SignInView {
  readonly result: "signed-in" | "code-needed";
  readonly mustChange?: boolean;
}

export interface MeView {
  /** Account name that actions are recorded under. */
  readonly user: string;
  readonly title: LocalText;
  readonly demonstration: boolean;
  readonly grants: readonly Grant[];
  /** Where each permission holds; one that holds nowhere is not there. */
  readonly permissions: { readonly [permission in Permission]?: readonly string[] };
  /** Absent for the machine's own operator and for tokens. */
  readonly account?: {
    readonly mustChange: boolean;
    /** True while a role of the account's asks for an authenticator app and there is none: nothing else can be done. */
    readonly mustEnrol: boolean;
    readonly totp: boolean;
    readonly recoveryCodesLeft: number;
    /** True where an identity provider keeps password and codes. */
    readonly external: boolean;
  };
}

export interface PasswordBody {
  readonly current: string;
  readonly next: string;
}

export interface TotpView {
  /** otpauth://… for the app. */
  readonly uri: string;
  /** The same as a QR code, a `data:` URL of a picture. */
  readonly qr: string;
}

export interface AccountSessionView {
  readonly id: string;
  readonly address: string;
  readonly agent: string;
  readonly createdAt: Timestamp;
  readonly usedAt: Timestamp;
  readonly current: boolean;
}

export interface AccountView {
  readonly id: number;
  readonly name: string;
  readonly title: string;
  readonly enabled: boolean;
  readonly grants: readonly Grant[];
  readonly totp: boolean;
  readonly mustChange: boolean;
  /** The identity provider that vouches for it; absent for local accounts. */
  readonly provider?: string;
  readonly createdAt: Timestamp;
  readonly signedInAt?: Timestamp;
}

export interface AccountBody {
  readonly name: string;
  readonly title: string;
  readonly grants: readonly Grant[];
}

export interface AccountChangeBody {
  readonly title?: string;
  readonly enabled?: boolean;
  readonly grants?: readonly Grant[];
}

export interface FirstPasswordView {
  readonly id: number;
  /** Told once; good for 72 hours, and changed at the first sign-in. */
  readonly password: string;
}

export interface TokenView {
  readonly id: number;
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly createdBy: string;
  readonly createdAt: Timestamp;
  readonly expiresAt?: Timestamp;
  readonly usedAt?: Timestamp;
  readonly revokedAt?: Timestamp;
}

export interface TokenBody {
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly expiresAt?: Timestamp;
}

export interface TokenMadeView {
  readonly id: number;
  /** Told once, and kept nowhere. */
  readonly token: string;
}

export type AuditEntryView = AuditBody;

export interface AuditList {
  readonly entries: readonly AuditEntryView[];
  /** Pass as `before` for the next page; absent on the last. */
  readonly before?: number;
  /** The newest link of the chain. */
  readonly head: { readonly n: number; readonly hash: string };
  /** SHA-256 of the key that exports are signed with. */
  readonly fingerprint: string;
}
