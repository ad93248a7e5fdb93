import { useQuery } from "@tanstack/react-query";
import type { HealthFigure, ModelView } from "../../api/api.ts";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { periodFromAddress } from "../controls/period.ts";
import { PeriodChoice } from "../controls/period-choice.tsx";
import { Segmented } from "../controls/segmented.tsx";
import { Select } from "../controls/select.tsx";
import { numberText, percentText } from "../format/number.ts";
import { dayAndMinuteText, spanText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { Figure } from "../region/figures.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { ClassBandwidth } from "./bandwidth.tsx";
import { FailureRecords } from "./failures.tsx";
import { FigureTable } from "./figure-table.tsx";
import { ModelTable } from "./models.tsx";
import { HEALTH_WORDS } from "./words.ts";
import "../region/region.css";

const GROUPS = ["campus", "building", "class", "model", "device"] as const;

/** How devices have been over time: availability, time to repair, what fails most, with every failure behind it. */
export default function HealthPage() {
  const { t, locale, local } = useSpeech();
  const words = useWords(HEALTH_WORDS);
  const site = useSite();
  const { params, change } = useAddress();
  const period = periodFromAddress(params, useNow(), "week");
  const { from, to } = period;
  const scope = params.get("scope") ?? "";
  const group = GROUPS.find((each) => each === params.get("by")) ?? "campus";
  const hours = params.get("hours") === "school" ? "school" : "all";
  const asked = `from=${from}&to=${to}&scope=${encodeURIComponent(scope)}`;
  const figures = (by: string) => ({
    queryKey: ["health", "figures", asked, by, hours],
    queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
      getJson<readonly HealthFigure[]>(
        `/api/v1/health/figures?${asked}&groupBy=${by}&hours=${hours}`,
        signal,
      ),
  });
  const whole = useQuery(figures("none"));
  const grouped = useQuery(figures(group));
  const models = useQuery({
    queryKey: ["health", "models", asked],
    queryFn: ({ signal }) => getJson<readonly ModelView[]>(`/api/v1/health/models?${asked}`, signal),
  });
  const all = whole.data?.[0];
  const failure = whole.error ?? grouped.error ?? models.error;
  const number = (n: number): string => numberText(n, locale);
  const city = site?.city.code ?? "";

  return (
    <div className="overview">
      <header className="overview-header">
        <div>
          <h1>{words.title}</h1>
          <p className="quiet-note">
            {t.region.period(dayAndMinuteText(from, locale), dayAndMinuteText(to, locale))}
          </p>
        </div>
        <div className="overview-controls no-print">
          <Select
            label={t.alarms.campus}
            value={scope}
            options={[
              { value: "", title: t.alarms.allCampuses },
              ...(site?.counties ?? []).flatMap(({ code, campuses }) =>
                campuses.map(({ id, title }) => ({ value: `${city}/${code}/${id}`, title: local(title) })),
              ),
            ]}
            onChange={(next) => change({ scope: next })}
          />
          <Segmented
            label={words.hours}
            options={[
              { value: "all", title: words.allHours },
              { value: "school", title: words.schoolHours },
            ]}
            value={hours}
            onChange={(next) => change({ hours: next === "school" ? next : "" })}
          />
          <PeriodChoice period={period} />
          <a className="button" href={`/api/v1/health.xlsx?${asked}`} download>
            {words.export}
          </a>
          <button type="button" className="button" onClick={() => window.print()}>
            {words.print}
          </button>
        </div>
      </header>
      {failure !== null && (
        <Failure
          error={failure}
          onRetry={() => {
            for (const each of [whole, grouped, models]) if (each.error !== null) void each.refetch();
          }}
        />
      )}
      {whole.isPending && <p className="quiet-note">{t.loading}</p>}
      {whole.isSuccess && (all === undefined || all.devices === 0) && <p className="empty">{words.empty}</p>}
      {all !== undefined && all.devices > 0 && (
        <dl className="figures">
          <Figure
            title={words.availability}
            note={
              all.availabilityHigh === undefined
                ? undefined
                : words.availabilityNote(percentText(all.availabilityHigh))
            }
          >
            {all.availability === undefined ? "—" : percentText(all.availability)}
          </Figure>
          <Figure
            title={words.mttr}
            note={all.repairs === 0 ? words.mttrNone : words.mttrNote(number(all.repairs))}
          >
            {all.meanTimeToRepair_ms === undefined ? "—" : spanText(all.meanTimeToRepair_ms, t)}
          </Figure>
          <Figure
            title={words.failures}
            note={`${words.failuresNote(number(all.open))}；${words.interruptions(number(all.interruptions))}`}
          >
            {number(all.failures)}
          </Figure>
          <Figure
            title={words.completeness}
            note={[
              words.unknown(spanText(all.unknown_ms, t)),
              ...(all.lastKnown === undefined
                ? []
                : [words.lastKnown(dayAndMinuteText(all.lastKnown, locale))]),
            ].join(t.listSeparator)}
          >
            {percentText(all.completeness)}
          </Figure>
        </dl>
      )}
      {grouped.data !== undefined && grouped.data.length > 0 && (
        <section>
          <div className="overview-header">
            <h2>{words.title}</h2>
            <span className="no-print">
              <Segmented
                label={words.group}
                options={GROUPS.map((value) => ({ value, title: words.groups[value] }))}
                value={group}
                onChange={(by) => change({ by })}
              />
            </span>
          </div>
          <FigureTable figures={grouped.data} group={group} />
        </section>
      )}
      {models.data !== undefined && models.data.length > 0 && <ModelTable models={models.data} />}
      <ClassBandwidth asked={asked} />
      <FailureRecords asked={asked} />
    </div>
  );
}
