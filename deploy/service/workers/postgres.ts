/** Where workers keep what they share: the section `relational` of a hub's configuration file, and connections to it. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Pool, type PoolClient } from "pg";
import { OperatorError } from "../lifecycle.ts";
import { readSecretFile } from "../secret-file.ts";

export const LEASE_SECONDS = 10;

export interface RelationalConfiguration {
  readonly kind: "embedded" | "postgres";
  /** The rest is for `postgres`. */
  readonly url?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
  readonly leaseSeconds: number;
  readonly tokenFile?: string;
}

export const RELATIONAL_SCHEMA = {
  type: "object",
  additionalProperties: false,
  default: {},
  description:
    "where alarms, registries and checkpoints are kept; with postgres, ingest and rules run as workers",
  properties: {
    kind: { enum: ["embedded", "postgres"], default: "embedded" },
    url: {
      type: "string",
      pattern: "^postgres(ql)?://[^:@/?]+@[^/?]+/[^/?]+$",
      description: "postgresql://user@host:5432/database; the password is in a file of its own",
    },
    passwordFile: { type: "string", minLength: 1, description: "holds the password, mode 0600" },
    caFile: {
      type: "string",
      minLength: 1,
      description: "who signed the server's certificate; connections are then encrypted and checked",
    },
    leaseSeconds: {
      type: "number",
      minimum: 2,
      maximum: 300,
      default: LEASE_SECONDS,
      description: "a worker that is not heard of for so long loses its campuses to the others",
    },
    tokenFile: {
      type: "string",
      minLength: 1,
      description:
        "holds what workers and console show each other over TCP, at least 32 characters, mode 0600",
    },
  },
  if: { properties: { kind: { const: "postgres" } }, required: ["kind"] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
  then: { properties: { url: { type: "string" } }, required: ["url"] },
} as const;

export interface RelationalPlace {
  readonly url: string;
  readonly password?: string;
  readonly ca?: string;
  readonly lease_ms: number;
  /** What workers and console show each other over TCP. */
  readonly token?: string;
}

/** A shorter one might be guessed. */
const TOKEN_CHARACTERS_MIN = 32;

/** Reads the secrets; undefined where all is embedded. `file` is the configuration. Throws {@link OperatorError}. */
export function relationalPlace(
  configuration: RelationalConfiguration,
  file: string,
): RelationalPlace | undefined {
  const { kind, url, passwordFile, caFile, tokenFile, leaseSeconds } = configuration;
  if (kind === "embedded" || url === undefined) return undefined;
  const beside = (path: string): string => resolve(dirname(file), path);
  const secret = (field: string, path: string): string => {
    const read = readSecretFile(beside(path));
    if ("problem" in read) throw new OperatorError(`${file}: relational.${field}: ${read.problem}`);
    return read.text;
  };
  const token = tokenFile === undefined ? undefined : secret("tokenFile", tokenFile);
  if (token !== undefined && token.length < TOKEN_CHARACTERS_MIN)
    throw new OperatorError(
      `${file}: relational.tokenFile: holds ${token.length} characters; at least ${TOKEN_CHARACTERS_MIN} are needed`,
    );
  return {
    url,
    ...(passwordFile === undefined ? {} : { password: secret("passwordFile", passwordFile) }),
    ...(caFile === undefined ? {} : { ca: readFileSync(beside(caFile), "utf8") }),
    lease_ms: leaseSeconds * 1_000,
    ...(token === undefined ? {} : { token }),
  };
}

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
