/**
 * What stands behind a check, as a range of numbers: what is unknown counts for nothing at its low end and for all it
 * could be at its high end. Where it could be anything, there is no high end.
 */
import type { AssetPath, DeviceClass, LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { ServedRoom } from "../bandwidth/served-rooms.ts";
import type { EvidenceQuery } from "./pack.ts";

/** Records shown behind one check; what fails and what is unknown first. What is left out is counted. */
export const RECORDS_MAX = 500;

export interface DeviceFact {
  readonly key: string;
  readonly title: LocalText;
  readonly class: DeviceClass;
  readonly path: AssetPath;
  readonly health: "working" | "faulty" | "unreachable" | "stale" | "retired";
  readonly since: Timestamp;
  readonly metrics: readonly {
    readonly name: string;
    readonly value: unknown;
    readonly quality: { readonly status: "good" | "uncertain" | "bad" };
    readonly eventTime: Timestamp;
  }[];
}

export interface RoomFact {
  readonly type: string;
  readonly title: LocalText;
  readonly utilisation?: number;
  readonly completeness: number;
  readonly records: number;
}

/** Links of the classes of one campus, as they are now. */
export interface ClassLinks {
  readonly rooms: readonly ServedRoom[];
  /** Classes of which not even the room is known. */
  readonly untold: number;
}

export interface Declaration {
  /** Id of the check or of the campus's number. */
  readonly about: string;
  readonly value: number | boolean;
  /** What shows it: where the paper lies, who was asked. */
  readonly evidence: string;
  readonly by: string;
  readonly at: Timestamp;
}

/** All that is known of one campus. What could not be asked for is absent, and then nothing is known of it. */
export interface CampusFacts {
  readonly devices?: readonly DeviceFact[];
  readonly rooms: readonly RoomFact[];
  readonly links?: ClassLinks;
  /** By metric: mean of each hour of the range that has one, and how many hours there were. */
  readonly hours: ReadonlyMap<
    string,
    { readonly means: readonly (readonly [Timestamp, number])[]; readonly of: number }
  >;
  /** By event: per whole local day of the range, how often each point was visited. `known` is false where records may be gone. */
  readonly days: ReadonlyMap<string, readonly DayFact[]>;
  /** By rule: when its alarm rang last for each device. */
  readonly rang: ReadonlyMap<string, ReadonlyMap<string, Timestamp>>;
  readonly keptDays: ReadonlyMap<string, number>;
  /** The newest of each that is still valid. */
  readonly declarations: ReadonlyMap<string, Declaration>;
}

export interface DayFact {
  readonly day: string;
  readonly at: Timestamp;
  readonly known: boolean;
  readonly counts: ReadonlyMap<string, number>;
}

export interface EvidenceRecord {
  readonly subject: string;
  readonly title?: LocalText;
  /** Absent where it is not known. */
  readonly value?: number;
  readonly at?: Timestamp;
  readonly by?: string;
  readonly note?: string;
}

export interface Figure {
  readonly low: number;
  readonly high?: number;
  /** Share of what should be known that is. */
  readonly completeness: number;
  readonly records: readonly EvidenceRecord[];
}

const UNKNOWN: Figure = { low: 0, completeness: 0, records: [] };

/** Less than this is known: an average or a use of rooms that is too low may be so for want of records. */
export const COMPLETENESS_MIN = 0.9;

export function figureOf(query: EvidenceQuery, id: string, facts: CampusFacts): Figure {
  const { intact, utilisation, least, mean, classLinks, daily, present, tested, retained, declared } = query;
  const devices = (classes?: readonly DeviceClass[]) =>
    facts.devices?.filter((each) => classes?.includes(each.class) ?? !PLATFORM.has(each.class));
  if (intact !== undefined) return intactRate(devices(intact.class));
  if (present !== undefined) return working(devices(present.class));
  if (utilisation !== undefined) return useOf(facts.rooms.find(({ type }) => type === utilisation.room));
  if (least !== undefined) return leastOf(least, facts.devices);
  if (mean !== undefined) return meanOf(facts.hours.get(mean.metric));
  if (classLinks !== undefined) return linkedShare(facts.links, classLinks.atLeast);
  if (daily !== undefined) return fewestADay(facts.days.get(daily.event));
  if (tested !== undefined) return testedShare(devices(tested.class), facts.rang.get(tested.rule));
  if (retained !== undefined) return exactly(retained.what, facts.keptDays.get(retained.what));
  return declared === undefined ? UNKNOWN : stated(facts.declarations.get(id));
}

/** What the platform itself is made of is no equipment of the school's. */
const PLATFORM: ReadonlySet<DeviceClass> = new Set(["edge-box", "hub", "service", "flow"]);

function health({ key, title, health, since }: DeviceFact): EvidenceRecord {
  const known = health === "stale" ? {} : { value: health === "working" ? 1 : 0 };
  return { subject: key, title, ...known, at: since, note: health };
}

function working(devices: readonly DeviceFact[] | undefined): Figure {
  if (devices === undefined || devices.length === 0) return UNKNOWN;
  const records = devices.map(health);
  const low = records.filter(({ value }) => value === 1).length;
  const unknown = records.filter(({ value }) => value === undefined).length;
  return { low, high: low + unknown, completeness: known(records), records };
}

function intactRate(devices: readonly DeviceFact[] | undefined): Figure {
  const { low, high, ...rest } = working(devices);
  const registered = rest.records.length;
  return high === undefined ? UNKNOWN : { low: low / registered, high: high / registered, ...rest };
}

function useOf(room: RoomFact | undefined): Figure {
  // The rule of the standard: without a record of use it is not met, whatever the reason.
  if (room === undefined || (room.records === 0 && room.completeness >= COMPLETENESS_MIN))
    return {
      low: 0,
      high: 0,
      completeness: room?.completeness ?? 1,
      records: [{ subject: "no-record", value: 0 }],
    };
  const { type, title, utilisation, completeness, records } = room;
  if (utilisation === undefined || records === 0) return { ...UNKNOWN, completeness };
  const record = { subject: type, title, value: utilisation, note: `${records}` };
  const enough = completeness >= COMPLETENESS_MIN ? { high: utilisation } : {};
  return { low: utilisation, ...enough, completeness, records: [record] };
}

function leastOf(
  { metrics, of, covers = [] }: NonNullable<EvidenceQuery["least"]>,
  devices: readonly DeviceFact[] | undefined,
): Figure {
  if (devices === undefined) return UNKNOWN;
  const wanted = metrics.map(pattern);
  const records: EvidenceRecord[] = [];
  let telling = 0;
  for (const device of devices) {
    const { key, title, health } = device;
    const told = device.metrics.filter(({ name }) => wanted.some((each) => each.test(name)));
    telling += told.length;
    for (const { name, value, quality, eventTime } of told) {
      const sound = health !== "stale" && health !== "unreachable" && quality.status === "good";
      const number = sound && typeof value === "number" ? { value } : { note: health };
      records.push({ subject: `${key} ${name}`, title, ...number, at: eventTime });
    }
    if (told.length === 0 && of.includes(device.class)) records.push({ subject: key, title });
  }
  const covered = devices.filter((each) => covers.includes(each.class)).length;
  for (let missing = telling; missing < covered; missing += 1) records.push({ subject: "not-told" });
  return least(records);
}

function least(records: readonly EvidenceRecord[]): Figure {
  const values = records.flatMap(({ value }) => (value === undefined ? [] : [value]));
  if (values.length === 0) return { ...UNKNOWN, records };
  const high = values.reduce((a, b) => Math.min(a, b));
  const low = values.length < records.length ? Math.min(0, high) : high;
  return { low, high, completeness: known(records), records };
}

function meanOf(
  hours: { readonly means: readonly (readonly [Timestamp, number])[]; readonly of: number } | undefined,
): Figure {
  if (hours === undefined || hours.of === 0 || hours.means.length === 0) return UNKNOWN;
  const mean = hours.means.reduce((sum, [, value]) => sum + value, 0) / hours.means.length;
  const completeness = Math.min(1, hours.means.length / hours.of);
  const records = hours.means.map(([at, value]) => ({ subject: "hour", at, value }));
  const enough = completeness >= COMPLETENESS_MIN ? { high: mean } : {};
  return { low: mean * completeness, ...enough, completeness, records };
}

function linkedShare(links: ClassLinks | undefined, atLeast_Mbps: number): Figure {
  const classes = links === undefined ? 0 : links.rooms.length + links.untold;
  if (links === undefined || classes === 0) return UNKNOWN;
  const records: EvidenceRecord[] = links.rooms.map(({ room, ports }) => {
    const speeds = ports.flatMap(({ link_Mbps }) => link_Mbps ?? []);
    const note = ports.map(({ at, port, how }) => `${at} ${port} (${how})`).join(", ");
    return {
      subject: room,
      ...(speeds.length === 0 ? {} : { value: Math.max(...speeds) }),
      ...(note === "" ? {} : { note }),
    };
  });
  for (let missing = 0; missing < links.untold; missing += 1) records.push({ subject: "not-told" });
  const enough = records.filter(({ value = 0 }) => value >= atLeast_Mbps).length;
  const share = known(records);
  return {
    low: enough / classes,
    high: (enough + classes - Math.round(share * classes)) / classes,
    completeness: share,
    records,
  };
}

function fewestADay(days: readonly DayFact[] | undefined): Figure {
  const points = new Set(days?.flatMap(({ counts }) => [...counts.keys()]));
  if (days === undefined || points.size === 0) return UNKNOWN;
  return least(
    days.map(({ day, at, known, counts }) => {
      const fewest = [...points].reduce(
        (a, point) => Math.min(a, counts.get(point) ?? 0),
        Number.POSITIVE_INFINITY,
      );
      return { subject: day, at, ...(known ? { value: fewest } : {}) };
    }),
  );
}

function testedShare(
  devices: readonly DeviceFact[] | undefined,
  rang: ReadonlyMap<string, Timestamp> | undefined,
): Figure {
  if (devices === undefined || devices.length === 0 || rang === undefined) return UNKNOWN;
  const records = devices.map(({ key, title }) => {
    const at = rang.get(key);
    return { subject: key, title, value: at === undefined ? 0 : 1, ...(at === undefined ? {} : { at }) };
  });
  const share = records.filter(({ value }) => value === 1).length / records.length;
  return { low: share, high: share, completeness: 1, records };
}

function exactly(subject: string, value: number | undefined): Figure {
  return value === undefined
    ? UNKNOWN
    : { low: value, high: value, completeness: 1, records: [{ subject, value }] };
}

function stated(declaration: Declaration | undefined): Figure {
  if (declaration === undefined) return UNKNOWN;
  const { about, at, by, evidence } = declaration;
  const value = Number(declaration.value);
  const record = { subject: about, value, at, by, note: evidence };
  return { low: value, high: value, completeness: 1, records: [record] };
}

const known = (records: readonly EvidenceRecord[]): number =>
  records.filter(({ value }) => value !== undefined).length / records.length;

/** `*` stands for one part of a metric's name. */
function pattern(metric: string): RegExp {
  return new RegExp(`^${metric.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]+")}$`);
}
