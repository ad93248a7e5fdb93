/** The use of special rooms of campuses that have hubs of their own, from what these told. */
import { setImmediate as turn } from "node:timers/promises";
import type { AssetPath, LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Calendar } from "../core/calendar.ts";
import { foldUseDays, type ToldUse, USE_DAY } from "../core/told/use.ts";
import { utilisation } from "../core/use/class-hours.ts";
import { lessonsBetween } from "../core/use/lessons.ts";
import type { AskIngest } from "../feed/ask-ingest.ts";
import type { RoomUseView } from "../use/api.ts";
import { COMPLETENESS_MIN, type Range, verdictOf } from "../use/figures.ts";
import { cutOff } from "./cut-off.ts";
import type { DayStore } from "./day-store.ts";

export interface BelowParts {
  readonly store: Pick<DayStore, "campuses" | "told">;
  readonly calendar: Calendar;
  readonly campusPath: (campus: string) => AssetPath;
  /** What this hub calls a kind of room. */
  readonly title: (kind: string) => LocalText | undefined;
  readonly ask: AskIngest;
  readonly now: () => Timestamp;
}

export class UseBelow {
  readonly #parts: BelowParts;

  constructor(parts: BelowParts) {
    this.#parts = parts;
  }

  /** Of the days that begin in the range. Throws a RangeError for one that is too long. */
  async figures(range: Range): Promise<readonly RoomUseView[]> {
    const { ask, calendar, store } = this.#parts;
    const campuses = store.campuses(USE_DAY);
    if (campuses.length === 0) return [];
    const now = this.#parts.now();
    const lessons = lessonsBetween(calendar, range.from, range.to);
    const lost = await cutOff(ask, now);
    const views: RoomUseView[] = [];
    for (const campus of campuses) {
      const days = store.told(campus, USE_DAY, range.from, range.to);
      for (const own of Map.groupBy(days, ({ key }) => key).values()) {
        const told = foldUseDays(own, lessons, now);
        if (told !== undefined && told.kind.rooms > 0)
          views.push(this.#view(campus, told, lost === undefined || lost.has(campus)));
      }
      await turn();
    }
    return views;
  }

  #view(campus: string, told: ToldUse, isLost: boolean): RoomUseView {
    const { kind, totals, teachingHours, possible, covered, until } = told;
    const { ratio, completeness, withoutRecord } = utilisation(totals, 1, possible);
    const share = completeness * covered;
    const isBlank = withoutRecord && covered < COMPLETENESS_MIN;
    return {
      campus,
      path: this.#parts.campusPath(campus),
      type: kind.id,
      title: kind.title.zh === "" ? (this.#parts.title(kind.id) ?? { zh: kind.id, en: kind.id }) : kind.title,
      rooms: kind.rooms,
      used: totals.used,
      unplannedUsed: totals.unplannedUsed,
      classes: kind.classes,
      teachingHours,
      ...(ratio === undefined ? {} : { utilisation: ratio }),
      threshold: kind.threshold,
      verdict: isBlank ? "not-verified" : verdictOf(ratio, kind.threshold, share, withoutRecord),
      completeness: share,
      wasted_ms: totals.wasted_ms,
      records: totals.records,
      toldUntil: until,
      ...(isLost ? { lastKnown: until } : {}),
    };
  }
}
