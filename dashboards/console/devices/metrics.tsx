import { parseMetricName } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceHealth, MetricView } from "@campus-ops/ingest/api";
import { agoText, momentText } from "../format/time.ts";
import { capabilityTitle, metricTitle, metricValueText, qualityReason } from "../format/value.ts";
import { useNow } from "../live/clock.ts";
import { useSpeech } from "../text/language.tsx";
import { type Doubt, doubtAbout } from "./freshness.ts";

/** The last value of each metric by capability, with its age and whether to believe it. */
export function MetricTable({
  metrics,
  health,
  pageIsLive,
}: {
  readonly metrics: readonly MetricView[];
  readonly health: DeviceHealth;
  readonly pageIsLive: boolean;
}) {
  const { t, language } = useSpeech();
  if (metrics.length === 0) return <p className="quiet-note">{t.devices.noMetrics}</p>;
  const byCapability = Map.groupBy(metrics, ({ name }) => parseMetricName(name)?.capability ?? name);
  const link = linkDoubt(health, pageIsLive);
  const reasons = {
    page: t.devices.staleBecausePage,
    node: t.devices.staleBecauseNode,
    device: t.devices.staleBecauseDevice,
  };
  return (
    <>
      {link !== undefined && <p className="stale-note">{reasons[link]}</p>}
      <table className="table metric-table">
        <thead>
          <tr>
            <th scope="col">{t.devices.metric}</th>
            <th scope="col">{t.devices.value}</th>
            <th scope="col">{t.devices.quality}</th>
            <th scope="col">{t.devices.age}</th>
          </tr>
        </thead>
        {[...byCapability].map(([capability, group]) => (
          <tbody key={capability}>
            <tr className="metric-group">
              <th scope="rowgroup" colSpan={4}>
                {capabilityTitle(capability, language)}
              </th>
            </tr>
            {group.toSorted(byName).map((metric) => (
              <MetricRow key={metric.name} metric={metric} doubt={doubtAbout(metric, health, pageIsLive)} />
            ))}
          </tbody>
        ))}
      </table>
    </>
  );
}

function linkDoubt(health: DeviceHealth, pageIsLive: boolean): "page" | "node" | "device" | undefined {
  const doubt = doubtAbout({ quality: { status: "good" } }, health, pageIsLive);
  return doubt === "quality" ? undefined : doubt;
}

const byName = (a: MetricView, b: MetricView): number =>
  a.name.localeCompare(b.name, "en", { numeric: true });

function MetricRow({ metric, doubt }: { readonly metric: MetricView; readonly doubt: Doubt | undefined }) {
  const { t, language, locale } = useSpeech();
  const now = useNow();
  const reason = qualityReason(metric.quality, language);
  return (
    <tr data-doubt={doubt}>
      <th scope="row">{metricTitle(metric.name, language)}</th>
      <td className="metric-value">{metricValueText(metric.name, metric.value, language)}</td>
      <td>
        <span className="nowrap">{t.devices[metric.quality.status]}</span>
        {reason !== undefined && <span className="reason">{reason}</span>}
      </td>
      <td className="figure" title={momentText(metric.eventTime, now, locale)}>
        {agoText(metric.eventTime, now, t)}
      </td>
    </tr>
  );
}
