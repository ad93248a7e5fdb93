/**
 * The bandwidth of classes: what the links of their rooms can carry, and what they carried in school hours. Counts and
 * sums first, which add over rooms, campuses and counties; shares are made of them when they are shown.
 */
import type { AssetPath, Rollup, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Span } from "../health/history.ts";
import type { ServedPort, ServedRoom } from "./served-rooms.ts";

/** What Handan's standard for smart campuses asks for. */
export const CLASS_LINK_MBPS_MIN = 10;
export const STEP_MS = 300_000;
/** Polls are not on the second: five minutes may hold the octets of a little more. Beyond it a counter was wrong. */
const LINK_SHARE_MAX = 1.2;
const PERCENTILE = 0.95;

/** How much a counter counted in the five minutes that begin then, in order of time. */
export type Octets = readonly (readonly [start: Timestamp, octets: number])[];

export interface PortOctets {
  /** Sent into the room. */
  readonly down: Octets;
  readonly up: Octets;
}

export interface Peak {
  /** 95th percentile of the five minutes that were measured, by nearest rank. */
  readonly p95_Mbps: number;
  readonly max_Mbps: number;
}

export interface RoomBandwidth {
  readonly room: AssetPath;
  readonly ports: readonly ServedPort[];
  /** Of the fastest of its ports; absent where it is not known. */
  readonly link_Mbps?: number;
  readonly down?: Peak;
  readonly up?: Peak;
  /** Five-minute stretches of school hours, and those of which the traffic is known. */
  readonly expected: number;
  readonly measured: number;
}

/** Stretches of five minutes, aligned to the Unix epoch, that lie within `hours` as a whole. */
export function stretchesIn(hours: readonly Span[]): ReadonlySet<Timestamp> {
  const starts = new Set<Timestamp>();
  for (const { from, to } of hours)
    for (let at = Math.ceil(from / STEP_MS) * STEP_MS; at + STEP_MS <= to; at += STEP_MS) starts.add(at);
  return starts;
}

/** `octets` of the ports of the room, in their order; the traffic of several ports adds. */
export function roomBandwidth(
  { room, ports }: ServedRoom,
  octets: readonly PortOctets[],
  stretches: ReadonlySet<Timestamp>,
): RoomBandwidth {
  const links = ports.flatMap(({ link_Mbps }) => link_Mbps ?? []);
  const ratesOf = (pick: (port: PortOctets) => Octets) =>
    sumOf(
      octets.flatMap((port, index) => {
        const told = pick(port);
        return told.length === 0 ? [] : [rates(told, stretches, ports[index]?.link_Mbps)];
      }),
    );
  const down = ratesOf((port) => port.down);
  const up = ratesOf((port) => port.up);
  return {
    room,
    ports,
    ...(links.length === 0 ? {} : { link_Mbps: Math.max(...links) }),
    ...(down.length === 0 ? {} : { down: peakOf(down) }),
    ...(up.length === 0 ? {} : { up: peakOf(up) }),
    expected: stretches.size,
    measured: down.length,
  };
}

/**
 * Mbit/s by stretch. Five minutes after a silence hold what was counted during all of it, and those in which more came
 * than the link can carry hold the leap of a counter: neither is a measurement.
 */
function rates(
  octets: Octets,
  stretches: ReadonlySet<Timestamp>,
  link_Mbps = Number.POSITIVE_INFINITY,
): ReadonlyMap<Timestamp, number> {
  const told = new Map<Timestamp, number>();
  let before: Timestamp | undefined;
  for (const [start, count] of octets) {
    const rate = (count * 8) / (STEP_MS / 1_000) / 1e6;
    const follows = before !== undefined && start - before === STEP_MS;
    if (follows && stretches.has(start) && rate <= link_Mbps * LINK_SHARE_MAX) told.set(start, rate);
    before = start;
  }
  return told;
}

/** Of the stretches that all of them know. */
function sumOf(ports: readonly ReadonlyMap<Timestamp, number>[]): readonly number[] {
  const [first, ...others] = ports;
  return [...(first ?? [])].flatMap(([start, rate]) => {
    const more = others.map((other) => other.get(start));
    return more.includes(undefined) ? [] : [more.reduce<number>((sum, each) => sum + (each ?? 0), rate)];
  });
}

function peakOf(known: readonly number[]): Peak {
  const sorted = known.toSorted((a, b) => a - b);
  return {
    p95_Mbps: sorted[Math.ceil(PERCENTILE * sorted.length) - 1] ?? 0,
    max_Mbps: sorted.at(-1) ?? 0,
  };
}

