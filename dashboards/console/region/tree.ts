import type { Rollup, RollupCount } from "@campus-ops/device-profiles/vocabulary";
import type { RollupView } from "../../api/api.ts";
import { type Sorting, type SortValue, sortRows } from "../controls/sorting.ts";

/** The asset at `path`, or undefined when the tree does not have it. */
export function findPath(root: RollupView, path: string): RollupView | undefined {
  if (root.path === path) return root;
  const branch = root.children.find((child) => path === child.path || path.startsWith(`${child.path}/`));
  return branch && findPath(branch, path);
}

/** From the top down to `path`, itself included: what the breadcrumbs show. */
export function trail(root: RollupView, path: string): readonly RollupView[] {
  if (root.path === path) return [root];
  const branch = root.children.find((child) => path === child.path || path.startsWith(`${child.path}/`));
  return branch === undefined ? [] : [root, ...trail(branch, path)];
}

export function findCampus(root: RollupView, campus: string): RollupView | undefined {
  if (root.level === "campus") return root.path.endsWith(`/${campus}`) ? root : undefined;
  return root.children.map((child) => findCampus(child, campus)).find((found) => found !== undefined);
}

export const campusCount = (view: RollupView): number =>
  view.level === "campus" ? 1 : view.children.reduce((sum, child) => sum + campusCount(child), 0);

/** Counts that are not there are zero. */
export const countOf = (counts: Rollup, name: RollupCount): number => counts[name] ?? 0;

/** Active alarms of all four priorities. */
export const activeAlarms = (counts: Rollup): number =>
  countOf(counts, "alarms.priority1") +
  countOf(counts, "alarms.priority2") +
  countOf(counts, "alarms.priority3") +
  countOf(counts, "alarms.priority4");

/** The most urgent priority that has an active alarm. */
export const worstPriority = (counts: Rollup) =>
  ([1, 2, 3, 4] as const).find((priority) => countOf(counts, `alarms.priority${priority}`) > 0);

export interface Column {
  readonly id:
    | "name"
    | "intact"
    | "alarms"
    | "unacknowledged"
    | "raised"
    | "granted"
    | "refused"
    | "suspect"
    | "completeness";
  readonly value: (view: RollupView) => number | undefined;
}

export const COLUMNS: readonly Column[] = [
  { id: "intact", value: (view) => view.intactRate },
  { id: "alarms", value: ({ counts }) => activeAlarms(counts) },
  { id: "unacknowledged", value: ({ counts }) => countOf(counts, "alarms.unacknowledged") },
  { id: "raised", value: ({ counts }) => countOf(counts, "alarms.raised") },
  { id: "granted", value: ({ counts }) => countOf(counts, "access.granted") },
  { id: "refused", value: ({ counts }) => countOf(counts, "access.refused") },
  { id: "suspect", value: ({ counts }) => countOf(counts, "screening.suspect") },
  { id: "completeness", value: (view) => view.completeness },
];

/** Equals are in the order of their names. */
export function sortViews(
  views: readonly RollupView[],
  sorting: Sorting<Column["id"]> | undefined,
  nameOf: (view: RollupView) => string,
  locale: string,
): readonly RollupView[] {
  const byName = sortRows(views, { column: "name", descending: false }, nameOf, locale);
  const cellOf = (view: RollupView, column: Column["id"]): SortValue =>
    column === "name" ? nameOf(view) : COLUMNS.find(({ id }) => id === column)?.value(view);
  return sortRows(byName, sorting, cellOf, locale);
}
