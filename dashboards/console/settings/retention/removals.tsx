import { useQuery } from "@tanstack/react-query";
import type { KeptView } from "../../../api/api.ts";
import { Failure } from "../../controls/failure.tsx";
import { TableFrame } from "../../controls/table-frame.tsx";
import { numberText } from "../../format/number.ts";
import { fullDateText } from "../../format/time.ts";
import { getJson } from "../../live/http.ts";
import { useSpeech, useWords } from "../../text/language.tsx";
import { nameOf, RETENTION_WORDS } from "./words.ts";

/** What the hub has removed because its time was over: the proof that it does, and that nothing else goes. */
export function Removals() {
  const { t, locale } = useSpeech();
  const words = useWords(RETENTION_WORDS);
  const { data, error, refetch } = useQuery({
    queryKey: ["retention"],
    queryFn: ({ signal }) => getJson<KeptView>("/api/v1/retention", signal),
  });
  const alarms = data?.kept.find(({ what }) => what === "alarms");
  return (
    <section>
      <h2>{words.removed}</h2>
      {alarms !== undefined && (
        <p className="quiet-note">{words.alarmsKept(numberText(alarms.days, locale))}</p>
      )}
      {error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <p className="quiet-note">{t.loading}</p>}
      {data?.removals.length === 0 && <p className="quiet-note">{words.noneRemoved}</p>}
      {data !== undefined && data.removals.length > 0 && (
        <TableFrame label={words.removed}>
          <table className="table">
            <thead>
              <tr>
                <th>{words.at}</th>
                <th>{words.what}</th>
                <th>{words.amount}</th>
                <th>{words.before}</th>
              </tr>
            </thead>
            <tbody>
              {data.removals.map(({ at, before, count, unit, what }) => (
                <tr key={`${what} ${at}`}>
                  <td className="nowrap">{fullDateText(at, locale)}</td>
                  <td>{nameOf(what, words)}</td>
                  <td className="nowrap">{`${numberText(count, locale)} ${words.units[unit]}`}</td>
                  <td className="nowrap">{fullDateText(before, locale)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </section>
  );
}
