import { useQuery } from "@tanstack/react-query";
import type { StandardReport, StandardView } from "../../api/api.ts";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { periodFromAddress } from "../controls/period.ts";
import { PeriodChoice } from "../controls/period-choice.tsx";
import { Select } from "../controls/select.tsx";
import { campusTitle } from "../format/place.ts";
import { dayAndMinuteText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useMe } from "../live/me.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { Declarations } from "./declarations.tsx";
import { VerdictHistory } from "./history.tsx";
import { StandardItems } from "./items.tsx";
import { ReportSummary } from "./summary.tsx";
import { STANDARD_WORDS } from "./words.ts";
import "../region/region.css";
import "./standards.css";

/** A campus held against a standard: verdicts with their completeness, and the evidence behind each. */
export default function StandardsPage() {
  const { t, language, locale, local } = useSpeech();
  const words = useWords(STANDARD_WORDS);
  const site = useSite();
  const { params, change } = useAddress();
  const period = periodFromAddress(params, useNow(), useMe()?.demonstration === true ? "day" : "month");
  const { from, to } = period;
  const standards = useQuery({
    queryKey: ["standards"],
    queryFn: ({ signal }) => getJson<readonly StandardView[]>("/api/v1/standards", signal),
  });
  const campuses = site?.counties.flatMap((county) => county.campuses) ?? [];
  const standard = standards.data?.find(({ id }) => id === params.get("standard")) ?? standards.data?.[0];
  const campus = campuses.find(({ id }) => id === params.get("campus")) ?? campuses[0];
  const asked =
    standard === undefined || campus === undefined
      ? undefined
      : { base: `/api/v1/standards/${encodeURIComponent(standard.id)}`, campus: campus.id as string };
  const search = `campus=${encodeURIComponent(asked?.campus ?? "")}&from=${from}&to=${to}`;
  const report = useQuery({
    queryKey: ["standards", "report", asked?.base, asked?.campus, from, to],
    enabled: asked !== undefined,
    queryFn: ({ signal }) => getJson<StandardReport>(`${asked?.base}/report?${search}`, signal),
  });
  const failure = standards.error ?? report.error;
  return (
    <div className="overview standards">
      <header className="overview-header">
        <div>
          <h1>{standard === undefined ? words.title : local(standard.title)}</h1>
          <p className="quiet-note">
            {asked !== undefined && `${campusTitle(site, asked.campus, language)} · `}
            {t.region.period(dayAndMinuteText(from, locale), dayAndMinuteText(to, locale))}
          </p>
        </div>
        <div className="overview-controls no-print">
          <Select
            label={words.standard}
            value={standard?.id ?? ""}
            options={(standards.data ?? []).map(({ id, title }) => ({ value: id, title: local(title) }))}
            onChange={(id) => change({ standard: id, verdict: "" })}
          />
          <Select
            label={words.campus}
            value={campus?.id ?? ""}
            options={campuses.map(({ id, title }) => ({ value: id as string, title: local(title) }))}
            onChange={(id) => change({ campus: id })}
          />
          <PeriodChoice period={period} />
          <button type="button" className="button" onClick={() => window.print()}>
            {words.print}
          </button>
          {asked !== undefined && (
            <a className="button" href={`${asked.base}/report.xlsx?${search}`} download>
              {words.table}
            </a>
          )}
          {asked !== undefined && (
            <a className="button" href={`${asked.base}/report.html?${search}`} download>
              {words.signed}
            </a>
          )}
        </div>
      </header>
      {failure !== null && (
        <Failure
          error={failure}
          onRetry={() => void (standards.error === null ? report.refetch() : standards.refetch())}
        />
      )}
      {standards.isSuccess && standard === undefined && (
        <p className="empty">
          <strong>{words.emptyTitle}</strong>
          <span>{words.emptyHint}</span>
        </p>
      )}
      {(standards.isPending || (asked !== undefined && report.isPending)) && (
        <p className="quiet-note">{t.loading}</p>
      )}
      {asked !== undefined && standard !== undefined && report.data !== undefined && (
        <>
          <ReportSummary report={report.data} />
          <StandardItems report={report.data} standard={standard} base={asked.base} />
          <Declarations base={asked.base} campus={asked.campus} standard={standard} />
          <VerdictHistory base={asked.base} campus={asked.campus} items={report.data.items} />
        </>
      )}
    </div>
  );
}
