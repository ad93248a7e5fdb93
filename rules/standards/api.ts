/** What rules answers about standards; see `rules/api.ts` for the rest. */
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Declaration } from "../core/standards/evidence.ts";
import type { PointsReport, StandardVerdict } from "../core/standards/report.ts";

export type { Declaration, EvidenceRecord } from "../core/standards/evidence.ts";
export type { CheckReport, ItemReport, StandardReport, StandardVerdict } from "../core/standards/report.ts";

export interface StandardView {
  readonly id: string;
  readonly title: LocalText;
  readonly source: LocalText;
  readonly total: number;
  readonly examinedEvery: number;
  /** What only a person can state. */
  readonly declarable: readonly {
    readonly about: string;
    readonly title: LocalText;
    readonly kind: "number" | "yes";
  }[];
}

export interface NewDeclaration extends Omit<Declaration, "at"> {
  readonly campus: string;
}

export interface DeclarationView extends NewDeclaration {
  readonly at: Timestamp;
}

/** A verdict that was another than the one before it. */
export interface VerdictChange {
  readonly item: string;
  readonly verdict: StandardVerdict;
  readonly completeness: number;
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly at: Timestamp;
}

/** One examination as it was made. */
export interface ExaminationView {
  readonly number: number;
  readonly standard: string;
  readonly campus: string;
  /** For one that the hub made by itself: when it was due. */
  readonly due?: Timestamp;
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly at: Timestamp;
  readonly examineAgainBy: Timestamp;
  readonly by: string;
  readonly completeness: number;
  readonly points: PointsReport;
  readonly score?: number;
  readonly veto: StandardVerdict;
  readonly items: readonly {
    readonly id: string;
    readonly title: LocalText;
    readonly verdict: StandardVerdict;
  }[];
}
