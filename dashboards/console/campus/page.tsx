import { Link, Redirect, useLocation, useParams } from "wouter";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { Select } from "../controls/select.tsx";
import { inService } from "../devices/filter.ts";
import { campusOf } from "../format/place.ts";
import { dayAndMinuteText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { useInventory, useRollups, useSite } from "../live/live.tsx";
import { CompletenessWord, KeyFigures, PriorityCounts } from "../region/figures.tsx";
import { missingInWords } from "../region/missing.ts";
import { rangeBounds, rangeFromAddress } from "../region/range.ts";
import { RangeChoice } from "../region/range-choice.tsx";
import { findCampus } from "../region/tree.ts";
import { useSpeech } from "../text/language.tsx";
import { ClassHealthTable } from "./class-health.tsx";
import { CampusNodes } from "./nodes.tsx";
import "../region/region.css";

/** One campus: the figures it reports upward, and what stands behind them. */
export default function CampusPage() {
  const { t, locale, local } = useSpeech();
  const { campus: asked } = useParams<{ campus?: string }>();
  const site = useSite();
  const [, navigate] = useLocation();
  const { params, change } = useAddress();
  const range = rangeFromAddress(params);
  const { from, to } = rangeBounds(range, useNow());
  const query = useRollups(from, to);
  const { inventory, query: listed } = useInventory();

  const campuses = site?.counties.flatMap((county) => county.campuses) ?? [];
  const first = campuses[0];
  if (asked === undefined) {
    return first === undefined ? (
      <p className="quiet-note">{t.loading}</p>
    ) : (
      <Redirect to={`/campus/${first.id}`} replace />
    );
  }
  const campus = campusOf(site, asked);
  const view = query.data && findCampus(query.data, asked);
  const devices = inService(inventory.devices.values()).filter((device) => device.campus === asked);
  const nodes = [...inventory.nodes.values()].filter((node) => node.campus === asked);
  const offline = nodes.filter(({ online }) => !online).map(({ title }) => local(title));

  return (
    <div className="overview">
      <header className="overview-header">
        <div>
          <h1>{campus !== undefined ? local(campus.title) : site === undefined ? t.nav.campus : asked}</h1>
          {view !== undefined && (
            <p className="quiet-note">
              {t.region.period(dayAndMinuteText(view.from, locale), dayAndMinuteText(view.to, locale))}
            </p>
          )}
        </div>
        <div className="overview-controls">
          <Select
            label={t.campus.choose}
            value={asked}
            options={campuses.map(({ id, title }) => ({ value: id as string, title: local(title) }))}
            onChange={(id) => navigate(`/campus/${id}?${params}`)}
          />
          <RangeChoice value={range} onChange={(next) => change({ range: next === "today" ? "" : next })} />
        </div>
      </header>
      {query.error !== null && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <p className="quiet-note">{t.loading}</p>}
      {query.isSuccess && view === undefined && <p className="empty">{t.campus.noSuch}</p>}
      {view !== undefined && (
        <>
          <div className="overview-line">
            <PriorityCounts view={view} />
            <Link className="button" href={`/alarms?campus=${asked}`}>
              {t.campus.seeAlarms}
            </Link>
            <Link className="button" href={`/devices?campus=${asked}`}>
              {t.campus.seeDevices}
            </Link>
          </div>
          <KeyFigures view={view} />
          <section className="completeness-words">
            <strong>
              <CompletenessWord view={view} />
            </strong>{" "}
            {missingInWords(view.counts, t, locale).join(" ")}
            {offline.length > 0 && ` ${t.completeness.offline(offline.join(t.listSeparator))}`}
          </section>
        </>
      )}
      {listed.isSuccess && (
        <div className="overview-columns">
          <section>
            <h2>{t.campus.devicesByClass}</h2>
            {devices.length === 0 ? (
              <p className="quiet-note">{t.campus.noDevices}</p>
            ) : (
              <ClassHealthTable campus={asked} devices={devices} />
            )}
          </section>
          <section>
            <h2>{t.campus.nodes}</h2>
            <CampusNodes nodes={nodes} />
          </section>
        </div>
      )}
    </div>
  );
}
