import type { DrillReport, DrillSteps } from "@campus-ops/rules/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";
import { Failure } from "../controls/failure.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { numberText } from "../format/number.ts";
import { placeText, shortPlaceText } from "../format/place.ts";
import { dayAndMinuteText, exactText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson, remove } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { DRILL_WORDS } from "./words.ts";

/** A drill that is under way is looked at again this often: messages and acknowledgements arrive in between. */
const LOOK_MS = 2_000;

/** Each alarm of a drill, and how long each step of its road took from the moment it happened. */
export function DrillReportView({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const { t, language, locale, local } = useSpeech();
  const words = useWords(DRILL_WORDS);
  const site = useSite();
  const now = useNow();
  const client = useQueryClient();
  const path = `/api/v1/drills/${encodeURIComponent(id)}`;
  const query = useQuery({
    queryKey: ["drills", id],
    queryFn: ({ signal }) => getJson<DrillReport>(path, signal),
    refetchInterval: ({ state }) => ((state.data?.until ?? now) >= now ? LOOK_MS : false),
  });
  const end = useMutation({
    mutationFn: () => remove(path),
    onSuccess: () => client.invalidateQueries({ queryKey: ["drills"] }),
  });
  const { data: drill } = query;
  if (query.error !== null) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  if (drill === undefined) return <p className="quiet-note">{t.loading}</p>;
  const running = drill.until > now;
  return (
    <article className="hand-over-record">
      <p className="not-printed record-buttons">
        <button type="button" className="button" onClick={onClose}>
          {words.back}
        </button>
        {running && (
          <button type="button" className="button" disabled={end.isPending} onClick={() => end.mutate()}>
            {words.end}
          </button>
        )}
        <button type="button" className="button" onClick={() => window.print()}>
          {words.print}
        </button>
      </p>
      {end.error !== null && <Failure error={end.error} title={words.failed} />}
      <h2>{drill.title}</h2>
      <p>
        {placeText(site, drill.path, language)} ·{" "}
        {words.until(dayAndMinuteText(drill.from, locale), dayAndMinuteText(drill.until, locale))} ·{" "}
        {words.by(drill.by)}
        {running && ` · ${words.running}`}
      </p>
      <div role="status">{drill.alarms.length === 0 && <p>{running ? words.waiting : words.noAlarm}</p>}</div>
      {drill.alarms.length > 0 && (
        <TableFrame label={words.title}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{words.alarm}</th>
                <th scope="col">{words.happened}</th>
                <th scope="col" className="number">
                  {words.toHub}
                </th>
                <th scope="col" className="number">
                  {words.toAlarm}
                </th>
                <th scope="col" className="number">
                  {words.toTold}
                </th>
                <th scope="col" className="number">
                  {words.toAcknowledged}
                </th>
              </tr>
            </thead>
            <tbody>
              {drill.alarms.map((steps) => (
                <tr key={`${steps.alarm} ${steps.occurrence}`}>
                  <td>
                    <Link href={`/alarms?state=all&alarm=${encodeURIComponent(steps.alarm)}`}>
                      {local(steps.title)}
                    </Link>{" "}
                    · {shortPlaceText(site, steps.device.path, language)} · {local(steps.device.title)}
                  </td>
                  <td className="figure">{exactText(steps.happenedAt, locale)}</td>
                  <Step steps={steps} at={steps.receivedAt} />
                  <Step steps={steps} at={steps.raisedAt} />
                  <Step steps={steps} at={steps.toldAt} />
                  <Step steps={steps} at={steps.acknowledgedAt} by={steps.acknowledgedBy} />
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </article>
  );
}

function Step({
  steps,
  at,
  by,
}: {
  readonly steps: DrillSteps;
  readonly at: number | undefined;
  readonly by?: string | undefined;
}) {
  const { locale } = useSpeech();
  const words = useWords(DRILL_WORDS);
  return (
    <td className="number">
      {at === undefined ? words.notYet : words.seconds(numberText((at - steps.happenedAt) / 1000, locale, 1))}
      {by !== undefined && <span className="quiet"> {words.acknowledgedBy(by)}</span>}
    </td>
  );
}
