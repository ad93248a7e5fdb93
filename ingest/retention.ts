/** Deletes what is past its retention, and reports what went: in the log, as a metric, and as a record that stays. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { Counter, type Log, type Registry } from "@campus-ops/service";
import type { RetentionLoss, RetentionRemoval, RetentionView } from "./api.ts";
import { eventRetentions, pictureRetention, pointRetention, type RetentionDays } from "./core/retention.ts";
import type { PictureShelf } from "./pictures/shelf.ts";
import type { EventProjection } from "./projections/events.ts";
import type { MaintainStore, ScanPoints } from "./store/store.ts";

const DAY_MS = 86_400_000;
export const RETENTION_MS = 3_600_000;
/** After the start, when the rush is over. */
const FIRST_MS = 60_000;

export interface RetentionOptions {
  readonly days: RetentionDays;
  readonly store: MaintainStore & Pick<ScanPoints, "bounds">;
  readonly events: EventProjection;
  readonly pictures: Pick<PictureShelf, "forget" | "older">;
  /** The time by which age is judged. */
  readonly ageNow: () => Timestamp;
  readonly log: Log;
  readonly metrics: Registry;
}

export class RetentionJob {
  readonly #options: RetentionOptions;
  readonly #removed: Counter<"what">;
  #timers: NodeJS.Timeout[] = [];
  #problems: readonly string[] = [];

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#removed = new Counter({
      name: "campus_ops_ingest_retention_removed_total",
      help: "What was removed because it was past its retention, by class of data",
      labelNames: ["what"],
      registers: [options.metrics],
    });
  }

  start(): void {
    const run = (): void => {
      this.run().catch((error: unknown) =>
        this.#options.log.error(
          { err: error },
          "what is past its retention could not be removed; nothing was lost; trying again in an hour",
        ),
      );
    };
    this.#timers = [setTimeout(run, FIRST_MS), setInterval(run, RETENTION_MS)];
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** What was removed. Safe to repeat. */
  async run(): Promise<readonly RetentionRemoval[]> {
    const { ageNow, days, events, log, pictures, store } = this.#options;
    const at = ageNow();
    const removals: RetentionRemoval[] = [];
    for (const [what, kept_ms] of Object.entries(eventRetentions(days))) {
      const before = at - kept_ms;
      const count = events.forget(what, before);
      if (count > 0) removals.push({ at, what, before, count, unit: "events" });
    }
    const before = at - pictureRetention(days);
    const gone = pictures.forget(before);
    if (gone > 0) removals.push({ at, what: "pictures", before, count: gone, unit: "pictures" });
    // Without the engine, what is here is removed all the same.
    for (const removal of removals) this.#report(removal);
    const { removed, sealed, problems } = await store.maintain(at, pointRetention(days));
    for (const { tier, ...removal } of removed) {
      removals.push({ at, what: `points ${tier}`, ...removal });
      this.#report({ at, what: `points ${tier}`, ...removal });
    }
    if (sealed > 0) log.info({ sealed }, "days of points that are over were sealed");
    const isNew = problems.join() !== this.#problems.join();
    if (isNew) for (const problem of problems) log.warn(problem);
    this.#problems = problems;
    return removals;
  }

  /** What would go within the hour if data were kept for other days; nothing goes now. Points are told by their days. */
  async preview(other: RetentionDays): Promise<readonly RetentionLoss[]> {
    const { ageNow, events, pictures, store } = this.#options;
    const at = ageNow();
    const losses: RetentionLoss[] = Object.entries(eventRetentions(other)).map(([what, kept_ms]) => {
      const before = at - kept_ms;
      return { what, before, count: events.older(what, before), unit: "events" };
    });
    const before = at - pictureRetention(other);
    losses.push({ what: "pictures", before, count: pictures.older(before), unit: "pictures" });
    const oldest = (await store.bounds())?.from ?? at;
    const present = pointRetention(this.#options.days);
    for (const [tier, kept_ms] of Object.entries(pointRetention(other))) {
      // Of a tier that is kept as long as before, what is past its time is gone already.
      const from = Math.max(oldest, at - present[tier as keyof typeof present]);
      const days = Math.max(0, Math.ceil((at - kept_ms - from) / DAY_MS));
      losses.push({ what: `points ${tier}`, before: at - kept_ms, count: days, unit: "days" });
    }
    return losses.filter(({ count }) => count > 0);
  }

  view(): RetentionView {
    const { days, events } = this.#options;
    const classes = { ...eventRetentions(days), pictures: pictureRetention(days), ...pointsByName(days) };
    return {
      kept: Object.entries(classes).map(([what, kept_ms]) => ({ what, days: kept_ms / DAY_MS })),
      problems: this.#problems,
      removals: events.removals(),
    };
  }

  #report(removal: RetentionRemoval): void {
    const { events, log } = this.#options;
    const { what, count, before, unit } = removal;
    this.#removed.inc({ what }, count);
    events.remember(removal);
    log.info({ what, count, unit, before: new Date(before).toISOString() }, "removed: past its retention");
  }
}

function pointsByName(days: RetentionDays): Record<string, number> {
  return Object.fromEntries(
    Object.entries(pointRetention(days)).map(([tier, kept_ms]) => [`points ${tier}`, kept_ms]),
  );
}
