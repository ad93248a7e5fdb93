/** What was left on, by place, with the energy that it took where a meter hangs in the room. */
import {
  type AssetLevel,
  type AssetPath,
  ancestorAt,
  isWithin,
  type LocalText,
  type Site,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { placeTitle } from "../core/people/place.ts";
import { energyIn, type LeftOn, leftOnOf } from "../core/use/left-on.ts";
import type { LeftOnFigure, LeftOnRecord } from "./api.ts";
import type { Range, UseFigures } from "./figures.ts";

/** Rooms whose meters are asked for in one answer; of further ones only the time is told. */
const METERED_ROOMS_MAX = 200;
/** As long as roll-ups of five minutes are kept at least; before that, those of hours are asked. */
const FIVE_MINUTES_KEPT_MS = 184 * 86_400_000;
const STEPS = { "5m": 300_000, hour: 3_600_000 } as const;
const POINTS_MAX = 100_000;
export const RECORDS_MAX = 5_000;

export interface LeftOnAsked extends Range {
  /** Everything at or below one of these; "" is all. */
  readonly scopes: readonly (AssetPath | "")[];
}

export type LeftOnGroup = AssetLevel | "none";

export interface LeftOnSources {
  readonly use: UseFigures;
  readonly site: Site;
  /** JSON of ingest's answer; undefined when it is away or refuses: then nothing is measured. */
  readonly ask: (path: string, body: object) => Promise<unknown>;
}

interface RoomLeftOn {
  readonly room: AssetPath;
  readonly stretches: readonly (LeftOn & { readonly energy?: number })[];
  readonly known_ms: number;
  readonly expected_ms: number;
}

export class LeftOnFigures {
  readonly #sources: LeftOnSources;

  constructor(sources: LeftOnSources) {
    this.#sources = sources;
  }

  async figures(asked: LeftOnAsked, by: LeftOnGroup): Promise<readonly LeftOnFigure[]> {
    const rooms = await this.#rooms(asked);
    const keyOf = (room: AssetPath): string | undefined => (by === "none" ? "all" : ancestorAt(room, by));
    const groups = Map.groupBy(rooms, ({ room }) => keyOf(room) ?? "");
    groups.delete("");
    return [...groups]
      .map(([key, own]) => this.#figure(key, own))
      .sort((a, b) => b.leftOn_ms - a.leftOn_ms || (a.key < b.key ? -1 : 1));
  }

  /** What stands behind a figure, the newest first. */
  async records(asked: LeftOnAsked): Promise<readonly LeftOnRecord[]> {
    const rooms = await this.#rooms(asked);
    return rooms
      .flatMap(({ room, stretches }) =>
        stretches.map((each) => ({ ...each, room, title: placeTitle(this.#sources.site, room) })),
      )
      .sort((a, b) => b.from - a.from || (a.room < b.room ? -1 : 1))
      .slice(0, RECORDS_MAX);
  }

  #figure(key: string, rooms: readonly RoomLeftOn[]): LeftOnFigure {
    const stretches = rooms.flatMap((each) => each.stretches);
    const measured = stretches.filter(({ energy }) => energy !== undefined);
    const length = (some: readonly LeftOn[]) => some.reduce((sum, { from, to }) => sum + to - from, 0);
    const sum = (pick: (room: RoomLeftOn) => number) => rooms.reduce((all, room) => all + pick(room), 0);
    const expected_ms = sum((room) => room.expected_ms);
    const title: LocalText = key === "all" ? { zh: "全部", en: "all" } : placeTitle(this.#sources.site, key);
    return {
      key,
      title,
      rooms: rooms.length,
      leftOn_ms: length(stretches),
      measured_ms: length(measured),
      ...(measured.length === 0 ? {} : { energy: measured.reduce((all, { energy = 0 }) => all + energy, 0) }),
      records: stretches.length,
      expected_ms,
      completeness: expected_ms === 0 ? 1 : sum((room) => room.known_ms) / expected_ms,
    };
  }

  async #rooms(asked: LeftOnAsked): Promise<readonly RoomLeftOn[]> {
    const { use } = this.#sources;
    const rooms: RoomLeftOn[] = [];
    let metered = 0;
    for (const room of use.rooms().filter((each) => asked.scopes.some((scope) => isWithin(each, scope)))) {
      const { records, sessions, blind, since, now } = use.observe(room, asked);
      const from = Math.max(asked.from, since);
      const expected_ms = Math.max(0, now - from);
      const dark = blind.reduce(
        (sum, each) => sum + Math.max(0, Math.min(each.to, now) - Math.max(each.from, from)),
        0,
      );
      const stretches = leftOnOf(records, sessions, now);
      if (stretches.length > 0) metered += 1;
      const found =
        stretches.length > 0 && metered <= METERED_ROOMS_MAX
          ? await this.#energy(room, asked, now)
          : undefined;
      rooms.push({
        room,
        expected_ms,
        known_ms: Math.max(0, expected_ms - dark),
        stretches: stretches.map((each) => {
          const energy = found === undefined ? undefined : energyIn(each, found.measured, found.step_ms);
          return energy === undefined ? each : { ...each, energy };
        }),
      });
    }
    return rooms;
  }

  /** What the meters of one room counted, by periods. A campus's own meter tells nothing of a room. */
  async #energy(room: AssetPath, { from, to }: Range, now: Timestamp) {
    if (ancestorAt(room, "space") === undefined) return undefined;
    const tier = from < now - FIVE_MINUTES_KEPT_MS ? "hour" : "5m";
    const step_ms = STEPS[tier];
    const answer = (await this.#sources.ask("/query", {
      metric: `Meter/Energy:${tier}:increase`,
      scope: room,
      from: Math.floor(from / step_ms) * step_ms,
      to,
      step_ms,
      aggregation: "sum",
      groupBy: "none",
      limit: POINTS_MAX,
    })) as
      | {
          readonly series: readonly { readonly points: readonly (readonly [number, number])[] }[];
          readonly truncated: boolean;
        }
      | undefined;
    if (answer === undefined || answer.truncated) return undefined;
    return { step_ms, measured: answer.series[0]?.points ?? [] };
  }
}
