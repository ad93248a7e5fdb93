/**
 * What committed transactions did to a SQLite file, row by row: for a copy of its tables elsewhere. SQLite's session
 * extension tells which rows were touched; their values are read at the commit.
 */
import type { DatabaseSync, Session, SQLInputValue, StatementSync } from "node:sqlite";
import { touchedKeys } from "./patchset.ts";

export type Value = SQLInputValue;

export interface Column {
  readonly name: string;
  /** As declared: `INTEGER`, `REAL`, `TEXT` or `BLOB`. */
  readonly type: string;
  /** Place in the primary key, from 1; 0 for the others. */
  readonly key: number;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
}

/** The newest state of the rows that were touched: whole rows that are there, keys of those that are not. */
export interface TableChanges {
  readonly table: Table;
  readonly written: ReadonlyMap<string, readonly Value[]>;
  readonly deleted: ReadonlyMap<string, readonly Value[]>;
}

interface Collected extends TableChanges {
  readonly written: Map<string, readonly Value[]>;
  readonly deleted: Map<string, readonly Value[]>;
}

/** The tables of a file and what made them. Each has a primary key: without one a row could not be told from another. */
export function tablesOf(db: DatabaseSync): readonly Table[] {
  const names = db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all();
  return names.map(({ name }) => {
    const columns = db
      .prepare("SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid")
      .all(String(name));
    if (!columns.some(({ pk }) => Number(pk) > 0))
      throw new Error(`table ${name} has no primary key, so no copy of it can be kept`);
    return {
      name: String(name),
      columns: columns.map((each) => ({
        name: String(each.name),
        type: String(each.type),
        key: Number(each.pk),
      })),
    };
  });
}

/** The statements that make such a file, tables first. */
export function definitionOf(db: DatabaseSync): string {
  return db
    .prepare(
      "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type <> 'table', name",
    )
    .all()
    .map(({ sql }) => `${sql};\n`)
    .join("");
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export class Mirror {
  readonly #db: DatabaseSync;
  #tables: ReadonlyMap<string, Table> | undefined;
  readonly #selects = new Map<string, StatementSync>();
  #session: Session;
  #collected = new Map<string, Collected>();

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#session = db.createSession();
  }

  /** Takes down what has been committed. Nothing happens inside of a transaction: it may still be taken back. */
  collect(): void {
    if (this.#db.isTransaction) return;
    const patchset = this.#session.patchset();
    if (patchset.byteLength === 0) return;
    this.#session.close();
    for (const { table: name, keys } of touchedKeys(patchset)) {
      const table = this.#described().get(name);
      if (table === undefined) throw new Error(`table ${name} was made after the first commit`);
      let changes = this.#collected.get(name);
      if (changes === undefined) {
        changes = { table, written: new Map(), deleted: new Map() };
        this.#collected.set(name, changes);
      }
      for (const key of keys) this.#take(changes, key);
    }
    this.#session = this.#db.createSession();
  }

  /** Every row that is there, as if it had just been written. */
  collectAll(): void {
    for (const table of this.#described().values()) {
      const statement = this.#db.prepare(`SELECT ${list(table)} FROM ${quoted(table.name)}`);
      statement.setReadBigInts(true);
      const keys = rowKey(table).map(({ name }) => name);
      const written = new Map<string, readonly Value[]>();
      for (const row of statement.iterate()) {
        const values = valuesOf(table, row);
        written.set(textOf(keys.map((name) => row[name] as Value)), values);
      }
      this.#collected.set(table.name, { table, written, deleted: new Map() });
    }
  }

  /** Rows that were collected and not taken. */
  get waiting(): number {
    let rows = 0;
    for (const { written, deleted } of this.#collected.values()) rows += written.size + deleted.size;
    return rows;
  }

  /** What was collected since the last time. */
  take(): readonly TableChanges[] {
    const taken = [...this.#collected.values()];
    this.#collected = new Map();
    return taken;
  }

  /** Not before they are asked for: whoever opened the file may still have added to its tables. */
  #described(): ReadonlyMap<string, Table> {
    this.#tables ??= new Map(tablesOf(this.#db).map((table) => [table.name, table]));
    return this.#tables;
  }

  #take({ table, written, deleted }: Collected, key: readonly Value[]): void {
    const id = textOf(key);
    const row = this.#select(table).get(...key);
    if (row === undefined) {
      written.delete(id);
      // By place in the row, as the patchset has it; keys elsewhere are asked for in the same order.
      deleted.set(id, key);
    } else {
      deleted.delete(id);
      written.set(id, valuesOf(table, row));
    }
  }

  #select(table: Table): StatementSync {
    let statement = this.#selects.get(table.name);
    if (statement === undefined) {
      const where = rowKey(table)
        .map(({ name }) => `${quoted(name)} = ?`)
        .join(" AND ");
      statement = this.#db.prepare(`SELECT ${list(table)} FROM ${quoted(table.name)} WHERE ${where}`);
      statement.setReadBigInts(true);
      this.#selects.set(table.name, statement);
    }
    return statement;
  }
}

/** The key's columns in the order of the row, which is the patchset's. */
export const rowKey = ({ columns }: Table): readonly Column[] => columns.filter(({ key }) => key > 0);

const list = ({ columns }: Table): string => columns.map(({ name }) => quoted(name)).join(", ");

const valuesOf = ({ columns }: Table, row: Record<string, unknown>): readonly Value[] =>
  columns.map(({ name }) => row[name] as Value);

const textOf = (key: readonly Value[]): string =>
  JSON.stringify(key, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value));
