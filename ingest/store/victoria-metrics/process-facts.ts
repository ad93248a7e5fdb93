/** What a VictoriaMetrics says of itself under `/metrics`. */
import { TIERS } from "../../core/series-name.ts";
import type { Retention } from "../store.ts";

const DAY_MS = 86_400_000;
/** `-retentionPeriod`: a number of months of 31 days unless it has one of these units. */
const UNIT_MS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  d: DAY_MS,
  w: 7 * DAY_MS,
  y: 365 * DAY_MS,
  "": 31 * DAY_MS,
};

/** Changes when the server is started again. Undefined where it does not say: a cluster. */
export function startedAt(metrics: string | undefined): string | undefined {
  return /^process_start_time_seconds (\S+)$/m.exec(metrics ?? "")?.[1];
}

/** What the operator should set otherwise. A cluster does not say. */
export function retentionProblems(metrics: string | undefined, retention: Retention): string[] {
  if (metrics === undefined) return [];
  const problems: string[] = [];
  const period = flag(metrics, "retentionPeriod") ?? "1";
  const [, count, unit = ""] = /^([\d.]+)([hdwy]?)$/.exec(period) ?? [];
  const kept_ms = Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  const short = TIERS.filter((tier) => kept_ms < retention[tier]);
  if (short.length > 0) {
    problems.push(
      `VictoriaMetrics was started with -retentionPeriod=${period}, which is shorter than what is configured for ${short.join(", ")}: their points go sooner. Start it with a longer one`,
    );
  }
  if (flag(metrics, "dedup.minScrapeInterval") !== "1ms") {
    problems.push(
      "VictoriaMetrics was started without -dedup.minScrapeInterval=1ms: a point that is written twice counts twice in dashboards that ask it directly. Start it with that flag",
    );
  }
  return problems;
}

function flag(metrics: string, name: string): string | undefined {
  return new RegExp(`^flag\\{name="${name.replaceAll(".", "\\.")}", value="([^"]*)"`, "m").exec(metrics)?.[1];
}
