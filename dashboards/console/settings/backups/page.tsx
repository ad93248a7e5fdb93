import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BackupsView } from "../../../api/api.ts";
import { Failure } from "../../controls/failure.tsx";
import { dayAndMinuteText } from "../../format/time.ts";
import { getJson, sendJson } from "../../live/http.ts";
import { useMe } from "../../live/me.ts";
import { useSpeech, useWords } from "../../text/language.tsx";
import { useAttempt } from "../attempt.ts";
import { PlanEdit } from "./plan-edit.tsx";
import { BACKUP_WORDS } from "./words.ts";
import "../settings.css";

const LOOK_MS = 5_000;
/** Names shown of a place; the rest are counted. */
const SHOWN_MAX = 10;

/** Is there a backup that can be trusted, where do they lie, and how is the hub put back. */
export default function BackupsPage() {
  const { t, locale } = useSpeech();
  const words = useWords(BACKUP_WORDS);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["backups"],
    queryFn: ({ signal }) => getJson<BackupsView>("/api/v1/backups", signal),
    refetchInterval: LOOK_MS,
  });
  const me = useMe();
  const [begun, setBegun] = useState(false);
  const { attempt, busy, failure } = useAttempt();
  const begin = (): Promise<void> =>
    attempt(async () => {
      await sendJson("POST", "/api/v1/backups", {});
      setBegun(true);
      await refetch();
    });
  return (
    <div className="settings">
      <header>
        <h1>{words.title}</h1>
        <p className="quiet-note">{words.intro}</p>
      </header>
      {error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {isPending && <p className="quiet-note">{t.loading}</p>}
      {data?.configured === false && (
        <div className="settings-note" role="alert">
          <strong>{words.none}</strong>
          <p>{me?.demonstration === true ? words.noneInDemonstration : words.noneHow}</p>
        </div>
      )}
      {data?.configured === true && (
        <>
          {failure !== undefined && <Failure title={words.failedToStart} error={failure} />}
          {data.failedAt !== undefined && (
            <div className="settings-note" role="alert">
              <strong>{words.failed(dayAndMinuteText(data.failedAt, locale))}</strong>
              <p>{data.reason}</p>
            </div>
          )}
          <section>
            <dl className="facts">
              <div>
                <dt>{words.proven}</dt>
                <dd>{data.provenAt === undefined ? words.never : dayAndMinuteText(data.provenAt, locale)}</dd>
              </div>
              <div>
                <dt>{words.schedule}</dt>
                <dd>{words.nightly(data.at ?? "", data.keep?.last ?? 0, data.keep?.months ?? 0)}</dd>
              </div>
            </dl>
            <p role="status">{data.running === true ? words.running : begun ? words.begun : ""}</p>
            <div className="row-actions">
              <button
                type="button"
                className="button"
                data-primary="true"
                disabled={busy || data.running === true}
                onClick={() => void begin()}
              >
                {words.now}
              </button>
              <a className="button" href="/api/v1/backups/recipe" download>
                {words.recipe}
              </a>
            </div>
          </section>
          <section>
            <h2>{words.places}</h2>
            {data.places?.map(({ backups, name, problem }) => (
              <div key={name} className="settings-card">
                <h3>
                  {name} · {words.count(backups.length)}
                </h3>
                {problem !== undefined && <p className="settings-note">{words.placeProblem(problem)}</p>}
                {problem === undefined && backups.length === 0 && <p className="quiet-note">{words.empty}</p>}
                <ul className="plain-list figure">
                  {backups.slice(0, SHOWN_MAX).map((each) => (
                    <li key={each}>{each}</li>
                  ))}
                </ul>
              </div>
            ))}
          </section>
        </>
      )}
      {data !== undefined && me?.demonstration === false && <PlanEdit />}
    </div>
  );
}
