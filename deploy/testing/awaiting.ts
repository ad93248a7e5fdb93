/** Waiting for something that somebody else will do, with a bound and a name, so that a failure says what did not come. */

export class DidNotHappenError extends Error {
  override readonly name = "DidNotHappenError";
}

/** Rejects with what was awaited when it does not come in time. */
export function within<T>(milliseconds: number, what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new DidNotHappenError(`${what}: did not happen within ${milliseconds} ms`)),
    milliseconds,
  );
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Things that happened, in order, and a way to wait for one that did or will. */
export class Happenings<T> {
  readonly all: T[] = [];
  readonly #waiting = new Set<(happening: T) => void>();

  add(happening: T): void {
    this.all.push(happening);
    for (const tell of [...this.#waiting]) tell(happening);
  }

  /** The first, seen already or to come, that `matches`; those before `since` (a count of {@link all}) are passed over. */
  async until(
    what: string,
    matches: (happening: T) => boolean,
    { milliseconds = 60_000, since = 0 }: { milliseconds?: number; since?: number } = {},
  ): Promise<T> {
    const seen = this.all.slice(since).find(matches);
    if (seen !== undefined) return seen;
    const { promise, resolve } = Promise.withResolvers<T>();
    const tell = (happening: T): void => {
      if (matches(happening)) resolve(happening);
    };
    this.#waiting.add(tell);
    return within(milliseconds, what, promise).finally(() => this.#waiting.delete(tell));
  }
}

const ASK_AGAIN_MS = 100;

/**
 * Asks until the answer is not undefined: for states that nobody announces. An answer that cannot be had (a process is
 * away) counts as none.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  milliseconds = 60_000,
): Promise<T> {
  const until = performance.now() + milliseconds;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > until) {
      throw new DidNotHappenError(`${what}: did not happen within ${milliseconds} ms`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}
