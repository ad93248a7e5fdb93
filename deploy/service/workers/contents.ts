/**
 * What a campus keeps that is too large for its tables, pictures for example: bytes by name, in PostgreSQL, where the next
 * holder and nobody else's rows find them. They are not copied at a change of hands, but read when they are asked for.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { holdFence, type Lease, OvertakenError } from "./leases.ts";
import { inTransaction, type Postgres } from "./postgres.ts";

/** One row: PostgreSQL keeps it whole in memory while it is read or written. */
const CHUNK_BYTES_MAX = 262_144;
const RETRY_MS = 1_000;

export interface ContentsEvents {
  /** PostgreSQL does not take it; it is tried again until it does. */
  readonly onAway: (error: unknown) => void;
}

export class Contents {
  readonly #postgres: Postgres;
  readonly #lease: Lease;
  readonly #events: ContentsEvents;
  readonly #closing = new AbortController();

  constructor(postgres: Postgres, lease: Lease, events: ContentsEvents) {
    this.#postgres = postgres;
    this.#lease = lease;
    this.#events = events;
  }

  /** Resolves once it is kept; rejects when it never will be: another worker has the campus, or this one ends. */
  async put(name: string, data: Uint8Array): Promise<void> {
    const { campus, role } = this.#lease;
    for (;;) {
      this.#closing.signal.throwIfAborted();
      try {
        await inTransaction(this.#postgres, async (connection) => {
          await holdFence(connection, this.#lease);
          await connection.query(
            "DELETE FROM campus_ops.contents WHERE role = $1 AND campus = $2 AND name = $3",
            [role, campus, name],
          );
          for (let at = 0, part = 0; at < data.length; at += CHUNK_BYTES_MAX, part += 1)
            await connection.query("INSERT INTO campus_ops.contents VALUES ($1, $2, $3, $4, $5)", [
              role,
              campus,
              name,
              part,
              Buffer.from(data.subarray(at, at + CHUNK_BYTES_MAX)),
            ]);
        });
        return;
      } catch (error) {
        if (error instanceof OvertakenError) throw error;
        this.#events.onAway(error);
        await sleep(RETRY_MS, undefined, { signal: this.#closing.signal });
      }
    }
  }

  /** Undefined when it is not there. Rejects while PostgreSQL is away. */
  async get(name: string): Promise<Buffer | undefined> {
    const { campus, role } = this.#lease;
    const { rows } = await this.#postgres.query<{ data: Buffer }>(
      "SELECT data FROM campus_ops.contents WHERE role = $1 AND campus = $2 AND name = $3 ORDER BY part",
      [role, campus, name],
    );
    return rows.length === 0 ? undefined : Buffer.concat(rows.map(({ data }) => data));
  }

  /** Removes all that is called otherwise. */
  async keep(names: readonly string[]): Promise<void> {
    const { campus, role } = this.#lease;
    await inTransaction(this.#postgres, async (connection) => {
      await holdFence(connection, this.#lease);
      await connection.query(
        "DELETE FROM campus_ops.contents WHERE role = $1 AND campus = $2 AND NOT name = ANY ($3::text[])",
        [role, campus, names],
      );
    });
  }

  /** What is not kept yet never will be. */
  close(): void {
    this.#closing.abort();
  }
}
