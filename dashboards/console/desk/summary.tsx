import { Link } from "wouter";
import type { DeskSummary } from "../../api/api.ts";
import { PriorityBadge } from "../alarms/priority.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { shortPlaceText } from "../format/place.ts";
import { dayAndMinuteText } from "../format/time.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { DESK_WORDS } from "./words.ts";

/** What stands at a desk, as the platform wrote it down: the urgent first. */
export function SummaryTable({ summary }: { readonly summary: DeskSummary }) {
  const { t, language, locale, local } = useSpeech();
  const { handOver: words } = useWords(DESK_WORDS);
  const site = useSite();
  const { alarms, standing, unacknowledged } = summary;
  if (standing === 0) return <p>{words.standsNothing}</p>;
  return (
    <>
      <p>{words.counts(standing, unacknowledged)}</p>
      <TableFrame label={words.standsTitle}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{words.priority}</th>
              <th scope="col">{words.alarm}</th>
              <th scope="col">{words.place}</th>
              <th scope="col">{words.raised}</th>
              <th scope="col">{words.state}</th>
              <th scope="col">{words.remark}</th>
            </tr>
          </thead>
          <tbody>
            {alarms.map((alarm) => (
              <tr key={alarm.id}>
                <td className="nowrap">
                  <PriorityBadge priority={alarm.priority} calm={alarm.state !== "unacknowledged"} />{" "}
                  {t.priority[alarm.priority]}
                </td>
                <td>
                  <Link href={`/alarms?alarm=${encodeURIComponent(alarm.id)}`}>{local(alarm.title)}</Link>
                </td>
                <td>
                  {shortPlaceText(site, alarm.path, language)} · {local(alarm.device)}
                </td>
                <td className="figure">{dayAndMinuteText(alarm.raisedAt, locale)}</td>
                <td>{t.alarmState[alarm.state]}</td>
                <td>
                  {[
                    alarm.acknowledgedBy === undefined ? "" : words.acknowledgedBy(alarm.acknowledgedBy),
                    alarm.assignedTo === undefined ? "" : words.assignedTo(alarm.assignedTo),
                    alarm.shelvedUntil === undefined
                      ? ""
                      : words.shelvedUntil(dayAndMinuteText(alarm.shelvedUntil, locale)),
                    alarm.comment ?? "",
                  ]
                    .filter((part) => part !== "")
                    .join(" · ")}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      {standing > alarms.length && <p className="footnote">{words.more(standing - alarms.length)}</p>}
    </>
  );
}
