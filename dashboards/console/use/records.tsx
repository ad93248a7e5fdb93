import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { RoomUseView, UseRecordView } from "../../api/api.ts";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { Segmented } from "../controls/segmented.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { numberText } from "../format/number.ts";
import { campusTitle, shortPlaceText } from "../format/place.ts";
import { clockText, dayAndMinuteText, spanText } from "../format/time.ts";
import { getJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { USE_WORDS } from "./words.ts";

/** Rows that are drawn at once: a term of lessons is thousands. */
const ROWS = 200;
const USES = ["used", "unused", "unknown", "waste"] as const;

/** Every record behind one figure, in order of time. */
export function UseRecords({
  figure,
  from,
  to,
}: {
  readonly figure: RoomUseView;
  readonly from: number;
  readonly to: number;
}) {
  const { t, locale, language, local } = useSpeech();
  const words = useWords(USE_WORDS);
  const site = useSite();
  const { params, change } = useAddress();
  const [shown, setShown] = useState(ROWS);
  const query = useQuery({
    queryKey: ["use", "records", figure.campus, figure.type, from, to],
    queryFn: ({ signal }) => {
      const asked = new URLSearchParams({
        campus: figure.campus,
        type: figure.type,
        from: String(from),
        to: String(to),
      });
      return getJson<readonly UseRecordView[]>(`/api/v1/use/records?${asked}`, signal);
    },
    placeholderData: (previous) => previous,
  });
  const use = USES.find((each) => each === params.get("use")) ?? "";
  const records = (query.data ?? []).filter((each) => use === "" || each.use === use);
  return (
    <section>
      <h2>
        {local(figure.title)} · {campusTitle(site, figure.campus, language)} · {words.records}
      </h2>
      <div className="toolbar no-print">
        <Segmented
          label={words.use}
          options={[
            { value: "", title: words.allUses },
            ...USES.map((value) => ({ value, title: words.uses[value] })),
          ]}
          value={use}
          onChange={(next) => change({ use: next })}
        />
        <span className="quiet-note" role="status">
          {words.shown(Math.min(shown, records.length), records.length)}
        </span>
      </div>
      {query.error !== null && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <p className="quiet-note">{t.loading}</p>}
      {query.isSuccess && records.length === 0 && <p className="quiet-note">{words.noRecords}</p>}
      {records.length > 0 && (
        <TableFrame label={words.records}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{words.when}</th>
                <th scope="col">{words.room}</th>
                <th scope="col">{words.class}</th>
                <th scope="col">{words.use}</th>
                <th scope="col" className="number">
                  {words.classHours}
                </th>
                <th scope="col" className="number">
                  {words.on}
                </th>
                <th scope="col">{words.evidence}</th>
              </tr>
            </thead>
            <tbody>
              {records.slice(0, shown).map((record) => (
                <tr key={`${record.room} ${record.from} ${record.use}`}>
                  <td className="nowrap">
                    {dayAndMinuteText(record.from, locale)} – {clockText(record.to).slice(0, 5)}
                    <span className="cell-note">
                      {record.period === undefined ? words.outside : words.period(record.period)}
                    </span>
                  </td>
                  <td>{shortPlaceText(site, record.room, language)}</td>
                  <td>
                    {[record.classes.join(t.listSeparator), record.subject].filter(Boolean).join(" · ")}
                  </td>
                  <td>{words.uses[record.use]}</td>
                  <td className="number value">{numberText(record.classHours, locale, 2)}</td>
                  <td className="number value">{record.on_ms === 0 ? "—" : spanText(record.on_ms, t)}</td>
                  <td>{record.evidence.map((each) => words.evidences[each]).join(t.listSeparator)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      {records.length > shown && (
        <button type="button" className="button no-print" onClick={() => setShown(shown + ROWS)}>
          {words.more(Math.min(ROWS, records.length - shown))}
        </button>
      )}
    </section>
  );
}
