import { Link } from "wouter";
import { Failure } from "../controls/failure.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { shortPlaceText } from "../format/place.ts";
import { metricTitle, metricValueText } from "../format/value.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { useCancelRun, useRun } from "./use-runs.ts";
import { ROOM_WORDS } from "./words.ts";

/** How far a run is, every device's result as it comes in, and the way to stop it. */
export function RunProgress({ id }: { readonly id: number }) {
  const { language, local } = useSpeech();
  const words = useWords(ROOM_WORDS);
  const site = useSite();
  const { data: run, error } = useRun(id);
  const cancel = useCancelRun();
  if (error !== null) return <Failure error={error} />;
  if (run === undefined) return null;
  const open = run.items.filter(({ state }) => state === "waiting" || state === "requested").length;
  const settled = run.items.length - open;
  return (
    <section className="run" data-state={run.state}>
      <p className="run-head" role="status">
        <strong>{local(run.title)}</strong> {words.runState[run.state]} ·{" "}
        {words.progress(settled, run.items.length)}
      </p>
      <progress
        aria-label={local(run.title)}
        max={Math.max(1, run.items.length)}
        value={run.state === "running" ? settled : Math.max(1, run.items.length)}
      />
      {run.state === "running" && (
        <button
          type="button"
          className="button"
          disabled={cancel.isPending || cancel.isSuccess}
          onClick={() => cancel.mutate(id)}
        >
          {cancel.isPending || cancel.isSuccess ? words.cancelling : words.cancel}
        </button>
      )}
      {run.items.length === 0 ? (
        <p className="quiet-note">{words.nothing}</p>
      ) : (
        <TableFrame label={words.results}>
          <table className="table">
            <tbody>
              {run.items.map((item) => (
                <tr key={`${item.device} ${item.metric}`}>
                  <th scope="row">
                    <Link href={`/devices?device=${encodeURIComponent(item.device)}`}>
                      {local(item.title)}
                    </Link>
                    <span className="cell-note">{shortPlaceText(site, item.path, language)}</span>
                  </th>
                  <td>
                    {metricTitle(item.metric, language)} →{" "}
                    {metricValueText(item.metric, item.value, language)}
                  </td>
                  <td data-result={item.state}>
                    {words.item[item.state]}
                    {item.detail !== undefined && <span className="cell-note">{item.detail}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </section>
  );
}
