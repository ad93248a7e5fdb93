/** The embedded store's SQL. Names and times are bound; only numbers made here are written into the text. */
import type { Aggregation } from "../api.ts";

/** `last` and `first` of several devices at the same time: the device whose key sorts last, or first, decides. */
const AGGREGATES: Readonly<Record<Aggregation, string>> = {
  mean: "avg(value)",
  min: "min(value)",
  max: "max(value)",
  sum: "sum(value)",
  count: "count(*)",
  last: "arg_max(value, (time, device))",
  first: "arg_min(value, (time, device))",
};

/**
 * Of every (series, time) the value written last. What is sealed is older than what is hot: a point that came after its
 * day was sealed is hot until that day is sealed again. Series are told by number; the ranges of numbers and of devices
 * let whole blocks be passed over.
 */
function newestPoints(sealed: boolean, rewritten: boolean): string {
  const hot = `
    SELECT series AS id, time, value, written FROM hot
    WHERE time >= $from AND time < $to AND series BETWEEN $least_id AND $most_id
      AND series IN (SELECT id FROM chosen)`;
  const old = `
    UNION ALL
    SELECT chosen.id, epoch_ms(time)::DOUBLE AS time, value, -1 FROM read_parquet($files) AS sealed
    JOIN chosen ON chosen.device = sealed.device
    WHERE metric = $metric AND time >= make_timestamp($from_us) AND time < make_timestamp($to_us)
      AND sealed.device BETWEEN $least_device AND $most_device`;
  return `
    chosen AS (SELECT unnest($ids) AS id, unnest($devices) AS device, unnest($groups) AS grp),
    every AS (${hot}${sealed ? old : ""}),
    newest AS (${rewritten ? "SELECT id, time, arg_max(value, written) AS value FROM every GROUP BY id, time" : "FROM every"})`;
}

/** Rows of the number of the group, time and value. `rewritten`: some points may be there more than once. */
export function selectPoints(
  sealed: boolean,
  rewritten: boolean,
  limit: number,
  buckets?: { readonly step_ms: number; readonly aggregation: Aggregation },
): string {
  const points =
    buckets === undefined
      ? "SELECT grp, time, value FROM newest JOIN chosen USING (id) ORDER BY grp, time, device"
      : `SELECT grp, floor(time / ${buckets.step_ms}) * ${buckets.step_ms} AS bucket,
           ${AGGREGATES[buckets.aggregation]}::DOUBLE AS value
         FROM newest JOIN chosen USING (id) GROUP BY grp, bucket ORDER BY grp, bucket`;
  return `WITH ${newestPoints(sealed, rewritten)} ${points} LIMIT ${limit + 1}`;
}

/**
 * Rows of 0, time and value, of one series: told by its number and by its name, so that nothing is joined, and blocks of
 * sealed days are passed over by what they hold.
 */
export function selectOne(
  sealed: boolean,
  rewritten: boolean,
  limit: number,
  buckets?: { readonly step_ms: number; readonly aggregation: Aggregation },
): string {
  const old = `
      UNION ALL SELECT epoch_ms(time)::DOUBLE, value, -1 FROM read_parquet($files)
      WHERE metric = $metric AND device = $device
        AND time >= make_timestamp($from_us) AND time < make_timestamp($to_us)`;
  const newest = rewritten ? "time, arg_max(value, written) AS value" : "time, value";
  const points =
    buckets === undefined
      ? "SELECT 0, time, value FROM newest ORDER BY time"
      : `SELECT 0, floor(time / ${buckets.step_ms}) * ${buckets.step_ms} AS bucket,
           ${AGGREGATES[buckets.aggregation]}::DOUBLE
         FROM newest GROUP BY bucket ORDER BY bucket`;
  return `
    WITH every AS (
      SELECT time, value, written FROM hot WHERE series = $id AND time >= $from AND time < $to
      ${sealed ? old : ""}
    ),
    newest AS (SELECT '' AS device, ${newest} FROM every ${rewritten ? "GROUP BY time" : ""})
    ${points} LIMIT ${limit + 1}`;
}

/** Whether which device a point is of makes no difference to the figure. */
export const isOrderless = ({ aggregation }: { readonly aggregation: Aggregation }): boolean =>
  aggregation !== "first" && aggregation !== "last";

/**
 * Rows of 0, time and value: one figure a bucket over every series of a metric, without telling them apart. Only where no
 * point is there twice, and for what is {@link isOrderless}.
 */
export function selectWhole(
  sealed: boolean,
  limit: number,
  { step_ms, aggregation }: { readonly step_ms: number; readonly aggregation: Aggregation },
): string {
  const old = `
    UNION ALL SELECT epoch_ms(time)::DOUBLE, value FROM read_parquet($files)
    WHERE metric = $metric AND time >= make_timestamp($from_us) AND time < make_timestamp($to_us)`;
  return `
    WITH every AS (
      SELECT time, value FROM hot
      WHERE time >= $from AND time < $to AND series BETWEEN $least_id AND $most_id
        AND series IN (SELECT unnest($ids))
      ${sealed ? old : ""}
    )
    SELECT 0 AS grp, floor(time / ${step_ms}) * ${step_ms} AS bucket, ${AGGREGATES[aggregation]}::DOUBLE AS value
    FROM every GROUP BY bucket ORDER BY bucket LIMIT ${limit + 1}`;
}

/** The tier of a series, as its name says it; '' for raw points. See `core/series-name.ts`. */
export const TIER = "split_part(metric, ':', 2)";

/** One tier's points of a range of time, the newest value of each. */
export function selectTier(sealed: boolean): string {
  const old = `
      UNION ALL SELECT metric, device, epoch_ms(time)::DOUBLE, value, -1 FROM read_parquet($files)
      WHERE time >= make_timestamp($from_us) AND time < make_timestamp($to_us)`;
  return `
    SELECT metric, device, time, arg_max(value, written) AS value
    FROM (
      SELECT metric, device, time, value, written FROM hot JOIN series ON series.id = hot.series
      WHERE time >= $from AND time < $to AND written < $before AND ${TIER} = $tier
      ${sealed ? old : ""}
    )
    GROUP BY ALL`;
}

/**
 * Within some hours one series lies together: a question about one of them reads few blocks of a day, and one about an
 * hour of all of them does, too.
 */
const STRETCH_MS = 8 * 3_600_000;

export function selectDay(sealed: boolean): string {
  return `
    SELECT metric, device, make_timestamp_ms(time::BIGINT)::TIMESTAMP_MS AS time, value
    FROM (${selectTier(sealed)}) AS points
    ORDER BY metric, floor(points.time / ${STRETCH_MS}), device, points.time`;
}
