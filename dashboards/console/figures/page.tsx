import type { AlarmFiguresView } from "@campus-ops/rules/api";
import { useQuery } from "@tanstack/react-query";
import type { DeskView } from "../../api/api.ts";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { Select } from "../controls/select.tsx";
import { campusTitle } from "../format/place.ts";
import { dayAndMinuteText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { rangeBounds, rangeFromAddress } from "../region/range.ts";
import { RangeChoice } from "../region/range-choice.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { Behind, isBehind } from "./behind.tsx";
import { FigureCards } from "./cards.tsx";
import { LoadChart } from "./chart.tsx";
import { DeskTable, PriorityTable } from "./tables.tsx";
import { FIGURE_WORDS } from "./words.ts";
import "../desk/desk.css";
import "./figures.css";

/** An open range is looked at anew this often. */
const REFRESH_MS = 60_000;

/** How many alarms people had to deal with, and how they did; each figure opens into its alarms. */
export default function AlarmFiguresPage() {
  const { t, language, locale, local } = useSpeech();
  const words = useWords(FIGURE_WORDS);
  const site = useSite();
  const { params, change } = useAddress();
  const range = rangeFromAddress(params);
  const minute = Math.ceil(useNow() / REFRESH_MS) * REFRESH_MS;
  const { from, to = minute } = rangeBounds(range, minute);
  const scope = params.get("scope") ?? "";
  const figures = useQuery({
    queryKey: ["alarm-figures", scope, from, to],
    queryFn: ({ signal }) =>
      getJson<AlarmFiguresView>(
        `/api/v1/alarm-figures?${new URLSearchParams({ from: String(from), to: String(to), scope })}`,
        signal,
      ),
    placeholderData: (previous) => previous,
  });
  const desks = useQuery({
    queryKey: ["desks"],
    queryFn: ({ signal }) => getJson<readonly DeskView[]>("/api/v1/desks", signal),
  });
  const places =
    site?.counties.flatMap(({ code, campuses }) =>
      campuses.map(({ id, title }) => ({ value: `${site.city.code}/${code}/${id}`, title: local(title) })),
    ) ?? [];
  const deskTitle = (id: string): string => {
    const desk = desks.data?.find((each) => each.id === id);
    return desk === undefined ? campusTitle(site, id, language) : local(desk.title);
  };
  const asked = params.get("behind") ?? "";
  const { data } = figures;
  return (
    <div className="sheet">
      <header className="sheet-header">
        <h1>{words.title}</h1>
        <RangeChoice value={range} onChange={(next) => change({ range: next, behind: "", at: "" })} />
        <Select
          label={words.scope}
          value={scope}
          options={[{ value: "", title: words.everywhere }, ...places]}
          onChange={(next) => change({ scope: next, behind: "", at: "" })}
        />
      </header>
      {figures.error !== null && <Failure error={figures.error} onRetry={() => void figures.refetch()} />}
      {figures.isPending && <p className="quiet-note">{t.loading}</p>}
      {data !== undefined && (
        <>
          <p className="quiet-note">
            {words.until(dayAndMinuteText(data.from, locale), dayAndMinuteText(data.to, locale))}
          </p>
          {data.all.cut && <p role="alert">{words.cut}</p>}
          <FigureCards view={data} onOpen={(behind) => change({ behind, at: "" })} />
          {data.all.raised === 0 ? (
            <div className="empty">
              <strong>{words.nothingTitle}</strong>
              <p>{words.nothing}</p>
            </div>
          ) : (
            <LoadChart view={data} onOpen={(at) => change({ behind: "bucket", at: String(at) })} />
          )}
          {isBehind(asked) && <Behind view={data} behind={asked} at={Number(params.get("at"))} />}
          <div className="figure-tables">
            <PriorityTable view={data} />
            <DeskTable view={data} title={deskTitle} />
          </div>
          <p className="footnote">{words.note}</p>
        </>
      )}
    </div>
  );
}
