import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import type { FailureList } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { shortPlaceText } from "../format/place.ts";
import { momentText, spanText } from "../format/time.ts";
import { metricTitle } from "../format/value.ts";
import { useNow } from "../live/clock.ts";
import { getJson } from "../live/http.ts";
import { useInventory, useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { HEALTH_WORDS } from "./words.ts";

const ROWS = 100;

/** Every failure behind the figures, the newest first. */
export function FailureRecords({ asked }: { readonly asked: string }) {
  const { t, locale, language, local } = useSpeech();
  const words = useWords(HEALTH_WORDS);
  const site = useSite();
  const { inventory } = useInventory();
  const now = useNow();
  const [short, setShort] = useState(false);
  const query = useQuery({
    queryKey: ["health", "failures", asked],
    queryFn: ({ signal }) => getJson<FailureList>(`/api/v1/health/failures?${asked}`, signal),
  });
  const failures = (query.data?.failures ?? [])
    .filter(({ interruption }) => short || !interruption)
    .slice(0, ROWS);
  const titleOf = (key: string): string => {
    const device = inventory.devices.get(key);
    return device === undefined ? key : local(device.title);
  };
  return (
    <section>
      <div className="overview-header">
        <h2>{words.list}</h2>
        <label className="check no-print">
          <input type="checkbox" checked={short} onChange={({ target }) => setShort(target.checked)} />
          {words.showShort}
        </label>
      </div>
      {query.error !== null && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && failures.length === 0 && <p className="quiet-note">{words.noFailures}</p>}
      {failures.length > 0 && (
        <TableFrame label={words.list}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{words.name}</th>
                <th scope="col">{t.devices.health}</th>
                <th scope="col">{words.from}</th>
                <th scope="col">{words.lasted}</th>
              </tr>
            </thead>
            <tbody>
              {failures.map((each) => (
                <tr key={`${each.device} ${each.from}`}>
                  <th scope="row">
                    <Link href={`/devices?device=${encodeURIComponent(each.device)}`}>
                      {local(each.title)}
                    </Link>{" "}
                    <span className="quiet">{shortPlaceText(site, each.path, language)}</span>
                  </th>
                  <td>
                    {words.kind[each.kind]}{" "}
                    {each.faults.map((name) => metricTitle(name, language)).join(t.listSeparator)}{" "}
                    {each.upstream !== undefined && (
                      <span className="quiet">{words.because(titleOf(each.upstream))}</span>
                    )}
                  </td>
                  <td className="nowrap">{momentText(each.from, now, locale)}</td>
                  <td>
                    {each.to === undefined ? (
                      <strong>
                        {words.stillOpen} {spanText(now - each.from, t)}
                      </strong>
                    ) : (
                      spanText(each.to - each.from, t)
                    )}
                    {!each.exact && <span className="quiet"> · {words.inexact}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      {query.data?.truncated === true && <p className="stale-note">{words.truncated}</p>}
    </section>
  );
}
