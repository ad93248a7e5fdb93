/**
 * From the health of devices over time to what people ask for: availability, failures, time to repair. Times and counts
 * first, which add over devices, places and periods; ratios are made of them when they are shown.
 */
import type { MetricName, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { HealthInterval, Span } from "./history.ts";

/** A shorter outage (a restart, a cable that was moved) is an interruption: nobody repairs anything in that time. */
export const INTERRUPTION_MS_MAX = 5 * 60_000;
/** A device that is lost so soon before or after what it hangs from, is lost because of that. */
const UPSTREAM_MS_MAX = 2 * 60_000;
const DAY_MS = 86_400_000;

/** From working to working again. */
export interface Failure {
  readonly device: string;
  readonly from: Timestamp;
  /** Absent while it lasts. */
  readonly to?: Timestamp;
  /** unreachable at any time of it, or faulty alone. */
  readonly kind: "unreachable" | "faulty";
  readonly faults: readonly MetricName[];
  /** False where it is not known when it began or ended, because nobody could see the device then. */
  readonly exact: boolean;
  /** It ended because the device was taken out of service: nobody repaired it. */
  readonly retired?: true;
  /** It hangs from this device, which could not be reached either: not its own failure. */
  readonly upstream?: string;
}

/** Every failure of one device, in order, interruptions among them; `intervals` as `foldHealth` gives them up to `until`. */
export function failuresOf(
  device: string,
  intervals: readonly HealthInterval[],
  until: Timestamp,
): readonly Failure[] {
  const failures: Failure[] = [];
  let open: { from: Timestamp; kind: Failure["kind"]; faults: MetricName[]; exact: boolean } | undefined;
  let before: HealthInterval | undefined;
  for (const interval of intervals) {
    const { state, from, faults } = interval;
    if (open !== undefined && before !== undefined && before.to < from) {
      failures.push({ device, ...open, to: before.to, retired: true });
      open = undefined;
    }
    if (state === "working" && open !== undefined) {
      failures.push({ device, ...open, to: from, exact: open.exact && before?.state !== "unknown" });
      open = undefined;
    } else if (state === "unreachable" || state === "faulty") {
      // What was broken when it was first seen has been so for nobody knows how long.
      open ??= { from, kind: state, faults: [], exact: before?.state === "working" };
      if (state === "unreachable") open.kind = state;
      open.faults.push(...faults.filter((fault) => open?.faults.includes(fault) === false));
    }
    before = interval;
  }
  if (open === undefined) return failures;
  const end = before?.to ?? until;
  return [...failures, { device, ...open, ...(end < until ? { to: end, retired: true } : {}) }];
}

/** Marks what was lost together with what it hangs from. `upstreamOf` answers with the key of that device. */
export function attribute(
  byDevice: ReadonlyMap<string, readonly Failure[]>,
  upstreamOf: (device: string) => string | undefined,
): ReadonlyMap<string, readonly Failure[]> {
  const isLost = (device: string, at: Timestamp): boolean =>
    (byDevice.get(device) ?? []).some(
      ({ kind, from, to = Number.POSITIVE_INFINITY }) =>
        kind === "unreachable" && from - UPSTREAM_MS_MAX <= at && at <= to + UPSTREAM_MS_MAX,
    );
  return new Map(
    [...byDevice].map(([device, failures]) => {
      const upstream = upstreamOf(device);
      if (upstream === undefined) return [device, failures];
      return [
        device,
        failures.map((failure) =>
          failure.kind === "unreachable" && isLost(upstream, failure.from)
            ? { ...failure, upstream }
            : failure,
        ),
      ];
    }),
  );
}

/** Sums of these are sums over devices. */
export interface HealthTotals {
  readonly devices: number;
  /** Time within the hours asked for since each device was first known. */
  readonly expected_ms: number;
  /** Of this: it answered, broken or not. */
  readonly reachable_ms: number;
  /** Of this: it answered and told of no fault. */
  readonly working_ms: number;
  /** Of this: nobody knows. */
  readonly unknown_ms: number;
  /** Failures of its own that began in the range, interruptions left out. */
  readonly failures: number;
  readonly interruptions: number;
  /** What was lost because of what it hangs from. */
  readonly upstream: number;
  /** Failures of its own that ended in the range, and whose beginning and end are known; how long they took together. */
  readonly repairs: number;
  readonly repair_ms: number;
  /** Failures of its own that last at the end of the range. */
  readonly open: number;
  /** Ended in the range, but nobody knows how long they lasted. */
  readonly inexact: number;
}

export const NO_HEALTH: HealthTotals = {
  devices: 0,
  expected_ms: 0,
  reachable_ms: 0,
  working_ms: 0,
  unknown_ms: 0,
  failures: 0,
  interruptions: 0,
  upstream: 0,
  repairs: 0,
  repair_ms: 0,
  open: 0,
  inexact: 0,
};

export function addHealth(a: HealthTotals, b: HealthTotals): HealthTotals {
  const sum: Record<string, number> = { ...a };
  for (const [name, value] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + value;
  return sum as unknown as HealthTotals;
}

/** Of one device in `[from, to)`. Times count within `hours`, in order and not overlapping; failures at any hour. */
export function totalsOf(
  intervals: readonly HealthInterval[],
  failures: readonly Failure[],
  { from, to }: Span,
  hours: readonly Span[] = [{ from, to }],
): HealthTotals {
  const time = timeIn(intervals, hours);
  const within = (at: Timestamp | undefined): boolean => at !== undefined && at >= from && at < to;
  const lasting = failures.filter((each) => (each.to ?? to) - each.from >= INTERRUPTION_MS_MAX);
  const own = lasting.filter(({ upstream }) => upstream === undefined);
  const ended = own.filter((each) => within(each.to) && each.retired !== true);
  const repaired = ended.filter(({ exact }) => exact);
  return {
    devices: intervals.some((each) => each.from < to && each.to > from) ? 1 : 0,
    ...time,
    failures: own.filter((each) => within(each.from)).length,
    interruptions: failures.filter((each) => !lasting.includes(each) && within(each.from)).length,
    upstream: lasting.filter((each) => each.upstream !== undefined && within(each.from)).length,
    repairs: repaired.length,
    repair_ms: repaired.reduce((sum, each) => sum + ((each.to ?? each.from) - each.from), 0),
    open: own.filter((each) => each.from < to && (each.to ?? Number.POSITIVE_INFINITY) >= to).length,
    inexact: ended.length - repaired.length,
  };
}

type HealthTimes = Pick<HealthTotals, "expected_ms" | "reachable_ms" | "working_ms" | "unknown_ms">;

function timeIn(intervals: readonly HealthInterval[], hours: readonly Span[]): HealthTimes {
  const times = { working: 0, faulty: 0, unreachable: 0, unknown: 0 };
  let first = 0;
  for (const { from, to, state } of intervals) {
    while ((hours[first]?.to ?? Number.POSITIVE_INFINITY) <= from) first += 1;
    for (let next = first; next < hours.length; next += 1) {
      const hour = hours[next];
      if (hour === undefined || hour.from >= to) break;
      times[state] += Math.min(to, hour.to) - Math.max(from, hour.from);
    }
  }
  const reachable_ms = times.working + times.faulty;
  return {
    expected_ms: reachable_ms + times.unreachable + times.unknown,
    reachable_ms,
    working_ms: times.working,
    unknown_ms: times.unknown,
  };
}

export interface HealthRatios {
  /**
   * Time reachable ÷ time expected. Where not all is known it lies between two figures: at the low one what is unknown
   * counts for nothing, at the high one for all it could be. Absent when nothing was expected.
   */
  readonly availability?: number;
  readonly availabilityHigh?: number;
  /** Time known ÷ time expected; 1 when nothing was expected. */
  readonly completeness: number;
  readonly meanTimeToRepair_ms?: number;
}

export function ratiosOf(totals: HealthTotals): HealthRatios {
  const { expected_ms, reachable_ms, unknown_ms, repairs, repair_ms } = totals;
  return {
    ...(expected_ms === 0
      ? {}
      : {
          availability: reachable_ms / expected_ms,
          availabilityHigh: (reachable_ms + unknown_ms) / expected_ms,
        }),
    completeness: expected_ms === 0 ? 1 : (expected_ms - unknown_ms) / expected_ms,
    ...(repairs === 0 ? {} : { meanTimeToRepair_ms: repair_ms / repairs }),
  };
}

/** Fewer devices, less time watched or fewer failures than these say nothing about a model. */
export const EVIDENCE_DEVICES_MIN = 3;
export const EVIDENCE_DEVICE_DAYS_MIN = 90;
export const EVIDENCE_FAILURES_MIN = 3;

export interface ModelStanding {
  /** Days in which its devices were watched, together. */
  readonly deviceDays: number;
  /** Failures of one device in a year of 365 days; absent when none was watched. */
  readonly failuresPerYear?: number;
  /** Enough was seen to compare it with others. */
  readonly enough: boolean;
}

/** Models that fail most first; after them those of which too little is known, as they come. */
export function ranked<T extends ModelStanding & { readonly key: string }>(
  models: readonly T[],
): readonly (T & { readonly rank?: number })[] {
  const compared = models
    .filter(({ enough }) => enough)
    .sort((a, b) => (b.failuresPerYear ?? 0) - (a.failuresPerYear ?? 0) || (a.key < b.key ? -1 : 1));
  return [
    ...compared.map((each, index) => ({ ...each, rank: index + 1 })),
    ...models.filter(({ enough }) => !enough),
  ];
}

export function standingOf({ devices, expected_ms, unknown_ms, failures }: HealthTotals): ModelStanding {
  const deviceDays = (expected_ms - unknown_ms) / DAY_MS;
  return {
    deviceDays,
    ...(deviceDays === 0 ? {} : { failuresPerYear: (failures / deviceDays) * 365 }),
    enough:
      devices >= EVIDENCE_DEVICES_MIN &&
      deviceDays >= EVIDENCE_DEVICE_DAYS_MIN &&
      failures >= EVIDENCE_FAILURES_MIN,
  };
}
