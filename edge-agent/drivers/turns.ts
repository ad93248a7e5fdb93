/**
 * Who may use a line that carries one conversation at a time. Users are served in rotation, however many turns one of
 * them asks for: a unit that is polled twice as often, or slowly, does not push its neighbours off the bus.
 */
import { DriverError } from "./driver.ts";

/** Of one user. A session asks for one at a time; a poll and a command at once are two. */
export const TURNS_WAITING_MAX = 16;

interface Waiting {
  readonly signal: AbortSignal;
  grant(): void;
}

export class Turns {
  /** Users in the order in which they are served, each with what it waits for. */
  readonly #waiting = new Map<string, Waiting[]>();
  #taken = false;

  /**
   * Resolves when it is this user's turn, with what gives the turn back. Rejects with `timeout` when `signal` aborts
   * first, or when the user waits for {@link TURNS_WAITING_MAX} turns already: the line is then slower than its users.
   */
  async take(user: string, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw gaveUp(signal);
    if (this.#taken) await this.#wait(user, signal);
    this.#taken = true;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#taken = false;
      this.#next();
    };
  }

  #wait(user: string, signal: AbortSignal): Promise<void> {
    const queue = this.#waiting.get(user) ?? [];
    if (queue.length >= TURNS_WAITING_MAX) {
      const why = `${TURNS_WAITING_MAX} requests wait for the line already; poll less often`;
      return Promise.reject(new DriverError("timeout", why, { retry: true }));
    }
    this.#waiting.set(user, queue);
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        queue.splice(queue.indexOf(waiting), 1);
        if (queue.length === 0) this.#waiting.delete(user);
        reject(gaveUp(signal));
      };
      const waiting: Waiting = {
        signal,
        grant: () => {
          signal.removeEventListener("abort", giveUp);
          resolve();
        },
      };
      signal.addEventListener("abort", giveUp, { once: true });
      queue.push(waiting);
    });
  }

  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const [user, queue] = first;
    // To the end of the rotation, if there is more to do.
    this.#waiting.delete(user);
    const waiting = queue.shift();
    if (queue.length > 0) this.#waiting.set(user, queue);
    // Taken on behalf of who was waiting: nobody may come in between.
    this.#taken = true;
    waiting?.grant();
  }
}

function gaveUp(signal: AbortSignal): DriverError {
  return new DriverError("timeout", "gave up waiting for the line; others use it", {
    retry: true,
    cause: signal.reason,
  });
}
