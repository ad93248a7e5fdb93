/** Asks for all that a standard needs to know of a campus. What does not answer is not known, and spoils nothing else. */
import { siteZone, type Timestamp, type TimeZone } from "@campus-ops/device-profiles/vocabulary";
import type {
  CampusFacts,
  ClassLinks,
  DayFact,
  Declaration,
  DeviceFact,
  RoomFact,
} from "../core/standards/evidence.ts";
import type { EvidenceQuery, StandardPack } from "../core/standards/pack.ts";
import { type Examined, monthsLater } from "../core/standards/report.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** As many as ingest gives. */
const EVENTS_MAX = 10_000;
const POINTS_MAX = 20_000;

export interface Sources {
  /** JSON of ingest's answer; undefined when it is away or refuses. */
  readonly ask: (path: string, body?: object) => Promise<unknown>;
  readonly rooms: (campus: string, from: Timestamp, to: Timestamp) => readonly RoomFact[];
  /** Undefined where nobody answers. */
  readonly links: (campus: string) => Promise<ClassLinks | undefined>;
  /** When the rule's alarm rang last for each device within the range. */
  readonly rang: (rule: string, from: Timestamp, to: Timestamp) => ReadonlyMap<string, Timestamp>;
  /** China's unless said. */
  readonly zone?: TimeZone;
  readonly declarations: (standard: string, campus: string) => readonly Declaration[];
}

export async function gather(pack: StandardPack, examined: Examined, sources: Sources): Promise<CampusFacts> {
  const { campus, from, to, at } = examined;
  const queries = pack.items.flatMap(({ checks }) => checks.map(({ query }) => query));
  const wanted = <T>(pick: (query: EvidenceQuery) => T | undefined): readonly T[] =>
    queries.flatMap((query) => pick(query) ?? []);
  const until = Math.min(to, at);
  const [devices, retention] = await Promise.all([
    sources.ask(`/devices?campus=${encodeURIComponent(campus)}`) as Promise<
      readonly DeviceFact[] | undefined
    >,
    sources.ask("/retention") as Promise<Retention | undefined>,
  ]);
  const kept = new Map(
    retention === undefined || retention.problems.length > 0
      ? []
      : retention.kept.map(({ what, days }) => [what, days] as const),
  );
  const hours = new Map<string, { means: readonly (readonly [number, number])[]; of: number }>();
  for (const { metric } of wanted(({ mean }) => mean)) {
    const means = await hourlyMeans(metric, examined, until, sources);
    if (means !== undefined) hours.set(metric, means);
  }
  const { zone = siteZone({}) } = sources;
  const days = new Map<string, readonly DayFact[]>();
  for (const { event, field } of wanted(({ daily }) => daily)) {
    const search = new URLSearchParams({
      campus,
      event,
      from: String(from),
      to: String(Math.max(until, from + 1)),
      limit: String(EVENTS_MAX),
    });
    const events = (await sources.ask(`/events?${search}`)) as readonly Happened[] | undefined;
    const remembered = at - (kept.get("events") ?? 0) * DAY_MS;
    if (events !== undefined) days.set(event, daysOf(events, field, { from, to: until, remembered, zone }));
  }
  const rang = new Map(
    wanted(({ tested }) => tested).map(({ rule }) => [rule, sources.rang(rule, from, to)]),
  );
  const links = wanted(({ classLinks }) => classLinks).length > 0 ? await sources.links(campus) : undefined;
  return {
    ...(links === undefined ? {} : { links }),
    ...(devices === undefined ? {} : { devices: devices.filter(({ health }) => health !== "retired") }),
    rooms: sources.rooms(campus, from, to),
    hours,
    days,
    rang,
    keptDays: kept,
    declarations: new Map(
      sources
        .declarations(pack.id, campus)
        .filter((each) => monthsLater(each.at, pack.examinedEvery) > at)
        .map((each) => [each.about, each]),
    ),
  };
}

interface Retention {
  readonly kept: readonly { readonly what: string; readonly days: number }[];
  readonly problems: readonly string[];
}

interface Happened {
  readonly eventTime: Timestamp;
  readonly fields: Readonly<Record<string, unknown>>;
}

async function hourlyMeans(metric: string, { path, from }: Examined, until: Timestamp, { ask }: Sources) {
  if (until <= from) return undefined;
  const answer = (await ask("/query", {
    metric,
    scope: path,
    from,
    to: until,
    step_ms: HOUR_MS,
    aggregation: "mean",
    groupBy: "campus",
    limit: POINTS_MAX,
  })) as
    | {
        readonly series: readonly { readonly points: readonly (readonly [number, number])[] }[];
        readonly truncated: boolean;
      }
    | undefined;
  if (answer === undefined || answer.truncated) return undefined;
  // Hours are those of the Unix epoch, the broken ones at both ends included.
  const of = Math.ceil(until / HOUR_MS) - Math.floor(from / HOUR_MS);
  return { means: answer.series[0]?.points ?? [], of };
}

/** Whole local days. Before `remembered`, and before the oldest event of a full answer, some may be missing. */
export function daysOf(
  events: readonly Happened[],
  field: string,
  {
    from,
    to,
    remembered,
    zone,
  }: {
    readonly from: Timestamp;
    readonly to: Timestamp;
    readonly remembered: Timestamp;
    readonly zone: TimeZone;
  },
): readonly DayFact[] {
  const oldest = events.reduce(
    (least, { eventTime }) => Math.min(least, eventTime),
    Number.POSITIVE_INFINITY,
  );
  const complete = Math.max(remembered, events.length >= EVENTS_MAX ? oldest : Number.NEGATIVE_INFINITY);
  const days: { day: string; at: Timestamp; known: boolean; counts: Map<string, number> }[] = [];
  const today = zone.dayOf(from);
  const first = zone.moment(today, 0) === from ? today : today + 1;
  for (let day = first; zone.moment(day + 1, 0) <= to; day += 1) {
    const at = zone.moment(day, 0);
    const name = new Date(day * DAY_MS).toISOString().slice(0, 10);
    days.push({ day: name, at, known: at >= complete, counts: new Map() });
  }
  for (const { eventTime, fields } of events) {
    const counts = days[zone.dayOf(eventTime) - first]?.counts;
    const point = String(fields[field] ?? "");
    counts?.set(point, (counts.get(point) ?? 0) + 1);
  }
  return days;
}
