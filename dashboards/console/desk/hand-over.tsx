import { isWithin } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmView } from "@campus-ops/rules/api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { DeskSummary, DeskView, HandOverView } from "../../api/api.ts";
import { isUnacknowledged } from "../alarms/lifecycle.ts";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { Select } from "../controls/select.tsx";
import { dayAndMinuteText, momentText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson } from "../live/http.ts";
import { useAlarms } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { HandOverForm } from "./hand-over-form.tsx";
import { HandOverRecord } from "./record.tsx";
import { SummaryTable } from "./summary.tsx";
import { DESK_WORDS } from "./words.ts";
import "./desk.css";

/** The end of a shift: what stands, who takes it, and what stood at every hand-over before. */
export default function HandOverPage() {
  const { local } = useSpeech();
  const { handOver: words } = useWords(DESK_WORDS);
  const { params, change } = useAddress();
  const desks = useQuery({
    queryKey: ["desks"],
    queryFn: ({ signal }) => getJson<readonly DeskView[]>("/api/v1/desks", signal),
  });
  const desk = desks.data?.find(({ id }) => id === params.get("desk")) ?? desks.data?.[0];
  return (
    <div className="sheet">
      <header className="sheet-header">
        <h1>{words.title}</h1>
        {desk !== undefined && (
          <Select
            label={words.desk}
            value={desk.id}
            options={(desks.data ?? []).map(({ id, title }) => ({ value: id, title: local(title) }))}
            onChange={(id) => change({ desk: id, record: "" })}
          />
        )}
      </header>
      {desks.error !== null && <Failure error={desks.error} onRetry={() => void desks.refetch()} />}
      {desks.data?.length === 0 && (
        <div className="empty">
          <strong>{words.noDesksTitle}</strong>
          <p>{words.noDesks}</p>
        </div>
      )}
      {desk !== undefined && <DeskOfShift key={desk.id} desk={desk} />}
    </div>
  );
}

function DeskOfShift({ desk }: { readonly desk: DeskView }) {
  const { t, locale } = useSpeech();
  const { handOver: words } = useWords(DESK_WORDS);
  const { params, change } = useAddress();
  const now = useNow();
  const client = useQueryClient();
  const { alarms } = useAlarms();
  const path = `/api/v1/desks/${encodeURIComponent(desk.id)}`;
  const own = [...alarms.values()].filter((alarm) => belongsTo(desk, alarm));
  const summary = useQuery({
    // Written anew whenever an alarm of this desk changes.
    queryKey: ["desk-summary", desk.id, Math.max(0, ...own.map(({ updatedAt }) => updatedAt))],
    queryFn: ({ signal }) => getJson<DeskSummary>(`${path}/summary`, signal),
    placeholderData: (previous) => previous,
  });
  const history = useQuery({
    queryKey: ["hand-overs", desk.id],
    queryFn: ({ signal }) => getJson<readonly HandOverView[]>(`${path}/hand-overs`, signal),
  });
  const record = history.data?.find(({ id }) => String(id) === params.get("record"));
  const red = own.filter((alarm) => alarm.priority === 1 && isUnacknowledged(alarm));

  if (record !== undefined)
    return <HandOverRecord record={record} desk={desk} onClose={() => change({ record: "" })} />;
  return (
    <>
      <p className="quiet-note">
        {desk.held === undefined
          ? words.heldByNobody
          : words.heldBy(desk.held.by, momentText(desk.held.since, now, locale))}
      </p>
      <section>
        <h2>{words.standsTitle}</h2>
        {summary.error !== null && <Failure error={summary.error} onRetry={() => void summary.refetch()} />}
        {summary.isPending && <p className="quiet-note">{t.loading}</p>}
        {summary.data !== undefined && <SummaryTable summary={summary.data} />}
      </section>
      <HandOverForm
        desk={desk}
        red={red}
        onDone={(done) => {
          void client.invalidateQueries({ queryKey: ["desks"] });
          void client.invalidateQueries({ queryKey: ["hand-overs", desk.id] });
          change({ record: String(done.id) });
        }}
      />
      <section>
        <h2>{words.historyTitle}</h2>
        {history.error !== null && <Failure error={history.error} onRetry={() => void history.refetch()} />}
        {history.data?.length === 0 && <p className="quiet-note">{words.historyNone}</p>}
        <ul className="hand-overs">
          {history.data?.map((each) => (
            <li key={each.id}>
              <time className="figure">{dayAndMinuteText(each.at, locale)}</time>
              <span>
                {each.from} → {each.to}
              </span>
              <button
                type="button"
                className="link-button"
                onClick={() => change({ record: String(each.id) })}
              >
                {words.openRecord}
              </button>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

/** As the platform decides it: its places, and no symptoms, which are their cause's. */
function belongsTo({ scope }: DeskView, { device, causeId }: AlarmView): boolean {
  return causeId === undefined && (scope.length === 0 || scope.some((place) => isWithin(device.path, place)));
}
