/** The health of devices of campuses that have hubs of their own, from what these told. */
import { setImmediate as turn } from "node:timers/promises";
import { type AssetPath, isWithin, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { HealthTotals } from "../core/health/figures.ts";
import type { Span } from "../core/health/history.ts";
import { countIn } from "../core/told/day.ts";
import { type DevicesOf, devicesIn, foldHealthDays, HEALTH_DAY } from "../core/told/health.ts";
import type { AskIngest } from "../feed/ask-ingest.ts";
import type { HealthAsked } from "../health/api.ts";
import { cutOff } from "./cut-off.ts";
import type { DayStore } from "./day-store.ts";

export interface HealthBelowParts {
  readonly store: Pick<DayStore, "campuses" | "told" | "newestTold">;
  readonly campusPath: (campus: string) => AssetPath;
  readonly ask: AskIngest;
  readonly now: () => Timestamp;
}

/** Devices of one class and model on one campus. */
export interface ToldHealth extends DevicesOf {
  readonly path: AssetPath;
  readonly totals: HealthTotals;
  /** The campus's hub is cut off, or nobody knows whether it is: known up to then. */
  readonly lastKnown?: Timestamp;
}

export class HealthBelow {
  readonly #parts: HealthBelowParts;

  constructor(parts: HealthBelowParts) {
    this.#parts = parts;
  }

  /** Of whole campuses; of a part of one, or of one device, its own hub alone knows. `hours` are school hours. */
  async totals(asked: HealthAsked, hours?: readonly Span[]): Promise<readonly ToldHealth[]> {
    const { ask, campusPath, now, store } = this.#parts;
    if (asked.device !== undefined) return [];
    const campuses = store
      .campuses(HEALTH_DAY)
      .map((campus) => ({ campus, path: campusPath(campus) }))
      .filter(({ path }) => asked.scopes.some((scope) => isWithin(path, scope)));
    const at = now();
    const range = { from: asked.from, to: Math.min(asked.to, at) };
    if (campuses.length === 0 || range.from >= range.to) return [];
    const lost = await cutOff(ask, at);
    const found: ToldHealth[] = [];
    for (const { campus, path } of campuses) {
      const newest = store.newestTold(campus, HEALTH_DAY, range.to);
      const days = store.told(campus, HEALTH_DAY, Math.min(range.from, newest ?? range.from), range.to);
      const until = days.reduce((last, { fields }) => Math.max(last, countIn(fields, "until")), 0);
      const isLost = lost === undefined || lost.has(campus);
      for (const own of Map.groupBy(days, ({ key }) => key).values()) {
        const of = devicesIn(own[0]?.fields ?? {});
        if (of === undefined || (asked.class !== undefined && of.class !== asked.class)) continue;
        if (asked.model !== undefined && of.model !== asked.model) continue;
        const totals = foldHealthDays(own, range, until, hours);
        found.push({ ...of, path, totals, ...(isLost ? { lastKnown: until } : {}) });
      }
      await turn();
    }
    return found;
  }
}
