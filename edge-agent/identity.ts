/** What the box does when its host says that it is not who it was, or not alone. */
import type { ReadCommand } from "@campus-ops/broker/sparkplug";
import type { Log } from "@campus-ops/service/process";
import type { Random } from "./core/backoff.ts";
import type { Clock, Instant } from "./core/clock.ts";
import type { Outbox } from "./outbox/outbox.ts";

/** How long a box stays away when its twin has taken its session over: each then has time to hand its records over. */
export const TWIN_WAIT_MS_MIN = 5 * 60_000;
export const TWIN_WAIT_MS_MAX = 10 * 60_000;
/** So long after the host last said so, the box takes itself to be one of two. */
export const TWIN_MEMORY_MS = 25 * 3_600_000;

export interface IdentityWatchOptions {
  readonly outbox: Pick<Outbox, "account" | "recall" | "renew">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The outbox has a new epoch: the host must hear of it in a birth before any record. */
  readonly onRenewed: () => void;
  /** More waits than the last birth said. */
  readonly onRecalled: () => void;
  /** The answer of {@link IdentityWatch.hasTwin} may have changed. */
  readonly onTwin: () => void;
}

export class IdentityWatch {
  readonly #options: IdentityWatchOptions;
  #twinAt_ms: number | undefined;
  /** Said in the present session. */
  #saidNow = false;

  constructor(options: IdentityWatchOptions) {
    this.#options = options;
  }

  heard({ dispute, recall, twin }: Pick<ReadCommand, "dispute" | "recall" | "twin">): void {
    if (twin !== undefined) this.#twin(twin);
    if (recall !== undefined) this.#recalled(recall);
    if (dispute !== undefined) this.#disputed(dispute);
  }

  hasTwin({ uptime_ms }: Instant): boolean {
    return this.#twinAt_ms !== undefined && uptime_ms - this.#twinAt_ms < TWIN_MEMORY_MS;
  }

  /** Asked once after each session. */
  stayAway_ms(): number {
    if (!this.#saidNow) return 0;
    this.#saidNow = false;
    return TWIN_WAIT_MS_MIN + this.#options.random() * (TWIN_WAIT_MS_MAX - TWIN_WAIT_MS_MIN);
  }

  #twin(epochs: readonly number[]): void {
    this.#twinAt_ms = this.#options.clock.instant().uptime_ms;
    this.#saidNow = true;
    this.#options.log.error(
      { epochs },
      "another box bears the identity of this one: the same campus and node id, and the same login. Both keep what " +
        "they have and take turns of some minutes. Switch one off, and set it up as a box of its own",
    );
    this.#options.onTwin();
  }

  #recalled({ epoch, runs }: NonNullable<ReadCommand["recall"]>): void {
    const { log, onRecalled, outbox } = this.#options;
    if (outbox.account().epoch !== epoch) return;
    const records = outbox.recall(runs);
    // What was given up long ago is missing at the host for good.
    if (records === 0) return;
    log.warn(
      { epoch, records },
      "the host has lost records that it had confirmed: it was put back from a backup. They were kept here, and are " +
        "sent again",
    );
    onRecalled();
  }

  #disputed({ epoch, held }: NonNullable<ReadCommand["dispute"]>): void {
    const { log, onRenewed, outbox } = this.#options;
    // Said again, or of an outbox that is no more.
    if (outbox.account().epoch !== epoch) return;
    try {
      outbox.renew();
    } catch (error) {
      log.error({ err: error }, "the outbox could not be numbered anew; nothing is acknowledged until it is");
      return;
    }
    log.error(
      { epoch, held, renewed: outbox.account().epoch },
      "the host holds records of this box that the box does not know of: it was restored from an old image, or " +
        "copied, or its disk lost what it had confirmed. What waits is sent under new numbers; what was recorded " +
        "since the image was made and not sent is lost, and the hub has been told so",
    );
    onRenewed();
  }
}
