/**
 * A campus that was examined is examined again by itself, as often as the standard asks. What was missed while the hub was
 * off is made up once when it runs again, over the time that it was due for.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { type Log, Problem } from "@campus-ops/service";
import { monthsLater } from "../core/standards/report.ts";
import type { ExaminationView } from "./api.ts";
import type { ExaminationStore } from "./examination-store.ts";
import type { Standards } from "./standards.ts";

/** After the start: what the journal holds is read first. */
const FIRST_MS = 60_000;
const LOOK_MS = 600_000;
/** Who examined, in a report that nobody asked for. */
export const BY_SCHEDULE = "定期检查 · schedule";

export interface ExaminationsOptions {
  readonly store: ExaminationStore;
  readonly standards: Pick<Standards, "list" | "examined" | "isAnswered">;
  readonly log: Log;
  readonly now: () => Timestamp;
}

export class Examinations {
  readonly #options: ExaminationsOptions;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: ExaminationsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#next(FIRST_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#working;
  }

  /** On demand, over the time asked for; the months that the standard is examined by, until now, unless said. */
  async examine(
    standard: string,
    asked: {
      readonly campus: string;
      readonly from?: Timestamp;
      readonly to?: Timestamp;
      readonly by: string;
    },
  ): Promise<ExaminationView> {
    const { store, standards, now } = this.#options;
    const { campus, by } = asked;
    const to = asked.to ?? now();
    const from = asked.from ?? monthsLater(to, -this.#months(standard));
    const made = await standards.examined(standard, { campus, from, to }, by);
    try {
      return store.keep({ ...made, by });
    } catch (error) {
      if (error instanceof RangeError)
        throw new Problem(
          409,
          "Too many examinations",
          error.message,
          "这所学校按此标准的检查已达上限，没有再做",
        );
      throw error;
    }
  }

  of(standard: string, campus: string): readonly ExaminationView[] {
    return this.#options.store.of(standard, campus);
  }

  /** The page as it was signed then. {@link Problem} 404 when there is none of that campus. */
  page(standard: string, number: number, campus: string): string {
    const found = this.#options.store.page(standard, number);
    if (found?.campus !== campus)
      throw new Problem(
        404,
        "No such examination",
        `${campus} has no examination ${number} by ${standard}`,
        `${campus} 没有按 ${standard} 的第 ${number} 次检查`,
      );
    return found.page;
  }

  /** Makes what is due; answers with how many those were. Safe to repeat. */
  async run(): Promise<number> {
    const { store, standards, log, now } = this.#options;
    let count = 0;
    for (const { standard, campus, at } of store.newest()) {
      const months = standards.list().find(({ id }) => id === standard)?.examinedEvery;
      if (months === undefined || this.#stopped) continue;
      const due = lastDue(at, months, now());
      if (due === undefined) continue;
      // What nobody can be asked now would be told as not verified.
      if (!(await standards.isAnswered())) return count;
      const made = await standards.examined(
        standard,
        { campus, from: monthsLater(due, -months), to: due },
        BY_SCHEDULE,
      );
      store.keep({ ...made, by: BY_SCHEDULE, due });
      count += 1;
      log.info(
        { standard, campus, due: new Date(due).toISOString(), completeness: made.report.completeness },
        "a campus was examined again, as its standard asks",
      );
    }
    return count;
  }

  #months(standard: string): number {
    const known = this.#options.standards.list().find(({ id }) => id === standard);
    if (known === undefined)
      throw new Problem(404, "No such standard", `there is no standard ${standard}`, `没有标准 ${standard}`);
    return known.examinedEvery;
  }

  #next(delay_ms: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#working = this.run()
        .then(() => undefined)
        .catch((error: unknown) =>
          this.#options.log.error(
            { err: error },
            "an examination that is due could not be made; trying again",
          ),
        )
        .finally(() => this.#next(LOOK_MS));
    }, delay_ms);
  }
}

/** The newest moment at which an examination was due and not made, `months` apart since `at`; undefined when none was. */
export function lastDue(at: Timestamp, months: number, now: Timestamp): Timestamp | undefined {
  let due: Timestamp | undefined;
  // From the first one on, so that a month's 31st does not wander to its 28th.
  for (let turn = 1; monthsLater(at, turn * months) <= now; turn += 1) due = monthsLater(at, turn * months);
  return due;
}
