/** Who holds which campus: leases in PostgreSQL, by its clock, each with a number that every change of hands counts up. */
import { type Connection, inTransaction, type Postgres } from "./postgres.ts";

/** What workers do; a campus is held once for each. */
export type Role = "ingest" | "rules";

export interface Lease {
  readonly role: Role;
  readonly campus: string;
  /** Counts the changes of hands: whoever comes with an older one has been overtaken. */
  readonly fence: number;
}

export interface Holding {
  readonly role: Role;
  readonly campus: string;
  /** Where it answers; undefined until it does. */
  readonly address?: string;
}

/** Another worker has the campus. Nothing of what was to be written was. */
export class OvertakenError extends Error {
  override readonly name = "OvertakenError";
}

/** Any number; whoever makes tables holds it, as PostgreSQL's IF NOT EXISTS does not stand two at once. */
export const MAKING_LOCK = 7_281_935;

const TABLES = `
  CREATE SCHEMA IF NOT EXISTS campus_ops;
  CREATE TABLE IF NOT EXISTS campus_ops.workers (
    role text, id text, expires_at timestamptz NOT NULL, PRIMARY KEY (role, id));
  CREATE TABLE IF NOT EXISTS campus_ops.leases (
    role text, campus text, holder text NOT NULL, address text, fence bigint NOT NULL, expires_at timestamptz NOT NULL,
    PRIMARY KEY (role, campus));
  CREATE TABLE IF NOT EXISTS campus_ops.contents (
    role text, campus text, name text, part integer, data bytea NOT NULL, PRIMARY KEY (role, campus, name, part));
  CREATE TABLE IF NOT EXISTS campus_ops.databases (
    role text, campus text, name text, version integer NOT NULL, definition text NOT NULL, PRIMARY KEY (role, campus, name));
`;

export async function prepareLeases(postgres: Postgres): Promise<void> {
  await inTransaction(postgres, async (connection) => {
    await connection.query("SELECT pg_advisory_xact_lock($1)", [MAKING_LOCK]);
    await connection.query(TABLES);
  });
}

export interface Standing {
  /** Of the leases that were said to be held, those that still are. */
  readonly kept: readonly Lease[];
  /** Workers of this role that live, this one among them. */
  readonly workers: readonly string[];
  /** Campuses that somebody holds, by worker. */
  readonly held: ReadonlyMap<string, string>;
}

export class Leases {
  readonly #postgres: Postgres;
  readonly #role: Role;
  readonly #id: string;
  readonly #lease_ms: number;

  /** `id` is of this process alone, not of the one that ran here before it. */
  constructor(postgres: Postgres, role: Role, id: string, lease_ms: number) {
    this.#postgres = postgres;
    this.#role = role;
    this.#id = id;
    this.#lease_ms = lease_ms;
  }

  /** Says that this worker lives, and extends what it holds. */
  async renew(leases: readonly Lease[]): Promise<Standing> {
    const role = this.#role;
    await this.#postgres.query(
      `INSERT INTO campus_ops.workers VALUES ($1, $2, clock_timestamp() + $3 * interval '1 ms')
       ON CONFLICT (role, id) DO UPDATE SET expires_at = excluded.expires_at`,
      [role, this.#id, this.#lease_ms],
    );
    const kept = await this.#postgres.query<{ campus: string; fence: string }>(
      `UPDATE campus_ops.leases SET expires_at = clock_timestamp() + $4 * interval '1 ms'
       FROM unnest($2::text[], $3::bigint[]) AS own (campus, fence)
       WHERE leases.role = $1 AND leases.campus = own.campus AND leases.fence = own.fence
       RETURNING leases.campus, leases.fence`,
      [role, leases.map(({ campus }) => campus), leases.map(({ fence }) => fence), this.#lease_ms],
    );
    await this.#postgres.query(
      "DELETE FROM campus_ops.workers WHERE expires_at < clock_timestamp() - interval '1 hour'",
    );
    const workers = await this.#postgres.query<{ id: string }>(
      "SELECT id FROM campus_ops.workers WHERE role = $1 AND expires_at > clock_timestamp() ORDER BY id",
      [role],
    );
    const held = await this.#postgres.query<{ campus: string; holder: string }>(
      "SELECT campus, holder FROM campus_ops.leases WHERE role = $1 AND expires_at > clock_timestamp()",
      [role],
    );
    return {
      kept: kept.rows.map(({ campus, fence }) => ({ role, campus, fence: Number(fence) })),
      workers: workers.rows.map(({ id }) => id),
      held: new Map(held.rows.map(({ campus, holder }) => [campus, holder])),
    };
  }

  /** Undefined while another holds it. */
  async take(campus: string): Promise<Lease | undefined> {
    const { rows } = await this.#postgres.query<{ fence: string }>(
      `INSERT INTO campus_ops.leases AS leases VALUES ($1, $2, $3, NULL, 1, clock_timestamp() + $4 * interval '1 ms')
       ON CONFLICT (role, campus) DO UPDATE
         SET holder = excluded.holder, address = NULL, fence = leases.fence + 1, expires_at = excluded.expires_at
         WHERE leases.expires_at <= clock_timestamp()
       RETURNING fence`,
      [this.#role, campus, this.#id, this.#lease_ms],
    );
    const [row] = rows;
    return row === undefined ? undefined : { role: this.#role, campus, fence: Number(row.fence) };
  }

  /** From now on it answers there. Throws {@link OvertakenError}. */
  async answerAt({ role, campus, fence }: Lease, address: string): Promise<void> {
    const { rowCount } = await this.#postgres.query(
      "UPDATE campus_ops.leases SET address = $4 WHERE role = $1 AND campus = $2 AND fence = $3",
      [role, campus, fence, address],
    );
    if (rowCount === 0) throw overtaken({ role, campus, fence });
  }

  /** Anybody may take it at once. */
  async release({ role, campus, fence }: Lease): Promise<void> {
    await this.#postgres.query(
      `UPDATE campus_ops.leases SET expires_at = clock_timestamp(), address = NULL
       WHERE role = $1 AND campus = $2 AND fence = $3`,
      [role, campus, fence],
    );
  }

  /** This worker is no more. */
  async leave(): Promise<void> {
    await this.#postgres.query("DELETE FROM campus_ops.workers WHERE role = $1 AND id = $2", [
      this.#role,
      this.#id,
    ]);
  }
}

/** Within a transaction: nobody takes the campus before it ends. Throws {@link OvertakenError}. */
export async function holdFence(connection: Connection, lease: Lease): Promise<void> {
  const { rowCount } = await connection.query(
    "SELECT 1 FROM campus_ops.leases WHERE role = $1 AND campus = $2 AND fence = $3 FOR SHARE",
    [lease.role, lease.campus, lease.fence],
  );
  if (rowCount === 0) throw overtaken(lease);
}

/** Who holds what, and where it answers. */
export async function holdings(postgres: Postgres): Promise<readonly Holding[]> {
  const { rows } = await postgres.query<{ role: Role; campus: string; address: string | null }>(
    "SELECT role, campus, address FROM campus_ops.leases WHERE expires_at > clock_timestamp()",
  );
  return rows.map(({ role, campus, address }) => ({
    role,
    campus,
    ...(address === null ? {} : { address }),
  }));
}

function overtaken({ role, campus, fence }: Lease): OvertakenError {
  return new OvertakenError(
    `another worker has taken over ${role} of ${campus} since this one got it (fence ${fence}); nothing was written`,
  );
}
