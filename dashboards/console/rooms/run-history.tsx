import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { shortPlaceText } from "../format/place.ts";
import { momentText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { useRuns } from "./use-runs.ts";
import { ROOM_WORDS } from "./words.ts";

/** The record of use of central control: what was applied here and below, when and by whom. */
export function RunHistory({ path }: { readonly path: string }) {
  const { language, locale, local } = useSpeech();
  const words = useWords(ROOM_WORDS);
  const site = useSite();
  const now = useNow();
  const { change } = useAddress();
  const runs = useRuns(path);
  return (
    <section>
      <h3>{words.history}</h3>
      {runs.error !== null && <Failure error={runs.error} onRetry={() => void runs.refetch()} />}
      {runs.data?.length === 0 && <p className="quiet-note">{words.noHistory}</p>}
      <ul className="plain-list">
        {runs.data?.map((run) => (
          <li key={run.id}>
            <button type="button" className="link-button" onClick={() => change({ run: String(run.id) })}>
              {local(run.title)} · {shortPlaceText(site, run.path, language)}
            </button>{" "}
            <span className="quiet">{words.by(run.by, momentText(run.startedAt, now, locale))}</span>
            {run.reason !== "" && <span className="cell-note">{run.reason}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
