/** Says a thing at most once in a while, with how often it was not said: hostile input must not fill the disk with logs. */
import type { Log } from "@campus-ops/service";

export const REPEAT_MS_MIN = 10_000;
const KINDS_MAX = 64;

export class LimitedLog {
  readonly #log: Log;
  readonly #now: () => number;
  readonly #said = new Map<string, { at: number; held: number }>();

  constructor(log: Log, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  warn(kind: string, fields: Readonly<Record<string, unknown>>, message: string): void {
    const known = this.#said.get(kind);
    if (known !== undefined && this.#now() - known.at < REPEAT_MS_MIN) {
      known.held += 1;
      return;
    }
    if (known === undefined && this.#said.size >= KINDS_MAX) this.#said.clear();
    this.#said.set(kind, { at: this.#now(), held: 0 });
    this.#log.warn(known?.held ? { ...fields, notSaid: known.held } : fields, message);
  }
}