export interface BandwidthTotals {
  /** Classes there are; those whose room is not known are among them. */
  readonly classes: number;
  /** Of these: the link of the room is known. */
  readonly known: number;
  /** Of these: it carries {@link CLASS_LINK_MBPS_MIN}. */
  readonly met: number;
  /** Rooms with traffic that was measured, the sum of their 95th percentiles, and the highest of them, downwards. */
  readonly measuredRooms: number;
  readonly p95Sum_Mbps: number;
  readonly p95Max_Mbps: number;
  readonly expected: number;
  readonly measured: number;
}

export const NO_BANDWIDTH: BandwidthTotals = {
  classes: 0,
  known: 0,
  met: 0,
  measuredRooms: 0,
  p95Sum_Mbps: 0,
  p95Max_Mbps: 0,
  expected: 0,
  measured: 0,
};

/** `untold`: classes beyond the rooms that are known, of each of which as many stretches were expected. */
export function bandwidthTotals(
  rooms: readonly RoomBandwidth[],
  untold: number,
  stretches: number,
): BandwidthTotals {
  const peaks = rooms.flatMap(({ down }) => down?.p95_Mbps ?? []);
  const links = rooms.flatMap(({ link_Mbps }) => link_Mbps ?? []);
  return {
    classes: rooms.length + untold,
    known: links.length,
    met: links.filter((link) => link >= CLASS_LINK_MBPS_MIN).length,
    measuredRooms: peaks.length,
    p95Sum_Mbps: peaks.reduce((sum, each) => sum + each, 0),
    p95Max_Mbps: peaks.reduce((most, each) => Math.max(most, each), 0),
    expected: rooms.reduce((sum, each) => sum + each.expected, 0) + untold * stretches,
    measured: rooms.reduce((sum, each) => sum + each.measured, 0),
  };
}

/** What the hub above is told: links alone, because peaks are of the rooms of the campus and of a range that somebody asks for. */
export const linkCounts = ({ classes, known, met }: BandwidthTotals): Rollup => ({
  "classes.registered": classes,
  "classes.linkKnown": known,
  "classes.linkMet": met,
});

/**
 * Of a campus that a hub below tells; undefined where it tells of no class. Its traffic is not known here. Links that are not
 * `current`, because that hub is cut off, are not known either: they are as of now or not at all.
 */
export function toldBandwidth(
  counts: Rollup,
  current: boolean,
  stretches: number,
): BandwidthTotals | undefined {
  const classes = counts["classes.registered"];
  if (classes === undefined) return undefined;
  const known = current ? Math.min(classes, counts["classes.linkKnown"] ?? 0) : 0;
  const met = Math.min(known, counts["classes.linkMet"] ?? 0);
  return { ...NO_BANDWIDTH, classes, known, met, expected: classes * stretches };
}

export function addBandwidth(a: BandwidthTotals, b: BandwidthTotals): BandwidthTotals {
  return {
    classes: a.classes + b.classes,
    known: a.known + b.known,
    met: a.met + b.met,
    measuredRooms: a.measuredRooms + b.measuredRooms,
    p95Sum_Mbps: a.p95Sum_Mbps + b.p95Sum_Mbps,
    p95Max_Mbps: Math.max(a.p95Max_Mbps, b.p95Max_Mbps),
    expected: a.expected + b.expected,
    measured: a.measured + b.measured,
  };
}

export interface BandwidthShares {
  /**
   * Classes whose link carries enough ÷ classes: where not all is known it lies between two figures, at the low one what
   * is unknown counts for nothing. Absent where there is no class.
   */
  readonly share?: number;
  readonly shareHigh?: number;
  /** Mean over the rooms that were measured; absent where none was. */
  readonly p95Mean_Mbps?: number;
  /** Links known ÷ classes; 0 where there is no class: nothing is known then. */
  readonly completeness: number;
  /** Stretches measured ÷ expected. */
  readonly measuredShare: number;
}

export function bandwidthShares(totals: BandwidthTotals): BandwidthShares {
  const { classes, known, met, measuredRooms, p95Sum_Mbps, expected, measured } = totals;
  return {
    ...(classes === 0 ? {} : { share: met / classes, shareHigh: (met + classes - known) / classes }),
    ...(measuredRooms === 0 ? {} : { p95Mean_Mbps: p95Sum_Mbps / measuredRooms }),
    completeness: classes === 0 ? 0 : known / classes,
    measuredShare: expected === 0 ? 0 : measured / expected,
  };
}
