import { metricDefinition, UNITS } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceView } from "@campus-ops/ingest/api";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, useState } from "react";
import type { QueryRequest, QueryResult } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { LoadedPart } from "../controls/loaded-part.tsx";
import { Segmented } from "../controls/segmented.tsx";
import { Select } from "../controls/select.tsx";
import { metricTitle, metricValueText } from "../format/value.ts";
import { wallClock } from "../live/clock.ts";
import { postJson } from "../live/http.ts";
import { usePreference } from "../shell/preferences.ts";
import { useSpeech } from "../text/language.tsx";

const Chart = lazy(() => import("./chart.tsx"));

const HOUR_MS = 3_600_000;
/** Hours, with the width of a bucket that keeps a series to a few hundred points; the hour is shown raw. */
const RANGES = { "1": undefined, "6": 60_000, "24": 300_000 } as const;
type Hours = keyof typeof RANGES;
const REFRESH_MS = 10_000;

/** One numeric metric over time. The chart's code is loaded when there is something to draw. */
export function ChartPane({ device }: { readonly device: DeviceView }) {
  const { t, language } = useSpeech();
  const names = device.metrics
    .filter(({ name, value }) => isNumeric(name, value))
    .map(({ name }) => name)
    .toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b, "en", { numeric: true }));
  const [chosen, setChosen] = useState<string>();
  const [theme] = usePreference("theme");
  const [hours, setHours] = useState<Hours>("1");
  const metric = chosen ?? names[0];
  const query = useQuery({
    queryKey: ["history", device.key, metric, hours],
    enabled: metric !== undefined,
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const to = wallClock();
      const step = RANGES[hours];
      const request: QueryRequest = {
        metric: metric ?? "",
        device: device.key,
        from: to - Number(hours) * HOUR_MS,
        to,
        ...(step !== undefined && { step_ms: step, aggregation: "mean" }),
      };
      return postJson<QueryResult>("/api/v1/query", request, signal);
    },
  });
  if (metric === undefined) return null;
  const points = query.data?.series[0]?.points ?? [];
  const values = points.map(([, value]) => value);
  const inWords = (value: number | undefined): string => metricValueText(metric, value ?? null, language);
  const unit = metricDefinition(metric)?.unit;
  return (
    <section>
      <h3>{t.devices.chart}</h3>
      <div className="toolbar">
        <Select
          label={t.devices.chartMetric}
          value={metric}
          options={names.map((name) => ({ value: name, title: metricTitle(name, language) }))}
          onChange={setChosen}
        />
        <Segmented
          label={t.devices.chartRange}
          options={(Object.keys(RANGES) as Hours[]).map((value) => ({
            value,
            title: t.devices.chartHours(Number(value)),
          }))}
          value={hours}
          onChange={setHours}
        />
      </div>
      {query.error !== null && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && points.length === 0 && <p className="quiet-note">{t.devices.chartEmpty}</p>}
      {points.length > 0 && (
        <LoadedPart fallback={<p className="quiet-note">{t.loading}</p>}>
          <Chart
            key={theme}
            points={points}
            stepped={RANGES[hours] === undefined}
            title={metricTitle(metric, language)}
            unit={unit === undefined ? "" : UNITS[unit]}
          />
        </LoadedPart>
      )}
      {points.length > 0 && (
        <p className="footnote">
          {t.devices.chartSummary(
            inWords(values.reduce((a, b) => Math.min(a, b))),
            inWords(values.reduce((a, b) => Math.max(a, b))),
            inWords(values.at(-1)),
          )}
        </p>
      )}
      {query.data?.truncated === true && <p className="stale-note">{t.devices.chartTruncated}</p>}
    </section>
  );
}

/** 64-bit counters travel as decimal strings: what the dictionary gives a unit is a number. */
function isNumeric(name: string, value: unknown): boolean {
  const kind = metricDefinition(name)?.kind;
  return kind === "gauge" || kind === "counter" || (kind === undefined && typeof value === "number");
}

/** What the device measures comes before how it is reached. */
const rank = (name: string): number => (/^(Connectivity|System)\//.test(name) ? 1 : 0);
