import { type ReactNode, useState } from "react";
import { nextSorting, type Sorting } from "./sorting.ts";

export interface TableSorting<Column extends string> {
  readonly sorting: Sorting<Column> | undefined;
  readonly sortBy: (column: Column, largestFirst: boolean) => void;
}

/** The order of one table, for as long as it is open. */
export function useSorting<Column extends string>(initial?: Sorting<Column>): TableSorting<Column> {
  const [sorting, setSorting] = useState(initial);
  return {
    sorting,
    sortBy: (column, largestFirst) => setSorting((now) => nextSorting(now, column, largestFirst)),
  };
}

/** A column's heading, as a button that sorts by it. */
export function SortHeading<Column extends string>({
  column,
  of,
  numeric = false,
  className,
  children,
}: {
  readonly column: Column;
  readonly of: TableSorting<Column>;
  /** Figures stand at the end of their cell, and the largest come first. */
  readonly numeric?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  const { sorting, sortBy } = of;
  const sorted = sorting?.column === column;
  return (
    <th
      scope="col"
      className={[numeric ? "number" : "", className].filter(Boolean).join(" ") || undefined}
      aria-sort={sorted ? (sorting.descending ? "descending" : "ascending") : "none"}
    >
      <button type="button" className="sort-button" onClick={() => sortBy(column, numeric)}>
        {children}
        <span aria-hidden="true">{sorted ? (sorting.descending ? "↓" : "↑") : ""}</span>
      </button>
    </th>
  );
}
