import type { DrillView } from "@campus-ops/rules/api";
import { useQuery } from "@tanstack/react-query";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { placeText } from "../format/place.ts";
import { dayAndMinuteText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { NewDrill } from "./new-drill.tsx";
import { DrillReportView } from "./report.tsx";
import { DRILL_WORDS } from "./words.ts";
import "../desk/desk.css";

export default function DrillsPage() {
  const { t, language, locale } = useSpeech();
  const words = useWords(DRILL_WORDS);
  const site = useSite();
  const now = useNow();
  const { params, change } = useAddress();
  const drills = useQuery({
    queryKey: ["drills"],
    queryFn: ({ signal }) => getJson<readonly DrillView[]>("/api/v1/drills", signal),
  });
  const open = params.get("drill") ?? "";
  const rows = (each: readonly DrillView[]) => (
    <ul className="hand-overs">
      {each.map((drill) => (
        <li key={drill.id}>
          <strong>{drill.title}</strong>
          <span>{placeText(site, drill.path, language)}</span>
          <span className="figure">
            {words.until(dayAndMinuteText(drill.from, locale), dayAndMinuteText(drill.until, locale))}
          </span>
          <span>{words.by(drill.by)}</span>
          <button
            type="button"
            className="link-button"
            aria-label={`${words.open}: ${drill.title}`}
            onClick={() => change({ drill: drill.id })}
          >
            {words.open}
          </button>
        </li>
      ))}
    </ul>
  );
  const running = (drills.data ?? []).filter(({ until }) => until > now);
  const past = (drills.data ?? []).filter(({ until }) => until <= now);
  return (
    <div className="sheet">
      <header className="sheet-header">
        <h1>{words.title}</h1>
      </header>
      {open !== "" ? (
        <DrillReportView id={open} onClose={() => change({ drill: "" })} />
      ) : (
        <>
          <p className="quiet-note">{words.intro}</p>
          {drills.error !== null && <Failure error={drills.error} onRetry={() => void drills.refetch()} />}
          {drills.isPending && <p className="quiet-note">{t.loading}</p>}
          {running.length > 0 && (
            <section>
              <h2>{words.running}</h2>
              {rows(running)}
            </section>
          )}
          <NewDrill onStarted={(drill) => change({ drill: drill.id })} />
          <section>
            <h2>{words.past}</h2>
            {drills.data?.length === 0 && <p className="quiet-note">{words.none}</p>}
            {rows(past)}
          </section>
        </>
      )}
    </div>
  );
}
