/** Rows of a table in the order that its reader asked for. */

export interface Sorting<Column extends string> {
  readonly column: Column;
  readonly descending: boolean;
}

/** What a row is sorted by; undefined sorts last either way: what is not known is neither best nor worst. */
export type SortValue = number | string | undefined;

const collators = new Map<string, Intl.Collator>();

/** By pinyin or alphabet, and room 2 before room 10. */
function collatorOf(locale: string): Intl.Collator {
  const known = collators.get(locale) ?? new Intl.Collator(locale, { numeric: true });
  collators.set(locale, known);
  return known;
}

/** Rows that are equal in it stay in the order they came in; all do where nothing was asked for. */
export function sortRows<Row, Column extends string>(
  rows: readonly Row[],
  sorting: Sorting<Column> | undefined,
  cellOf: (row: Row, column: Column) => SortValue,
  locale: string,
): readonly Row[] {
  if (sorting === undefined) return rows;
  const { column, descending } = sorting;
  const { compare } = collatorOf(locale);
  const sign = descending ? -1 : 1;
  return rows
    .map((row) => ({ row, value: cellOf(row, column) }))
    .sort(({ value: a }, { value: b }) => {
      if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
      return sign * (typeof a === "number" && typeof b === "number" ? a - b : compare(String(a), String(b)));
    })
    .map(({ row }) => row);
}

/** A heading that was chosen again turns its order round; figures begin with the largest, names with the first. */
export const nextSorting = <Column extends string>(
  sorting: Sorting<Column> | undefined,
  column: Column,
  largestFirst: boolean,
): Sorting<Column> => ({
  column,
  descending: sorting?.column === column ? !sorting.descending : largestFirst,
});
