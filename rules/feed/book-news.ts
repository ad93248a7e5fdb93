/** Tells those who wait that facts of an alarm have been committed. */
export class BookNews {
  #next = Promise.withResolvers<void>();

  /** Resolves at the next commit, or after that long. */
  async next(wait_ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, wait_ms);
    });
    await Promise.race([this.#next.promise, over]);
    clearTimeout(timer);
  }

  tell(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}
