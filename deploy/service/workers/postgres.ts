/** Connections to what workers share. */
import { Pool, type PoolClient } from "pg";
import type { RelationalPlace } from "./relational.ts";

/** Connections of one process at the same time. */
const CONNECTIONS_MAX = 8;
const CONNECT_MS_MAX = 5_000;
const PORT = 5432;
/** A server that takes longer counts as away. */
const QUERY_MS_MAX = 60_000;

export type Postgres = Pool;
export type Connection = PoolClient;

/** Connects when first asked. `onProblem` hears of a connection that was lost while nobody used it. */
export function openPostgres(place: RelationalPlace, onProblem: (error: unknown) => void): Postgres {
  const { url, password, ca, lease_ms } = place;
  const { hostname, port, username, pathname } = new URL(url);
  const pool = new Pool({
    host: decodeURIComponent(hostname),
    port: port === "" ? PORT : Number(port),
    user: decodeURIComponent(username),
    database: decodeURIComponent(pathname.slice(1)),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ssl: { ca } }),
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    // A worker that stopped in the middle must not keep a lease's row from the one that takes over.
    idle_in_transaction_session_timeout: lease_ms,
    statement_timeout: QUERY_MS_MAX,
    application_name: "campus-ops",
    query_timeout: QUERY_MS_MAX,
    keepAlive: true,
  });
  pool.on("error", onProblem);
  return pool;
}

/** All of `work` or nothing of it. */
export async function inTransaction<T>(
  pool: Postgres,
  work: (connection: Connection) => Promise<T>,
  mode = "",
): Promise<T> {
  const connection = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  // One that is lost fails what is asked of it as well, and that is told.
  connection.on("error", onError);
  try {
    await connection.query(`BEGIN ${mode}`);
    const result = await work(connection);
    await connection.query("COMMIT");
    return result;
  } catch (error) {
    await connection.query("ROLLBACK").catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error(String(failure));
    });
    throw error;
  } finally {
    connection.off("error", onError);
    connection.release(broken);
  }
}
