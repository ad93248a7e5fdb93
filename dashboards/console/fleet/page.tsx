import type { NodeView } from "@campus-ops/ingest/api";
import { Link } from "wouter";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { Select } from "../controls/select.tsx";
import { SortHeading, useSorting } from "../controls/sort-heading.tsx";
import { type SortValue, sortRows } from "../controls/sorting.ts";
import { TableFrame } from "../controls/table-frame.tsx";
import { inService } from "../devices/filter.ts";
import { OnlineWord } from "../devices/nodes.tsx";
import { numberText, percentText } from "../format/number.ts";
import { campusTitle } from "../format/place.ts";
import { spanText } from "../format/time.ts";
import { metricValueText } from "../format/value.ts";
import { useNow } from "../live/clock.ts";
import { useInventory, useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { edgeValue, isBox, versionOf } from "./boxes.ts";
import { LastUpdate } from "./last-update.tsx";
import { Topology } from "./topology.tsx";
import { FLEET_WORDS } from "./words.ts";
import "../region/region.css";
import "./fleet.css";

type Column =
  | "box"
  | "online"
  | "outbox"
  | "oldest"
  | "lost"
  | "completeness"
  | "clock"
  | "disk"
  | "certificate"
  | "version";

const METRIC_OF = {
  outbox: "Edge/OutboxRecords",
  oldest: "Edge/OldestUnacknowledged",
  clock: "Edge/ClockTrusted",
  disk: "Edge/DiskFree",
  certificate: "Edge/CertificateDays",
} as const;

/** Every edge box: is it there, does it get rid of what it holds, is its clock right, when does its certificate end. */
export default function FleetPage() {
  const { t, language, locale, local } = useSpeech();
  const words = useWords(FLEET_WORDS);
  const { inventory, query } = useInventory();
  const site = useSite();
  const { params, change } = useAddress();
  const campus = params.get("campus") ?? "";
  const nodes = [...inventory.nodes.values()]
    .filter((node) => isBox(node) && (campus === "" || node.campus === campus))
    .toSorted((a, b) => Number(a.online) - Number(b.online) || (a.key < b.key ? -1 : 1));
  const order = useSorting<Column>();
  const cellOf = (node: NodeView, column: Column): SortValue => {
    if (column === "box") return `${campusTitle(site, node.campus, language)} ${local(node.title)}`;
    if (column === "online") return Number(node.online);
    if (column === "lost") return node.samples.lost;
    if (column === "completeness") return completenessOf(node);
    if (column === "version") return versionOf(node);
    const value = edgeValue(node, METRIC_OF[column]);
    return value === null || value === "" ? undefined : Number(value);
  };
  const devicesOf = Map.groupBy(
    inService(inventory.devices.values()),
    (device) => `${device.campus}/${device.node}`,
  );
  const offline = nodes.filter(({ online }) => !online).length;
  const versions = new Set(nodes.map(versionOf)).size;
  return (
    <div className="overview">
      <header className="overview-header">
        <div>
          <h1>{words.title}</h1>
          {nodes.length > 0 && (
            <p className="quiet-note">
              {numberText(nodes.length, locale)} · {offline === 0 ? words.allOnline : words.offline(offline)}
              {versions > 1 && ` · ${words.versions(versions)}`}
            </p>
          )}
        </div>
        <div className="overview-controls no-print">
          <Select
            label={t.alarms.campus}
            value={campus}
            options={[
              { value: "", title: t.alarms.allCampuses },
              ...(site?.counties ?? []).flatMap(({ campuses }) =>
                campuses.map(({ id, title }) => ({ value: id as string, title: local(title) })),
              ),
            ]}
            onChange={(next) => change({ campus: next })}
          />
        </div>
      </header>
      {query.error !== null && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <p className="quiet-note">{t.loading}</p>}
      {query.isSuccess && nodes.length === 0 && <p className="empty">{words.empty}</p>}
      {nodes.length > 0 && (
        <TableFrame label={words.title}>
          <table className="table">
            <thead>
              <tr>
                <SortHeading column="box" of={order}>
                  {words.box}
                </SortHeading>
                <SortHeading column="online" of={order}>
                  {t.devices.health}
                </SortHeading>
                <SortHeading column="outbox" of={order} numeric>
                  {words.outbox}
                </SortHeading>
                <SortHeading column="oldest" of={order} numeric>
                  {words.oldest}
                </SortHeading>
                <SortHeading column="lost" of={order} numeric>
                  {words.lost}
                </SortHeading>
                <SortHeading column="completeness" of={order} numeric>
                  {words.completeness}
                </SortHeading>
                <SortHeading column="clock" of={order}>
                  {words.clock}
                </SortHeading>
                <SortHeading column="disk" of={order} numeric>
                  {words.disk}
                </SortHeading>
                <SortHeading column="certificate" of={order} numeric>
                  {words.certificate}
                </SortHeading>
                <SortHeading column="version" of={order}>
                  {words.version}
                </SortHeading>
                <th scope="col">
                  <Link href="/fleet/updates">{words.update}</Link>
                </th>
              </tr>
            </thead>
            <tbody>
              {sortRows(nodes, order.sorting, cellOf, locale).map((node) => (
                <BoxRow key={node.key} node={node} campus={campusTitle(site, node.campus, language)} />
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      {nodes.length > 0 && (
        <section>
          <h2>{words.topology}</h2>
          <p className="quiet-note">{words.choose}</p>
          <ul className="plain-list">
            {nodes.map((node) => {
              const devices = devicesOf.get(node.key) ?? [];
              const out = devices.filter(({ health }) => health !== "working").length;
              return (
                <li key={node.key}>
                  <details className="box-devices">
                    <summary>
                      {local(node.title)} · {campusTitle(site, node.campus, language)} · {words.devices}{" "}
                      {numberText(devices.length, locale)}
                      {out > 0 && <strong> · {words.devicesOut(out)}</strong>}
                    </summary>
                    <Topology devices={devices} />
                  </details>
                </li>
              );
            })}
          </ul>
        </section>
      )}
    </div>
  );
}

/** The part of the expected samples that arrived; undefined where none was expected. */
function completenessOf({ samples: { expected, received } }: NodeView): number | undefined {
  return expected === 0 ? undefined : Math.min(1, received / expected);
}

function BoxRow({ node, campus }: { readonly node: NodeView; readonly campus: string }) {
  const { t, language, locale, local } = useSpeech();
  const words = useWords(FLEET_WORDS);
  const now = useNow();
  const completeness = completenessOf(node);
  const shown = (name: string): string => metricValueText(name, edgeValue(node, name), language);
  const trusted = edgeValue(node, "Edge/ClockTrusted");
  const certificate = edgeValue(node, "Edge/CertificateDays");
  return (
    <tr>
      <th scope="row">
        <Link href={`/devices?view=nodes&device=${encodeURIComponent(node.key)}`}>{local(node.title)}</Link>{" "}
        <span className="quiet">{campus}</span>
      </th>
      <td>
        <OnlineWord online={node.online} /> <span className="quiet">{spanText(now - node.since, t)}</span>
        {node.twin !== undefined && <strong> · {t.node.twin}</strong>}
      </td>
      <td className="number value">{shown("Edge/OutboxRecords")}</td>
      <td className="number value">{shown("Edge/OldestUnacknowledged")}</td>
      <td className="number value">{numberText(node.samples.lost, locale)}</td>
      <td className="number value">{completeness === undefined ? "—" : percentText(completeness)}</td>
      <td>
        {trusted === null ? (
          "—"
        ) : trusted === true ? (
          words.clockTrusted
        ) : (
          <strong>{words.clockDoubted}</strong>
        )}
      </td>
      <td className="number value">{shown("Edge/DiskFree")}</td>
      <td className="number value">
        {certificate === null ? (
          <span className="quiet">{words.noCertificate}</span>
        ) : (
          words.days(numberText(Number(certificate), locale))
        )}
      </td>
      <td>{versionOf(node)}</td>
      <td>
        <LastUpdate node={node} />
      </td>
    </tr>
  );
}
