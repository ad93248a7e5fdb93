/** A question put to the embedded store as one statement: the SQL that suits it, and what is bound to it. */
import {
  DOUBLE,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  LIST,
  listValue,
  VARCHAR,
} from "@duckdb/node-api";
import { isOrderless, selectOne, selectPoints, selectWhole } from "./embedded-query.ts";
import type { StoreQuery } from "./store.ts";

const VARCHARS = LIST(VARCHAR);
const INTEGERS = LIST(INTEGER);

/** Series of a question that there are, side by side. */
export interface ChosenSeries {
  readonly ids: readonly number[];
  readonly devices: readonly string[];
  /** The key of the group that each of them goes to. */
  readonly owners: readonly string[];
}

/** Where the points asked for lie. */
export interface Holding {
  /** Sealed days of the range. */
  readonly files: readonly string[];
  /** Some points may be there more than once. */
  readonly rewritten: boolean;
  /** How many series of the metric there are in all. */
  readonly seriesCount: number;
}

/** Answers with rows of the number of a group, time and value, in that order. */
export interface Statement {
  readonly sql: string;
  readonly values: Record<string, DuckDBValue>;
  readonly types: Record<string, DuckDBType>;
}

/** `keys`: of the groups, in order of their numbers. */
export function statementOf(
  { metric, from, to, buckets, limit }: StoreQuery,
  { ids, devices, owners }: ChosenSeries,
  keys: readonly string[],
  { files, rewritten, seriesCount }: Holding,
): Statement {
  const sealed = files.length > 0;
  const values = {
    ...{ from, to },
    ...(sealed ? { files: listValue([...files]), metric, from_us: from * 1_000, to_us: to * 1_000 } : {}),
  };
  const types = { from: DOUBLE, to: DOUBLE, ...(sealed ? { files: VARCHARS } : {}) };
  const [id, device] = [ids[0], devices[0]];
  if (id !== undefined && device !== undefined && ids.length === 1) {
    return {
      sql: selectOne(sealed, rewritten, limit, buckets),
      values: { ...values, id, ...(sealed ? { device } : {}) },
      types: { ...types, id: INTEGER },
    };
  }
  const [least_id, most_id] = boundsOf(ids);
  const chosen = { ids: listValue([...ids]), least_id, most_id };
  const chosenTypes = { ids: INTEGERS, least_id: INTEGER, most_id: INTEGER };
  const isWhole = keys.length === 1 && ids.length === seriesCount && !rewritten;
  if (isWhole && buckets !== undefined && isOrderless(buckets)) {
    return {
      sql: selectWhole(sealed, limit, buckets),
      values: { ...values, ...chosen },
      types: { ...types, ...chosenTypes },
    };
  }
  const numbers = new Map(keys.map((key, number) => [key, number]));
  const groups = listValue(owners.map((group) => numbers.get(group) ?? 0));
  const [least_device, most_device] = boundsOf(devices);
  return {
    sql: selectPoints(sealed, rewritten, limit, buckets),
    values: {
      ...{ ...values, ...chosen, groups, devices: listValue([...devices]) },
      ...(sealed ? { least_device, most_device } : {}),
    },
    types: { ...types, ...chosenTypes, groups: INTEGERS, devices: VARCHARS },
  };
}

function boundsOf<T extends string | number>(values: readonly T[]): readonly [least: T, most: T] {
  let [least] = values;
  let most = least;
  for (const value of values) {
    if (least === undefined || value < least) least = value;
    if (most === undefined || value > most) most = value;
  }
  if (least === undefined || most === undefined) throw new Error("there are no bounds of nothing");
  return [least, most];
}
