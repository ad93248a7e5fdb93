import { useQuery } from "@tanstack/react-query";
import type { RoomUseView } from "../../api/api.ts";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { periodFromAddress } from "../controls/period.ts";
import { PeriodChoice } from "../controls/period-choice.tsx";
import { Select } from "../controls/select.tsx";
import { campusScope } from "../format/place.ts";
import { dayAndMinuteText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useMe } from "../live/me.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { UseRecords } from "./records.tsx";
import { UseTable } from "./table.tsx";
import { USE_WORDS } from "./words.ts";
import "../region/region.css";
import "./use.css";

/** Class-hours and utilisation of special rooms against what is asked; each figure opens into its records. */
export default function UsePage() {
  const { t, locale, local } = useSpeech();
  const words = useWords(USE_WORDS);
  const site = useSite();
  const { params, change } = useAddress();
  // A demonstration's school day is minutes long: a month of them is more days than are ever asked for.
  const period = periodFromAddress(params, useNow(), useMe()?.demonstration === true ? "day" : "month");
  const { from, to } = period;
  const query = useQuery({
    queryKey: ["use", from, to],
    queryFn: ({ signal }) => getJson<readonly RoomUseView[]>(`/api/v1/use?from=${from}&to=${to}`, signal),
    placeholderData: (previous) => previous,
  });
  const campus = params.get("campus") ?? "";
  const figures = (query.data ?? []).filter((each) => campus === "" || each.campus === campus);
  const chosen = figures.find((each) => each.type === params.get("type") && each.campus === params.get("of"));

  return (
    <div className="overview use">
      <header className="overview-header">
        <div>
          <h1>{words.title}</h1>
          <p className="quiet-note">
            {t.region.period(dayAndMinuteText(from, locale), dayAndMinuteText(to, locale))}
          </p>
        </div>
        <div className="overview-controls no-print">
          <Select
            label={words.campus}
            value={campus}
            options={[
              { value: "", title: words.allCampuses },
              ...(site?.counties ?? []).flatMap(({ campuses }) =>
                campuses.map(({ id, title }) => ({ value: id as string, title: local(title) })),
              ),
            ]}
            onChange={(next) => change({ campus: next, type: "", of: "" })}
          />
          <PeriodChoice period={period} />
          <a
            className="button"
            href={`/api/v1/use.xlsx?from=${from}&to=${to}&scope=${encodeURIComponent(campusScope(site, campus))}`}
            download
          >
            {words.export}
          </a>
          <button type="button" className="button" onClick={() => window.print()}>
            {words.print}
          </button>
        </div>
      </header>
      {query.error !== null && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <p className="quiet-note">{t.loading}</p>}
      {query.isSuccess && figures.length === 0 && (
        <p className="empty">
          <strong>{words.emptyTitle}</strong>
          <span>{words.emptyHint}</span>
        </p>
      )}
      {figures.length > 0 && (
        <>
          <UseTable
            figures={figures}
            chosen={chosen}
            onOpen={({ type, campus: of }) => change({ type, of, use: "" })}
          />
          <p className="footnote">{words.formula}</p>
          {chosen === undefined ? (
            <p className="quiet-note no-print">{words.chooseTitle}</p>
          ) : (
            <UseRecords key={`${chosen.campus} ${chosen.type}`} figure={chosen} from={from} to={to} />
          )}
        </>
      )}
    </div>
  );
}
