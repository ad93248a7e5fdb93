import type { RollupCount, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import type { RollupView } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { Segmented } from "../controls/segmented.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { numberText, percentText } from "../format/number.ts";
import { dateText, startOfDay } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson } from "../live/http.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { findPath } from "./tree.ts";
import { REGION_WORDS } from "./words.ts";

const DAYS = 7;
/** Today goes on; a day that is over does not change, but for what comes late. */
const TODAY_REFRESH_MS = 60_000;
const BAR_HEIGHT = 34;
const BAR_WIDTH = 16;

const SHOWN = [
  "alarms.raised",
  "access.granted",
  "access.refused",
  "screening.total",
  "completeness",
] as const satisfies readonly (RollupCount | "completeness")[];
type Shown = (typeof SHOWN)[number];

/** Day by day, an asset and each of those below it: figures of happenings, as the API folded them. */
export function Trend({ view }: { readonly view: RollupView }) {
  const { t, locale, local } = useSpeech();
  const words = useWords(REGION_WORDS);
  const today = startOfDay(useNow());
  const [shown, setShown] = useState<Shown>("alarms.raised");
  const days = Array.from({ length: DAYS }, (_, index) => startOfDay(today, DAYS - 1 - index));
  const queries = useQueries({
    queries: days.map((from) => ({
      queryKey: ["rollups", "day", from],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        getJson<RollupView>(`/api/v1/rollups?from=${from}&to=${startOfDay(from, -1)}`, signal),
      refetchInterval: from === today ? TODAY_REFRESH_MS : (false as const),
    })),
  });
  const failed = queries.find(({ error }) => error !== null);
  const valueOn = (index: number, path: string): number | undefined => {
    const root = queries[index]?.data;
    const found = root === undefined ? undefined : findPath(root, path);
    // Where nothing was expected, nothing is known: that is not the same as none.
    if (found?.completeness === undefined) return undefined;
    return shown === "completeness" ? found.completeness : (found.counts[shown] ?? 0);
  };
  const rows = [view, ...view.children].map((each) => ({
    view: each,
    values: days.map((_, index) => valueOn(index, each.path)),
  }));
  const text = (value: number | undefined): string => {
    if (value === undefined) return "—";
    return shown === "completeness" ? percentText(value) : numberText(value, locale);
  };
  return (
    <section>
      <div className="overview-header">
        <h2>{words.trend}</h2>
        <span className="no-print">
          <Segmented
            label={words.trendOf}
            options={SHOWN.map((value) => ({ value, title: words.counts[value] }))}
            value={shown}
            onChange={setShown}
          />
        </span>
      </div>
      {failed?.error != null && <Failure error={failed.error} onRetry={() => void failed.refetch()} />}
      <TableFrame label={`${words.trend} · ${words.counts[shown]}`}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.region.name}</th>
              <td />
              {days.map((day) => (
                <th key={day} scope="col" className="number">
                  {dateText(day, locale)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.view.path}>
                <th scope="row">
                  {row.view === view ? <strong>{local(view.title)}</strong> : local(row.view.title)}
                </th>
                <td>
                  <Bars values={row.values} days={days} />
                </td>
                {row.values.map((value, index) => (
                  <td key={days[index]} className="number value">
                    {text(value)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <p className="footnote">{words.trendNote}</p>
    </section>
  );
}

/** The row's own scale: it shows the course of one place, the numbers beside it compare places. */
function Bars({
  values,
  days,
}: {
  readonly values: readonly (number | undefined)[];
  readonly days: readonly Timestamp[];
}) {
  const top = Math.max(...values.map((value) => value ?? 0), Number.EPSILON);
  return (
    <svg
      className="trend-bars"
      width={BAR_WIDTH * DAYS}
      height={BAR_HEIGHT}
      viewBox={`0 0 ${BAR_WIDTH * DAYS} ${BAR_HEIGHT}`}
      aria-hidden="true"
    >
      {values.map((value, index) => {
        const height = ((value ?? 0) / top) * (BAR_HEIGHT - 2);
        return (
          value !== undefined && (
            <rect
              key={days[index]}
              x={index * BAR_WIDTH + 1}
              y={BAR_HEIGHT - height - 1}
              width={BAR_WIDTH - 3}
              height={height + 1}
            />
          )
        );
      })}
    </svg>
  );
}
