/** Figures of the bandwidth of classes, put together when somebody asks: ports from ingest's devices, traffic from the store. */
import {
  type AssetPath,
  ancestorAt,
  isWithin,
  type LocalText,
  type Rollup,
  type Site,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { Problem } from "@campus-ops/service";
import {
  addBandwidth,
  type BandwidthTotals,
  bandwidthShares,
  bandwidthTotals,
  linkCounts,
  NO_BANDWIDTH,
  type Octets,
  type RoomBandwidth,
  roomBandwidth,
  STEP_MS,
  stretchesIn,
  toldBandwidth,
} from "../core/bandwidth/figures.ts";
import { type ServedRoom, servedRooms, type ToldDevice } from "../core/bandwidth/served-rooms.ts";
import type { Span } from "../core/health/history.ts";
import { placeTitle } from "../core/people/place.ts";
import type { ClassLinks } from "../core/standards/evidence.ts";
import type { UseConfiguration } from "../use/configuration.ts";
import type { BandwidthAsked, BandwidthFigure, BandwidthGroup, RoomBandwidthView } from "./api.ts";

/** Five minutes of a port are kept for longer; more of them than this say nothing more about a peak. */
export const MEASURED_MS_MAX = 31 * 86_400_000;
/** Questions to the store for one answer, one for each port number of a campus and direction; what is beyond is not measured. */
export const QUESTIONS_MAX = 400;
const POINTS_MAX = 100_000;
/** The hub above asks with every poll; links change when somebody plugs something. */
const COUNTED_MS = 60_000;
/** Of campuses that a hub below tells, how their classes stand is in any range. */
const NOW_MS = 1;

export interface BandwidthSources {
  /** JSON of ingest's answer; undefined when it is away or refuses. */
  readonly ask: (path: string, body?: object) => Promise<unknown>;
  readonly site: Site;
  readonly use: Pick<UseConfiguration, "classes" | "types">;
  readonly campuses: readonly string[];
  readonly campusPath: (campus: string) => AssetPath;
  readonly schoolHours: (range: Span) => readonly Span[];
  readonly now: () => Timestamp;
}

/** What ingest says of the campuses of hubs below. */
interface ToldCampus {
  readonly campus: string;
  readonly counts: Rollup;
  readonly lastKnown?: Timestamp;
}

interface CampusBandwidth {
  readonly path: AssetPath;
  readonly rooms: readonly RoomBandwidth[];
  readonly totals: BandwidthTotals;
}

export class BandwidthFigures {
  readonly #sources: BandwidthSources;
  /** By campus, of those that there are. */
  readonly #counted = new Map<string, { readonly at: Timestamp; readonly counts: Rollup }>();
  #below: { readonly at: Timestamp; readonly campuses: ReadonlyMap<string, ToldCampus> } | undefined;

  constructor(sources: BandwidthSources) {
    this.#sources = sources;
  }

  /** Throws a {@link Problem} 503 where ingest is away: then nothing is known of any class. */
  async figures(asked: BandwidthAsked, by: BandwidthGroup): Promise<readonly BandwidthFigure[]> {
    const groups = new Map<string, BandwidthTotals>();
    for (const { path, totals } of await this.#campuses(asked)) {
      const key = by === "none" ? "all" : ancestorAt(path, by);
      if (key !== undefined && totals.classes > 0)
        groups.set(key, addBandwidth(groups.get(key) ?? NO_BANDWIDTH, totals));
    }
    return [...groups]
      .map(([key, totals]) => ({ key, title: this.#title(key), ...totals, ...bandwidthShares(totals) }))
      .sort((a, b) => (a.share ?? 0) - (b.share ?? 0) || (a.key < b.key ? -1 : 1));
  }

  /** Every room, those of which least is known first, then the slowest. Throws as {@link figures} does. */
  async rooms(asked: BandwidthAsked): Promise<readonly RoomBandwidthView[]> {
    return (await this.#campuses(asked))
      .flatMap(({ rooms }) => rooms.map((each) => ({ ...each, title: this.#title(each.room) })))
      .sort((a, b) => (a.link_Mbps ?? 0) - (b.link_Mbps ?? 0) || (a.room < b.room ? -1 : 1));
  }

  /** Undefined where ingest is away. */
  async links(campus: string): Promise<ClassLinks | undefined> {
    const { ask, use } = this.#sources;
    const devices = (await ask(`/devices?campus=${encodeURIComponent(campus)}`)) as
      | readonly ToldDevice[]
      | undefined;
    if (devices === undefined) return undefined;
    const special = new Set(use.types.flatMap(({ rooms }) => rooms.get(campus) ?? []));
    const rooms = servedRooms(devices, special);
    return { rooms, untold: Math.max(0, (use.classes[campus] ?? 0) - rooms.length) };
  }

  /**
   * Links of a campus's classes for the hub above, at most a minute old; nothing of a campus that a hub below tells, because
   * ingest passes that on. Throws as {@link figures} does.
   */
  async counts(campus: string): Promise<Rollup> {
    const now = this.#sources.now();
    const isFresh = (at: Timestamp | undefined): boolean =>
      at !== undefined && now >= at && now < at + COUNTED_MS;
    const known = this.#counted.get(campus);
    if (known !== undefined && isFresh(known.at)) return known.counts;
    if (!this.#sources.campuses.includes(campus)) return {};
    if (this.#below === undefined || !isFresh(this.#below.at))
      this.#below = { at: now, campuses: await this.#told() };
    const isTold = this.#below.campuses.has(campus);
    const links = isTold ? { rooms: [], untold: 0 } : await this.links(campus);
    if (links === undefined) throw notKnown();
    const rooms = links.rooms.map((each) => roomBandwidth(each, [], new Set()));
    const totals = bandwidthTotals(rooms, links.untold, 0);
    const counts = totals.classes === 0 ? {} : linkCounts(totals);
    this.#counted.set(campus, { at: now, counts });
    return counts;
  }

  /** Campuses of whose classes a hub below tells. */
  async #told(): Promise<ReadonlyMap<string, ToldCampus>> {
    const now = this.#sources.now();
    const told = (await this.#sources.ask(`/rollups?from=${now}&to=${now + NOW_MS}`)) as
      | readonly ToldCampus[]
      | undefined;
    if (told === undefined) throw notKnown();
    const withClasses = told.filter(({ counts }) => (counts["classes.registered"] ?? 0) > 0);
    return new Map(withClasses.map((each) => [each.campus, each]));
  }

  async #campuses(asked: BandwidthAsked): Promise<readonly CampusBandwidth[]> {
    const { campuses, campusPath, schoolHours, now } = this.#sources;
    const to = Math.min(asked.to, now());
    const range = { from: Math.max(asked.from, to - MEASURED_MS_MAX), to };
    const stretches = range.from < to ? stretchesIn(schoolHours(range)) : new Set<Timestamp>();
    const budget = { left: QUESTIONS_MAX };
    const below = await this.#told();
    const found: CampusBandwidth[] = [];
    for (const campus of campuses) {
      const path = campusPath(campus);
      const isWhole = asked.scopes.some((scope) => isWithin(path, scope));
      if (!isWhole && !asked.scopes.some((scope) => isWithin(scope, path))) continue;
      const told = below.get(campus);
      if (told !== undefined) {
        // Of a part of it nobody has told.
        const totals = toldBandwidth(told.counts, told.lastKnown === undefined, stretches.size);
        found.push({ path, rooms: [], totals: (isWhole ? totals : undefined) ?? NO_BANDWIDTH });
        continue;
      }
      const links = await this.links(campus);
      if (links === undefined) throw notKnown();
      const own = links.rooms.filter(({ room }) => asked.scopes.some((scope) => isWithin(room, scope)));
      const octets = stretches.size === 0 ? NONE : await this.#octets(path, own, range, budget);
      const rooms = own.map((each) =>
        roomBandwidth(
          each,
          each.ports.map(({ at, port }) => ({
            down: octets.get(`${at} Port/${port}/OutOctets`) ?? [],
            up: octets.get(`${at} Port/${port}/InOctets`) ?? [],
          })),
          stretches,
        ),
      );
      const totals = bandwidthTotals(rooms, isWhole ? links.untold : 0, stretches.size);
      found.push({ path, rooms, totals });
    }
    return found;
  }

  /** By switch and counter. One question answers for all switches of a campus that have a port of that number. */
  async #octets(
    scope: AssetPath,
    rooms: readonly ServedRoom[],
    { from, to }: Span,
    budget: { left: number },
  ): Promise<ReadonlyMap<string, Octets>> {
    const octets = new Map<string, Octets>();
    const ports = new Set(rooms.flatMap((each) => each.ports.map(({ port }) => port)));
    for (const metric of [...ports].flatMap((port) => [`Port/${port}/OutOctets`, `Port/${port}/InOctets`])) {
      if (budget.left === 0) break;
      budget.left -= 1;
      const answer = (await this.#sources.ask("/query", {
        metric: `${metric}:5m:increase`,
        scope,
        // What a counter counted is told from the stretch before it on.
        from: Math.floor(from / STEP_MS) * STEP_MS - STEP_MS,
        to,
        groupBy: "device",
        limit: POINTS_MAX,
      })) as
        | {
            readonly series: readonly { readonly key: string; readonly points: Octets }[];
            readonly truncated: boolean;
          }
        | undefined;
      if (answer === undefined || answer.truncated) continue;
      for (const { key, points } of answer.series) octets.set(`${key} ${metric}`, points);
    }
    return octets;
  }

  #title(key: string): LocalText {
    return key === "all" ? { zh: "全部", en: "all" } : placeTitle(this.#sources.site, key);
  }
}

const NONE: ReadonlyMap<string, Octets> = new Map();

const notKnown = (): Problem =>
  new Problem(
    503,
    "Not known now",
    "ingest does not answer, and it alone knows the links",
    "数据接入部分没有回答，暂时不知道各校带宽，请稍后再试",
  );
