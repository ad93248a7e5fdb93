import { parseMetricName } from "@campus-ops/device-profiles/vocabulary";
import type { NodeView } from "@campus-ops/ingest/api";
import { Link } from "wouter";
import { TableFrame } from "../controls/table-frame.tsx";
import { numberText, percentText } from "../format/number.ts";
import { campusTitle, HUB_CAMPUS } from "../format/place.ts";
import { spanText } from "../format/time.ts";
import { metricValueText } from "../format/value.ts";
import { useNow } from "../live/clock.ts";
import { useConnection, useInventory, useSite } from "../live/live.tsx";
import { Icon } from "../shell/icons.tsx";
import { useSpeech } from "../text/language.tsx";
import { Fact } from "./detail.tsx";
import { MetricTable } from "./metrics.tsx";

export function OnlineWord({ online }: { readonly online: boolean }) {
  const { t } = useSpeech();
  return (
    <span className="health" data-health={online ? "working" : "unreachable"}>
      <Icon name={online ? "working" : "unreachable"} />
      {online ? t.node.online : t.node.offline}
    </span>
  );
}

export function NodeList({
  nodes,
  selected,
  onSelect,
}: {
  readonly nodes: readonly NodeView[];
  readonly selected: string;
  readonly onSelect: (key: string) => void;
}) {
  const { t, language, local } = useSpeech();
  const site = useSite();
  const outbox = ({ metrics }: NodeView) => metrics.find(({ name }) => name === "Edge/OutboxRecords");
  return (
    <TableFrame label={t.devices.nodes}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t.devices.health}</th>
            <th scope="col">{t.devices.name}</th>
            <th scope="col">{t.alarms.campus}</th>
            <th scope="col" className="number">
              {t.node.outbox}
            </th>
            <th scope="col" className="number">
              {t.node.lost}
            </th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <tr key={node.key} data-selected={node.key === selected}>
              <td>
                <OnlineWord online={node.online} />
              </td>
              <th scope="row">
                <button type="button" className="link-button" onClick={() => onSelect(node.key)}>
                  {local(node.title)}
                </button>
              </th>
              <td className="nowrap">{campusTitle(site, node.campus, language)}</td>
              <td className="number">
                {metricValueText("Edge/OutboxRecords", outbox(node)?.value ?? null, language)}
              </td>
              <td className="number">{node.samples.lost}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

export function NodeDetail({ nodeKey }: { readonly nodeKey: string }) {
  const { t, language, locale, local } = useSpeech();
  const { inventory } = useInventory();
  const site = useSite();
  const now = useNow();
  const pageIsLive = useConnection().state !== "lost";
  const node = inventory.nodes.get(nodeKey);
  if (node === undefined) return <p className="quiet-note">{t.devices.missing}</p>;
  const { expected, received, lost } = node.samples;
  const count = (n: number): string => numberText(n, locale);
  return (
    <article>
      <header className="detail-header">
        <div>
          <h2>{local(node.title)}</h2>
          <p className="detail-subtitle">
            <OnlineWord online={node.online} />
            <span>{t.devices.since(spanText(now - node.since, t))}</span>
          </p>
        </div>
      </header>
      <dl className="facts">
        <Fact title={t.alarms.campus}>
          {node.campus === HUB_CAMPUS ? (
            campusTitle(site, node.campus, language)
          ) : (
            <Link href={`/campus/${node.campus}`}>{campusTitle(site, node.campus, language)}</Link>
          )}
        </Fact>
        <Fact title={t.node.samples}>
          {count(expected)} {t.node.expected} · {count(received)} {t.node.received} · {count(lost)}{" "}
          {t.node.lost}
        </Fact>
        <Fact title={t.node.completeness}>
          {expected === 0 ? t.completeness.shortNone : percentText(Math.min(1, received / expected))}
        </Fact>
        {node.twin !== undefined && <Fact title={t.node.twin}>{t.node.twinAdvice}</Fact>}
      </dl>
      <section>
        <h3>{t.devices.metrics}</h3>
        <MetricTable
          metrics={node.metrics.filter(({ name }) => parseMetricName(name)?.capability !== "Properties")}
          health={node.online ? "working" : "stale"}
          pageIsLive={pageIsLive}
        />
      </section>
    </article>
  );
}
