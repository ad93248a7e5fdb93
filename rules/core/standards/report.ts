/** A campus held against a standard. A function of what is known alone: the same facts give the same report. */
import type { AssetPath, LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { type CampusFacts, type EvidenceRecord, type Figure, figureOf, RECORDS_MAX } from "./evidence.ts";
import type { StandardCheck, StandardItem, StandardPack, Threshold } from "./pack.ts";

export type StandardVerdict = "met" | "not-met" | "not-verified";

export interface CheckReport {
  readonly id: string;
  readonly title: LocalText;
  /** Kind of the query. */
  readonly evidence: string;
  /** Absent where a number of the campus that it depends on was not declared. */
  readonly atLeast?: number;
  readonly low: number;
  readonly high?: number;
  readonly verdict: StandardVerdict;
  /** Of what should be known, the share that is. */
  readonly completeness: number;
  readonly records: readonly EvidenceRecord[];
  readonly recordsLeftOut: number;
}

export interface ItemReport extends Omit<StandardItem, "checks"> {
  readonly verdict: StandardVerdict;
  readonly completeness: number;
  readonly checks: readonly CheckReport[];
}

export interface StandardReport {
  readonly standard: string;
  readonly title: LocalText;
  readonly source: LocalText;
  readonly campus: string;
  readonly path: AssetPath;
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly at: Timestamp;
  readonly examineAgainBy: Timestamp;
  readonly completeness: number;
  readonly points: PointsReport;
  /** Out of 100, over the points that could be verified alone; absent where there are none, 0 under a veto. */
  readonly score?: number;
  /** What the items say that void everything else. */
  readonly veto: StandardVerdict;
  readonly items: readonly ItemReport[];
}

export interface PointsReport {
  readonly total: number;
  readonly met: number;
  readonly notMet: number;
  readonly notVerified: number;
  /** Of the whole standard, what is not among these items. */
  readonly notMeasured: number;
}

export interface Examined {
  readonly campus: string;
  readonly path: AssetPath;
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly at: Timestamp;
}

export function reportOn(pack: StandardPack, examined: Examined, facts: CampusFacts): StandardReport {
  const items = pack.items.map((item) => itemReport(item, facts));
  const sum = (verdict: StandardVerdict): number =>
    items.reduce((points, each) => points + (each.verdict === verdict ? each.points : 0), 0);
  const met = sum("met");
  const notMet = sum("not-met");
  const notVerified = sum("not-verified");
  const veto = together(items.filter((each) => each.veto).map(({ verdict }) => verdict));
  const verified = met + notMet;
  const score = veto === "not-met" ? 0 : verified === 0 ? undefined : (100 * met) / verified;
  return {
    standard: pack.id,
    title: pack.title,
    source: pack.source,
    ...examined,
    examineAgainBy: monthsLater(examined.at, pack.examinedEvery),
    completeness: mean(items.map(({ completeness }) => completeness)),
    points: {
      total: pack.total,
      met,
      notMet,
      notVerified,
      notMeasured: Math.max(0, pack.total - verified - notVerified),
    },
    ...(score === undefined ? {} : { score }),
    veto,
    items,
  };
}

function itemReport({ checks, ...item }: StandardItem, facts: CampusFacts): ItemReport {
  const reports = checks.map((check) => checkReport(check, facts));
  return {
    ...item,
    verdict: together(reports.map(({ verdict }) => verdict)),
    completeness: mean(reports.map(({ completeness }) => completeness)),
    checks: reports,
  };
}

function checkReport({ id, title, query, threshold }: StandardCheck, facts: CampusFacts): CheckReport {
  const { records, ...figure } = figureOf(query, id, facts);
  const atLeast = limit(threshold, facts);
  // What does not suffice, and what is not known, is what a reader looks for.
  const rank = ({ value }: EvidenceRecord): number => value ?? Number.NEGATIVE_INFINITY;
  const shown = [...records].sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) < rank(b) ? -1 : 1));
  return {
    id,
    title,
    evidence: Object.keys(query)[0] ?? "",
    ...(atLeast === undefined ? {} : { atLeast }),
    ...figure,
    verdict: verdictOf(figure, atLeast),
    records: shown.slice(0, RECORDS_MAX),
    recordsLeftOut: Math.max(0, records.length - RECORDS_MAX),
  };
}

/** Met only where the least that it can be suffices; not met only where the most that it can be does not. */
export function verdictOf(
  { low, high }: Pick<Figure, "low" | "high">,
  atLeast: number | undefined,
): StandardVerdict {
  if (atLeast === undefined) return "not-verified";
  if (low >= atLeast) return "met";
  return high !== undefined && high < atLeast ? "not-met" : "not-verified";
}

/** Parts that all have to be met. */
export function together(verdicts: readonly StandardVerdict[]): StandardVerdict {
  if (verdicts.includes("not-met")) return "not-met";
  return verdicts.includes("not-verified") ? "not-verified" : "met";
}

function limit({ atLeast, rises }: Threshold, { declarations }: CampusFacts): number | undefined {
  if (rises === undefined) return atLeast;
  const declared = declarations.get(rises.with);
  if (declared === undefined) return undefined;
  const value = Number(declared.value);
  return value < rises.from ? atLeast : rises.to + Math.floor((value - rises.from) / rises.every);
}

/** The same day of a later month, or that month's last. */
export function monthsLater(at: Timestamp, months: number): Timestamp {
  const from = new Date(at);
  const first = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months, 1);
  const days = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months + 1, 0)).getUTCDate();
  const day = Math.min(from.getUTCDate(), days);
  return first + (day - 1) * 86_400_000 + (at % 86_400_000);
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 1 : values.reduce((a, b) => a + b, 0) / values.length;
