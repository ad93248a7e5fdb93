import type { AlarmDetail, AlarmView } from "@campus-ops/rules/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { PriorityBadge } from "../alarms/priority.tsx";
import { useAlarmAction } from "../alarms/use-action.ts";
import { Failure } from "../controls/failure.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { shortPlaceText } from "../format/place.ts";
import { dayAndMinuteText, spanText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson } from "../live/http.ts";
import { useAlarms, useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { SILENT_WORDS } from "./words.ts";

/** Of a long list so many are shown; the whole is counted. */
const SHOWN_MAX = 200;

export function AlarmsAside({
  title,
  alarms,
  action,
}: {
  readonly title: string;
  readonly alarms: readonly AlarmView[];
  readonly action?: "unshelve" | "return-to-service";
}) {
  const words = useWords(SILENT_WORDS);
  return (
    <section>
      <h2>
        {title} ({alarms.length})
      </h2>
      {alarms.length === 0 ? (
        <p className="quiet-note">{words.none}</p>
      ) : (
        <TableFrame label={title}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{words.alarm}</th>
                <th scope="col">{words.place}</th>
                <th scope="col">{words.until}</th>
                <th scope="col">{words.by}</th>
                <th scope="col">{words.reason}</th>
              </tr>
            </thead>
            <tbody>
              {alarms.slice(0, SHOWN_MAX).map((alarm) => (
                <Row key={alarm.id} alarm={alarm} action={action} />
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </section>
  );
}

const PUT_ASIDE: ReadonlySet<string> = new Set(["shelve", "remove-from-service"]);

function Row({
  alarm,
  action,
}: {
  readonly alarm: AlarmView;
  readonly action: "unshelve" | "return-to-service" | undefined;
}) {
  const { t, language, locale, local } = useSpeech();
  const words = useWords(SILENT_WORDS);
  const site = useSite();
  const now = useNow();
  const { alarms } = useAlarms();
  const mutation = useAlarmAction(alarm.id);
  const detail = useQuery({
    queryKey: ["alarm", alarm.id, alarm.updatedAt],
    enabled: action !== undefined,
    queryFn: ({ signal }) => getJson<AlarmDetail>(`/api/v1/alarms/${encodeURIComponent(alarm.id)}`, signal),
  });
  const aside = detail.data?.transitions.findLast(({ event }) => PUT_ASIDE.has(event));
  const cause = alarm.causeId === undefined ? undefined : alarms.get(alarm.causeId);
  return (
    <tr>
      <td>
        <PriorityBadge priority={alarm.priority} calm labelled />{" "}
        <Link href={`/alarms?state=all&alarm=${encodeURIComponent(alarm.id)}`}>{local(alarm.title)}</Link>
      </td>
      <td>
        {shortPlaceText(site, alarm.device.path, language)} · {local(alarm.device.title)}
      </td>
      <td className="figure">
        {alarm.shelvedUntil !== undefined
          ? `${dayAndMinuteText(alarm.shelvedUntil, locale)} · ${words.left(spanText(alarm.shelvedUntil - now, t))}`
          : action === "return-to-service"
            ? words.noEnd
            : ""}
      </td>
      <td>{aside?.by ?? ""}</td>
      <td>
        {aside?.comment ?? ""}
        {alarm.causeId !== undefined && (
          <Link href={`/alarms?state=all&alarm=${encodeURIComponent(alarm.causeId)}`}>
            {words.cause}: {cause === undefined ? alarm.causeId : local(cause.title)}
          </Link>
        )}
        {action !== undefined && (
          <button
            type="button"
            className="button"
            disabled={mutation.isPending}
            onClick={() => mutation.mutate({ action })}
          >
            {action === "unshelve" ? words.unshelve : words.returnToService}
          </button>
        )}
        {mutation.error !== null && <Failure error={mutation.error} title={words.failed} />}
      </td>
    </tr>
  );
}
