/** InfluxQL, as 1.x, 2.x with a DBRP mapping and 3.x understand it. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { seriesParts } from "../../core/series-name.ts";

/** One series of an answer: https://docs.influxdata.com/influxdb/v1/tools/api/#query-http-endpoint */
export interface InfluxSeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (number | string | null)[])[];
}

export interface Selection {
  readonly metric: string;
  readonly from: Timestamp;
  readonly to: Timestamp;
  /** Of which any one must hold; all series of the metric when absent. */
  readonly tag?: { readonly name: "device" | "campus"; readonly values: readonly string[] };
}

export function identifier(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** `FROM … WHERE …` */
export function fromWhere({ metric, from, to, tag }: Selection): string {
  const { name, instance } = seriesParts(metric);
  const conditions = [
    `time >= ${from}ms AND time < ${to}ms`,
    // A series without the tag is one where the tag is empty.
    `instance = ${literal(instance ?? "")}`,
    ...(tag === undefined
      ? []
      : [`(${tag.values.map((value) => `${tag.name} = ${literal(value)}`).join(" OR ")})`]),
  ];
  return `FROM ${identifier(name)} WHERE ${conditions.join(" AND ")}`;
}

export function selectRaw(selection: Selection, limit: number): string {
  return `SELECT value ${fromWhere(selection)} GROUP BY device LIMIT ${limit}`;
}

export function selectBuckets(
  selection: Selection,
  functions: readonly string[],
  step_ms: number,
  by: "device" | "campus" | undefined,
): string {
  const columns = functions.map((each) => `${each}(value) AS ${each}_`).join(", ");
  return `SELECT ${columns} ${fromWhere(selection)} GROUP BY time(${step_ms}ms)${by === undefined ? "" : `, ${by}`} fill(none)`;
}
