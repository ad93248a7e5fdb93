/**
 * What is received goes to the journal at once while its readers keep up. While they are behind, only what alarms are made of
 * does (events, states, births and deaths), and telemetry waits for its turn: `core/pace.ts` says how much of it goes on, and
 * `core/waiting-telemetry.ts` whose. What then has no room is kept by its sender where that numbers what it sends, and is lost
 * where it does not; both are counted.
 */
import type { NodeMessage } from "@campus-ops/broker/sparkplug";
import { dataClassRank } from "@campus-ops/device-profiles/vocabulary";
import { Pace } from "../core/pace.ts";
import { PreciousContent } from "../core/precious-content.ts";
import { WaitingTelemetry } from "../core/waiting-telemetry.ts";

/** How late the rules may be for telemetry's sake: alarms are half as late in a flood. */
export const RULES_BEHIND_MS_MAX = 500;
/** How late the projections may be: what pages show of devices is half as old in a flood. */
export const PROJECTIONS_BEHIND_MS_MAX = 5_000;
const LOOK_MS = 10;
const TELEMETRY_RANK = dataClassRank("telemetry");

export interface ReaderPlace {
  readonly name: string;
  /** The newest entry that it has taken. */
  readonly seq: number;
}

export interface ReceptionOptions {
  /** The journal's newest number. */
  readonly last: () => number;
  /** Projections of this process that write what they read. */
  readonly projections: () => Iterable<ReaderPlace>;
  /** To the journal. */
  readonly take: (message: NodeMessage) => void;
  /** Its sender has it until it is acknowledged. */
  readonly isNumbered: (message: NodeMessage) => boolean;
  /** It comes again. */
  readonly onWithheld: (message: NodeMessage) => void;
  /** It does not. */
  readonly onLeftOut: (message: NodeMessage) => void;
  /** Milliseconds that never step back. */
  readonly uptime_ms: () => number;
}

export class Reception {
  readonly #options: ReceptionOptions;
  readonly #pace = new Pace();
  readonly #waiting = new WaitingTelemetry();
  readonly #prompt = new PreciousContent((dataClass) => dataClassRank(dataClass) < TELEMETRY_RANK);
  #lookedAt = Number.NEGATIVE_INFINITY;
  #turning: NodeJS.Timeout | undefined;

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /** Messages that wait for their turn. */
  get waiting(): number {
    return this.#waiting.messages;
  }

  /** The rules have taken everything up to this entry. */
  rulesTook(seq: number): void {
    this.#pace.took("rules", seq, RULES_BEHIND_MS_MAX, this.#options.uptime_ms());
  }

  /** Messages must be given in order. */
  take(message: NodeMessage): void {
    const { take } = this.#options;
    this.#prompt.learn(message);
    this.#look();
    if (this.#waiting.messages === 0 && !this.#pace.isBehind) {
      take(message);
      return;
    }
    if (this.#prompt.isIn(message)) {
      // A record of an outbox is of one class: where it goes before telemetry, no metric is out of its order.
      if (!this.#options.isNumbered(message)) for (const each of this.#waiting.before(message)) take(each);
      take(message);
      return;
    }
    const displaced = this.#waiting.add(message, this.#options.isNumbered(message));
    if (displaced !== undefined) this.#displaced(displaced);
    this.#turning ??= setTimeout(() => this.#turn(), LOOK_MS);
  }

  /** Everything that waits goes to the journal. */
  stop(): void {
    clearTimeout(this.#turning);
    for (let next = this.#waiting.next(); next !== undefined; next = this.#waiting.next())
      this.#options.take(next);
  }

  #displaced(message: NodeMessage): void {
    const { isNumbered, onLeftOut, onWithheld } = this.#options;
    if (isNumbered(message)) onWithheld(message);
    else onLeftOut(message);
  }

  #turn(): void {
    this.#look();
    while (this.#waiting.messages > 0 && this.#pace.admit()) {
      const next = this.#waiting.next();
      if (next !== undefined) this.#options.take(next);
    }
    this.#turning = this.#waiting.messages > 0 ? setTimeout(() => this.#turn(), LOOK_MS) : undefined;
  }

  #look(): void {
    const at = this.#options.uptime_ms();
    if (at - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = at;
    for (const { name, seq } of this.#options.projections())
      this.#pace.took(name, seq, PROJECTIONS_BEHIND_MS_MAX, at);
    this.#pace.look(this.#options.last(), at);
  }
}
