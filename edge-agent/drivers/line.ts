import { setImmediate as networkHeard } from "node:timers/promises";

/**
 * Something that several devices share: a serial bus, the listening port that bus terminals call, a connection to
 * another broker. The first session that needs it opens it, the last that lets go closes it.
 */
export interface Lease<Line> {
  readonly line: Line;
  /** Lets go; a second call does nothing. Resolves when the line is closed, if this was its last user. */
  release(): Promise<void>;
}

interface Held<Line> {
  readonly opening: Promise<Line>;
  /** Absent while it is being opened. */
  line?: Line;
  users: number;
}

/** A line that says when it broke: whoever holds it lets go, and the next lease opens another. */
export interface BreakableLine {
  readonly ended: Error | undefined;
}

/**
 * Leases a line that is not known to be broken. The network is heard first: a connection that is gone by now would
 * otherwise be handed out as if it stood.
 */
export async function leaseUnbroken<Line extends BreakableLine>(
  lines: Lines<Line>,
  name: string,
  open: () => Promise<Line>,
): Promise<Lease<Line>> {
  const lease = await lines.lease(name, open);
  await networkHeard();
  if (lease.line.ended === undefined) return lease;
  lines.retire(name, lease.line);
  await lease.release();
  return await leaseUnbroken(lines, name, open);
}

export class Lines<Line> {
  readonly #close: (line: Line) => Promise<void>;
  readonly #held = new Map<string, Held<Line>>();
  /** Lines that are closing, by name: a port can be opened again only when it has been given back. */
  readonly #closing = new Map<string, Promise<void>>();

  constructor(close: (line: Line) => Promise<void>) {
    this.#close = close;
  }

  /**
   * The line called `name`, opened by `open` unless somebody holds it already. Rejects with what `open` rejects with,
   * for everybody who waited for it; the next lease tries again.
   */
  async lease(name: string, open: () => Promise<Line>): Promise<Lease<Line>> {
    const held = this.#held.get(name) ?? this.#hold(name, open);
    held.users += 1;
    try {
      const line = await held.opening;
      held.line = line;
      let released = false;
      return {
        line,
        release: async () => {
          if (released) return;
          released = true;
          await this.#leave(name, held, line);
        },
      };
    } catch (error) {
      held.users -= 1;
      if (this.#held.get(name) === held) this.#held.delete(name);
      throw error;
    }
  }

  /** Takes a line that broke out of use: who holds it keeps it until it lets go, the next lease opens a new one. */
  retire(name: string, line: Line): void {
    if (this.#held.get(name)?.line === line) this.#held.delete(name);
  }

  #hold(name: string, open: () => Promise<Line>): Held<Line> {
    const before = this.#closing.get(name) ?? Promise.resolve();
    const held: Held<Line> = { opening: before.then(open), users: 0 };
    this.#held.set(name, held);
    return held;
  }

  async #leave(name: string, held: Held<Line>, line: Line): Promise<void> {
    held.users -= 1;
    if (held.users > 0) return;
    if (this.#held.get(name) === held) this.#held.delete(name);
    const closed = this.#close(line)
      .catch(() => undefined)
      .finally(() => {
        if (this.#closing.get(name) === closed) this.#closing.delete(name);
      });
    this.#closing.set(name, closed);
    await closed;
  }
}
