/**
 * What the API asks a hub's enrolment over its private socket, and what it answers. The types live with the side that asks,
 * because enrolment stands above: it may know the API, and the API may not know it.
 *
 *   GET  /boxes                           → BoxList
 *   POST /boxes/tokens                    NewBoxes → IssuedBoxes
 *   POST /boxes/:campus/:node/approval    BoxDecision → 204: a certificate that has ended may be renewed
 *   POST /boxes/:campus/:node/revocation  BoxDecision → 204: cut off at once, for good
 *   POST /boxes/:campus/:node/release     BoxDecision → 204: let in again after its certificate was found on two machines
 *   POST /boxes/:campus/:node/signature   NewSignature → SignedFile
 */
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";

/**
 * invited: a token waits for it · good · ending: it should have renewed by now · ended · waiting: ended, and its renewal
 * waits for a person · quarantined: its certificate was found on two machines · revoked.
 */
export type BoxState = "invited" | "good" | "ending" | "ended" | "waiting" | "quarantined" | "revoked";

export interface BoxView {
  readonly campus: string;
  readonly node: string;
  readonly state: BoxState;
  /** Of its newest certificate. */
  readonly notAfter?: Timestamp;
  readonly way?: "token" | "renewal" | "offline";
  /** A token that nobody has used yet is good until then. */
  readonly invitedUntil?: Timestamp;
}

export interface BoxList {
  readonly boxes: readonly BoxView[];
  /** What a box is told: where to enrol, and whom to believe. */
  readonly hub: string;
  /** SHA-256 of the authority's certificate. */
  readonly fingerprint: string;
}

/** One box that is to come. */
export interface NewBox {
  readonly campus: string;
  readonly node: string;
  readonly title?: LocalText;
  /** Takes the place of a box that has a certificate, which is then locked out. */
  readonly replaces?: boolean;
}

export interface NewBoxes {
  /** Who asks, as it is written down. */
  readonly by: string;
  readonly boxes: readonly NewBox[];
}

export interface IssuedBoxes {
  readonly issued: readonly {
    readonly campus: string;
    readonly node: string;
    /** `edge.conf`, whole. Told once: the hub keeps a hash of the token alone. */
    readonly seed: string;
    readonly expires: Timestamp;
  }[];
  /** Boxes that got none, by their place in the request. */
  readonly refused: readonly { readonly index: number; readonly detail: string }[];
}

export interface BoxDecision {
  readonly by: string;
  readonly why?: string;
}

export interface NewSignature extends BoxDecision {
  /** PKCS #10, PEM, as `campus-ops enrol request` writes it. */
  readonly request: string;
  readonly title?: LocalText;
  readonly replaces?: boolean;
}

/** To be carried back to the box: `campus-ops enrol install`. */
export interface SignedFile {
  readonly name: string;
  readonly text: string;
}
