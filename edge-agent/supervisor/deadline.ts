/**
 * Time limits on promises that may never settle. The signal asks the other side to stop; if it does not, it is
 * abandoned: its late result is ignored and nothing waits for it.
 */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

export async function withDeadline<T>(
  what: string,
  limit_ms: number,
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  /** Receives a result that came after it had been given up. */
  late?: (result: T) => void,
): Promise<T> {
  parent.throwIfAborted();
  const controller = new AbortController();
  return await new Promise<T>((resolve, reject) => {
    let settled = false;
    const giveUp = (reason: unknown): void => {
      if (settled) return;
      finish();
      reject(reason);
      controller.abort(reason);
    };
    const timer = setTimeout(
      () => giveUp(new DeadlineError(`${what} took longer than ${limit_ms} ms`)),
      limit_ms,
    );
    const onParent = (): void => giveUp(parent.reason);
    const finish = (): void => {
      settled = true;
      clearTimeout(timer);
      parent.removeEventListener("abort", onParent);
    };
    parent.addEventListener("abort", onParent, { once: true });
    // A driver may throw before it returns a promise.
    Promise.resolve()
      .then(() => work(controller.signal))
      .then(
        (result) => {
          if (settled) {
            late?.(result);
            return;
          }
          finish();
          resolve(result);
        },
        (error: unknown) => {
          if (settled) return;
          finish();
          reject(error);
        },
      );
  });
}

/** Resolves after `wait_ms`, or at once when `signal` aborts or `wake` resolves. */
export async function pause(wait_ms: number, signal: AbortSignal, wake?: Promise<unknown>): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, wait_ms);
    signal.addEventListener("abort", done, { once: true });
    wake?.then(done, done);
  });
}
