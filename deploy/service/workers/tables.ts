/**
 * A campus's SQLite tables as tables of PostgreSQL: a schema a file (`rules_use` for `use.sqlite` of rules), the same names, and
 * the campus as the first part of every key. What PostgreSQL's text cannot hold, the character of number 0, is written as
 * U+FFFD.
 */

import { MAKING_LOCK } from "./leases.ts";
import { quoted, rowKey, type Table, type TableChanges, type Value } from "./mirror.ts";
import { type Connection, inTransaction, type Postgres } from "./postgres.ts";

/** Rows in one statement at most. */
const ROWS_MAX = 5_000;

const TYPES: Readonly<Record<string, string>> = {
  INTEGER: "bigint",
  INT: "bigint",
  REAL: "double precision",
  TEXT: "text",
  BLOB: "bytea",
};

/** The schema of a file such as `use.sqlite`. */
export const schemaOf = (role: string, file: string): string =>
  `${role}_${file.replace(/\.sqlite$/, "").replaceAll(/[^a-z0-9]+/g, "_")}`;

function typeOf(table: Table, name: string, declared: string): string {
  const type = TYPES[declared];
  if (type === undefined)
    throw new Error(`column ${name} of ${table.name} is ${declared}, which no copy of it is made for`);
  return type;
}

const typesOf = (table: Table): readonly string[] =>
  table.columns.map(({ name, type }) => typeOf(table, name, type));

/**
 * Makes the tables, and the columns that a newer program added. In a transaction that does nothing else: a table that is
 * changed waits for all who write to it, and they must not wait for whoever changes it.
 */
export async function makeTables(
  postgres: Postgres,
  schema: string,
  tables: readonly Table[],
): Promise<void> {
  await inTransaction(postgres, async (connection) => {
    await connection.query("SELECT pg_advisory_xact_lock($1)", [MAKING_LOCK]);
    await connection.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
    const { rows } = await connection.query<{ table: string; column: string }>(
      `SELECT table_name AS table, column_name AS column FROM information_schema.columns WHERE table_schema = $1`,
      [schema],
    );
    const there = new Set(rows.map(({ column, table }) => `${table} ${column}`));
    const known = new Set(rows.map(({ table }) => table));
    for (const table of tables) {
      const name = `${quoted(schema)}.${quoted(table.name)}`;
      const types = typesOf(table);
      const columns = table.columns.map((column, index) => `${quoted(column.name)} ${types[index]}`);
      const key = ["_campus", ...rowKey(table).map((column) => quoted(column.name))].join(", ");
      if (!known.has(table.name))
        await connection.query(
          `CREATE TABLE ${name} (_campus text, ${columns.join(", ")}, PRIMARY KEY (${key}))`,
        );
      else
        for (const [index, column] of columns.entries())
          if (!there.has(`${table.name} ${table.columns[index]?.name}`))
            await connection.query(`ALTER TABLE ${name} ADD COLUMN ${column}`);
    }
  });
}

/** Deletes what the campus has in these tables. */
export async function emptyTables(
  connection: Connection,
  schema: string,
  tables: readonly Table[],
  campus: string,
): Promise<void> {
  for (const { name } of tables)
    await connection.query(`DELETE FROM ${quoted(schema)}.${quoted(name)} WHERE _campus = $1`, [campus]);
}

export async function writeChanges(
  connection: Connection,
  schema: string,
  campus: string,
  { table, written, deleted }: TableChanges,
): Promise<void> {
  const name = `${quoted(schema)}.${quoted(table.name)}`;
  const types = typesOf(table);
  const keys = rowKey(table);
  const keyTypes = keys.map((column) => typeOf(table, column.name, column.type));
  const others = table.columns.filter(({ key }) => key === 0).map((column) => quoted(column.name));
  const columns = table.columns.map((column) => quoted(column.name)).join(", ");
  const conflict =
    others.length === 0
      ? "DO NOTHING"
      : `DO UPDATE SET ${others.map((each) => `${each} = excluded.${each}`).join(", ")}`;
  const key = ["_campus", ...keys.map((column) => quoted(column.name))].join(", ");
  const insert = `INSERT INTO ${name} (_campus, ${columns}) SELECT $1, * FROM unnest(${places(types)})
    ON CONFLICT (${key}) ${conflict}`;
  for (const rows of pages([...written.values()]))
    await connection.query(insert, [campus, ...inColumns(rows, types.length)]);
  const matches = keys
    .map((column) => `own.${quoted(column.name)} = gone.${quoted(column.name)}`)
    .join(" AND ");
  const gone = keys.map((column) => quoted(column.name)).join(", ");
  const remove = `DELETE FROM ${name} AS own USING unnest(${places(keyTypes)}) AS gone (${gone})
    WHERE own._campus = $1 AND ${matches}`;
  for (const rows of pages([...deleted.values()]))
    await connection.query(remove, [campus, ...inColumns(rows, keyTypes.length)]);
}

/** All rows of a campus, some at a time, each in the order of the columns. */
export async function* readRows(
  connection: Connection,
  schema: string,
  campus: string,
  table: Table,
): AsyncGenerator<readonly (readonly Value[])[]> {
  const columns = table.columns.map(({ name }) => quoted(name)).join(", ");
  await connection.query({
    text: `DECLARE rows NO SCROLL CURSOR FOR SELECT ${columns} FROM ${quoted(schema)}.${quoted(table.name)} WHERE _campus = $1`,
    values: [campus],
  });
  try {
    for (;;) {
      const { rows } = await connection.query<unknown[]>({
        text: `FETCH ${ROWS_MAX} FROM rows`,
        rowMode: "array",
      });
      if (rows.length === 0) return;
      yield rows.map((row) => row.map((value, index) => fromPostgres(value, table.columns[index]?.type)));
    }
  } finally {
    await connection.query("CLOSE rows");
  }
}

const places = (types: readonly string[]): string =>
  types.map((type, index) => `$${index + 2}::${type}[]`).join(", ");

function* pages(rows: readonly (readonly Value[])[]): Generator<readonly (readonly Value[])[]> {
  for (let at = 0; at < rows.length; at += ROWS_MAX) yield rows.slice(at, at + ROWS_MAX);
}

const inColumns = (rows: readonly (readonly Value[])[], count: number): unknown[][] =>
  Array.from({ length: count }, (_, index) => rows.map((row) => toPostgres(row[index] ?? null)));

function toPostgres(value: Value): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string") return value.replaceAll("\0", "\uFFFD");
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}

/** PostgreSQL's driver answers with whole numbers as text, as they may be larger than JavaScript's. */
const fromPostgres = (value: unknown, declared: string | undefined): Value =>
  value !== null && (declared === "INTEGER" || declared === "INT") ? BigInt(String(value)) : (value as Value);
