import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmFiguresView, FigureAlarm, RaisingView } from "@campus-ops/rules/api";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Link } from "wouter";
import { PriorityBadge } from "../alarms/priority.tsx";
import { Failure } from "../controls/failure.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { shortPlaceText } from "../format/place.ts";
import { dayAndMinuteText, spanText } from "../format/time.ts";
import { getJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { BUCKET_MS } from "./bars.ts";
import { FIGURE_WORDS, type FigureWords } from "./words.ts";

export type BehindName = keyof FigureWords["behind"];

export const isBehind = (name: string): name is BehindName => Object.hasOwn(FIGURE_WORDS.zh.behind, name);

interface Row extends FigureAlarm {
  readonly key: string;
  readonly figure: string;
}

/** The alarms that a figure is made of. */
export function Behind({
  view,
  behind,
  at,
}: {
  readonly view: AlarmFiguresView;
  readonly behind: BehindName;
  /** The ten minutes chosen. */
  readonly at: Timestamp;
}) {
  const { t, locale } = useSpeech();
  const words = useWords(FIGURE_WORDS);
  const heading = useRef<HTMLHeadingElement>(null);
  // Whoever opened a figure is taken to what opened.
  useEffect(() => {
    if (behind !== "bucket" || at > 0) heading.current?.focus();
  }, [behind, at]);
  const moment = (when: Timestamp): string => dayAndMinuteText(when, locale);
  const times = (each: FigureAlarm & { readonly times: number }): Row => ({
    ...each,
    key: each.id,
    figure: String(each.times),
  });
  const { all, standing } = view;
  const content = () => {
    switch (behind) {
      case "worst":
        return all.worst === undefined ? (
          <p>{words.none}</p>
        ) : (
          <Raisings from={all.worst.from} scope={view.scope} />
        );
      case "bucket":
        return <Raisings from={at} scope={view.scope} />;
      case "flood":
        return all.floods.length === 0 ? (
          <p>{words.none}</p>
        ) : (
          <ul className="plain-list figure">
            {all.floods.map(({ from, to }) => (
              <li key={from}>
                {words.until(moment(from), moment(to))} · {spanText(to - from, t)}
              </li>
            ))}
          </ul>
        );
      case "standing":
        return (
          <AlarmRows
            title={words.since}
            rows={standing.first.map((each) => ({ ...each, key: each.id, figure: moment(each.raisedAt) }))}
          />
        );
      case "chattering":
        return <AlarmRows title={words.times} rows={all.chattering.map(times)} />;
      case "frequent":
        return <AlarmRows title={words.times} rows={all.frequent.map(times)} />;
      case "slowest":
        return (
          <AlarmRows
            title={words.waited}
            rows={all.slowest.map((each) => ({
              ...each,
              key: `${each.id} ${each.raisedAt}`,
              figure: spanText(each.waited_ms, t),
            }))}
          />
        );
    }
  };
  return (
    <section>
      <h2 ref={heading} tabIndex={-1}>
        {words.behind[behind]}
      </h2>
      {content()}
    </section>
  );
}

function Raisings({ from, scope }: { readonly from: Timestamp; readonly scope: string }) {
  const { t, locale } = useSpeech();
  const words = useWords(FIGURE_WORDS);
  const query = useQuery({
    queryKey: ["raisings", scope, from],
    queryFn: ({ signal }) =>
      getJson<readonly RaisingView[]>(
        `/api/v1/raisings?${new URLSearchParams({ from: String(from), to: String(from + BUCKET_MS), scope })}`,
        signal,
      ),
  });
  if (query.error !== null) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <p className="quiet-note">{t.loading}</p>;
  return (
    <AlarmRows
      title={words.at}
      rows={query.data.map((each) => ({
        ...each,
        key: `${each.id} ${each.at}`,
        figure: dayAndMinuteText(each.at, locale),
      }))}
    />
  );
}

function AlarmRows({ title, rows }: { readonly title: string; readonly rows: readonly Row[] }) {
  const { t, language, local } = useSpeech();
  const words = useWords(FIGURE_WORDS);
  const site = useSite();
  if (rows.length === 0) return <p>{words.none}</p>;
  return (
    <TableFrame label={words.alarm}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{title}</th>
            <th scope="col">{words.priority}</th>
            <th scope="col">{words.alarm}</th>
            <th scope="col">{words.place}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <td className="figure">{row.figure}</td>
              <td className="nowrap">
                <PriorityBadge priority={row.priority} calm /> {t.priority[row.priority]}
              </td>
              <td>
                <Link href={`/alarms?state=all&alarm=${encodeURIComponent(row.id)}`}>{local(row.title)}</Link>
              </td>
              <td>
                {shortPlaceText(site, row.path, language)} · {local(row.device)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
