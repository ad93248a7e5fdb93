/** Removes what is past its retention from the file of the alarms, and reports what went: in the log, as a metric, and as a record that stays. */
import { setImmediate } from "node:timers/promises";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { Counter, type Log, type Registry } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { AlarmRemoval, AlarmRetentionView } from "../api.ts";
import type { HistoryRows } from "../store/history-rows.ts";

const DAY_MS = 86_400_000;
export const RETENTION_MS = 3_600_000;
/** After the start, when the rush is over. */
const FIRST_MS = 120_000;
/** Occurrences of one transaction: alarms wait for no more than these. */
export const OCCURRENCES_A_TURN = 200;

/** A standard is examined over a year, and what rang in it is evidence; the law asks for six months. */
export const ALARM_DAYS_MIN = 366;

export interface RetentionSection {
  readonly alarmDays: number;
}

export const RETENTION_SCHEMA = {
  type: "object",
  additionalProperties: false,
  default: {},
  properties: {
    alarmDays: {
      type: "integer",
      minimum: ALARM_DAYS_MIN,
      maximum: 36_500,
      default: 1_096,
      description: "days that alarms, their evidence and what people did with them are kept after they ended",
    },
  },
} as const;

export interface RetentionOptions extends RetentionSection {
  readonly rows: HistoryRows;
  /** The time by which age is judged. */
  readonly ageNow: () => Timestamp;
  readonly log: Log;
  readonly metrics: Registry;
}

export class AlarmRetention {
  readonly #options: RetentionOptions;
  readonly #removed: Counter<"what">;
  readonly #stopping = new AbortController();
  #timers: NodeJS.Timeout[] = [];
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#removed = new Counter({
      name: "rules_retention_removed_total",
      help: "What was removed because it was past its retention, by class of data",
      labelNames: ["what"],
      registers: [options.metrics],
    });
  }

  start(): void {
    const run = (): void => {
      this.#running = this.run().catch((error: unknown) =>
        this.#options.log.error(
          { err: error },
          "alarms past their retention could not be removed; nothing was lost; trying again in an hour",
        ),
      );
    };
    this.#timers = [setTimeout(run, FIRST_MS), setInterval(run, RETENTION_MS)];
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#stopping.abort();
    await this.#running;
  }

  /** What was removed, and how much of each. Safe to repeat; between two turns everything else has its own. */
  async run(): Promise<readonly AlarmRemoval[]> {
    const { ageNow, alarmDays, log, rows } = this.#options;
    const at = ageNow();
    const before = at - alarmDays * DAY_MS;
    const gone = { alarms: 0, actions: 0 };
    while (!this.#stopping.signal.aborted) {
      const { actions, alarms } = rows.forget(before, OCCURRENCES_A_TURN);
      gone.alarms += alarms;
      gone.actions += actions;
      if (alarms < OCCURRENCES_A_TURN && actions < OCCURRENCES_A_TURN) break;
      await setImmediate();
    }
    const removals = (["alarms", "actions"] as const).flatMap((what): AlarmRemoval[] =>
      gone[what] === 0 ? [] : [{ at, what, before, count: gone[what] }],
    );
    for (const removal of removals) {
      const { count, what } = removal;
      rows.remember(removal);
      this.#removed.inc({ what }, count);
      log.info({ what, count, before: new Date(before).toISOString() }, "removed: past its retention");
    }
    return removals;
  }

  view(): AlarmRetentionView {
    const { alarmDays, rows } = this.#options;
    return { kept: [{ what: "alarms", days: alarmDays }], removals: rows.removals() };
  }
}

/** GET /retention → AlarmRetentionView */
export function retentionRoute(server: FastifyInstance, retention: Pick<AlarmRetention, "view">): void {
  server.get("/retention", (): AlarmRetentionView => retention.view());
}
