/** From a request about a part of the asset tree to one about devices. */
import {
  type AssetLevel,
  type AssetPath,
  ancestorAt,
  isWithin,
} from "@campus-ops/device-profiles/vocabulary";
import type { Aggregation, QueryRequest } from "../api.ts";
import { campusOf } from "./series-name.ts";

export const QUERY_POINTS_MAX = 100_000;
export const QUERY_POINTS_DEFAULT = 10_000;
/** What a group is called when there is one group. */
export const ALL_KEY = "all";

export interface Locatable {
  readonly key: string;
  readonly path: AssetPath;
}

export interface QueryPlan {
  readonly metric: string;
  readonly groups: ReadonlyMap<string, string>;
  /** Campuses all of whose assets are in one and the same group, and that group. */
  readonly wholeCampuses: ReadonlyMap<string, string>;
  readonly from: number;
  readonly to: number;
  readonly buckets?: { readonly step_ms: number; readonly aggregation: Aggregation };
  readonly limit: number;
}

/** A device that lies above the level asked for (a box that serves a whole campus, by floor) is in no group. */
export function planQuery(request: QueryRequest, assets: Iterable<Locatable>): QueryPlan {
  const { metric, scope = "", device, from, to, step_ms, aggregation, groupBy = "device" } = request;
  const groups = new Map<string, string>();
  const campuses = new Map<string, string | undefined>();
  for (const { key, path } of assets) {
    const isAsked = device !== undefined ? key === device : isWithin(path, scope);
    const group = isAsked ? groupKey(groupBy, key, path) : undefined;
    if (group !== undefined) groups.set(key, group);
    const campus = campusOf(key);
    if (!campuses.has(campus)) campuses.set(campus, group);
    else if (campuses.get(campus) !== group) campuses.set(campus, undefined);
  }
  const wholeCampuses = new Map(
    [...campuses].filter((each): each is [string, string] => each[1] !== undefined),
  );
  return {
    metric,
    groups,
    wholeCampuses,
    from,
    to,
    limit: Math.min(request.limit ?? QUERY_POINTS_DEFAULT, QUERY_POINTS_MAX),
    ...(step_ms === undefined ? {} : { buckets: { step_ms, aggregation: aggregation ?? "mean" } }),
  };
}

function groupKey(groupBy: AssetLevel | "device" | "none", key: string, path: AssetPath): string | undefined {
  if (groupBy === "device") return key;
  return groupBy === "none" ? ALL_KEY : ancestorAt(path, groupBy);
}
