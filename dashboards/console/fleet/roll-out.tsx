import type { NodeView } from "@campus-ops/ingest/api";
import { useState } from "react";
import type { BoxProgress, RollOut, RollOutAct } from "../../api/api.ts";
import { Dialog } from "../controls/dialog.tsx";
import { Failure } from "../controls/failure.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { numberText, percentText } from "../format/number.ts";
import { campusTitle } from "../format/place.ts";
import { dayAndMinuteText } from "../format/time.ts";
import { sendJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useAttempt } from "../settings/attempt.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { stageText, UPDATE_WORDS } from "./update-words.ts";

const STEPS = ["good", "settling", "working", "asked", "waiting", "failed", "left-out"] as const;
const OPEN: ReadonlySet<BoxProgress["step"]> = new Set(["waiting", "asked", "working", "settling"]);

/** One roll-out: how far it is, what failed and why, and what a person may decide now. */
export function RollOutCard({
  rollOut,
  waves,
  nodes,
  may,
  onChanged,
}: {
  readonly rollOut: RollOut;
  readonly waves: readonly number[];
  readonly nodes: readonly NodeView[];
  readonly may: boolean;
  readonly onChanged: () => void;
}) {
  const { locale, local } = useSpeech();
  const words = useWords(UPDATE_WORDS);
  const { attempt, busy, failure } = useAttempt();
  const [cancelling, setCancelling] = useState(false);
  const { boxes, id, reason, state, urgent, version, wave } = rollOut;
  const act = (what: RollOutAct): Promise<void> =>
    attempt(async () => {
      await sendJson("POST", `/api/v1/updates/roll-outs/${id}/${what}`);
      setCancelling(false);
      onChanged();
    });
  const counts = Map.groupBy(boxes, ({ step }) => step);
  const over = boxes.filter(({ step }) => !OPEN.has(step)).length;
  const isOpen = state === "running" || state === "paused" || state === "stopped";
  return (
    <article className="settings-card roll-out" data-state={state}>
      <h3>
        {version} · {words.states[state]}
      </h3>
      <p>
        {isOpen && <>{words.wave(wave + 1, waves.length, percentText(waves[wave] ?? 1))} · </>}
        {words.startedBy(rollOut.by, dayAndMinuteText(rollOut.beganAt, locale))}
        {urgent && <> · {words.urgentShort}</>}
      </p>
      {reason !== undefined && (
        <p className="settings-note" role="alert">
          {local(reason)}
        </p>
      )}
      <progress max={boxes.length} value={over} aria-label={words.rollOuts} />
      <p>
        {STEPS.flatMap((step) => {
          const count = counts.get(step)?.length ?? 0;
          return count === 0 ? [] : [`${words.steps[step]} ${numberText(count, locale)}`];
        }).join(" · ")}
      </p>
      {may && (
        <div className="row-actions">
          {actsOf(rollOut).map((what) => (
            <button
              key={what}
              type="button"
              className="button"
              disabled={busy}
              onClick={() => (what === "cancel" ? setCancelling(true) : void act(what))}
            >
              {words[what]}
            </button>
          ))}
        </div>
      )}
      {failure !== undefined && !cancelling && <Failure title={words.failed} error={failure} />}
      <details>
        <summary>{words.details}</summary>
        <BoxResults boxes={boxes} nodes={nodes} />
      </details>
      {cancelling && (
        <Dialog title={words.cancelTitle} onClose={() => setCancelling(false)}>
          <p>{words.cancelHint}</p>
          {failure !== undefined && <Failure title={words.failed} error={failure} />}
          <div className="row-actions">
            <button type="button" className="button" onClick={() => setCancelling(false)}>
              {words.keep}
            </button>
            <button
              type="button"
              className="button"
              data-primary="true"
              disabled={busy}
              onClick={() => void act("cancel")}
            >
              {words.cancel}
            </button>
          </div>
        </Dialog>
      )}
    </article>
  );
}

/** As the hub takes them; it decides in any case. */
function actsOf({ boxes, state, urgent }: RollOut): readonly RollOutAct[] {
  const failed = boxes.some(({ step }) => step === "failed");
  const waiting = boxes.some(({ step }) => step === "waiting");
  return [
    ...(state === "running" ? (["pause"] as const) : []),
    ...(state === "paused" || state === "stopped" ? (["resume"] as const) : []),
    ...(failed && state !== "cancelled" ? (["retry"] as const) : []),
    ...(waiting && !urgent ? (["hurry"] as const) : []),
    ...(state === "done" || state === "cancelled" ? [] : (["cancel"] as const)),
  ];
}

function BoxResults({
  boxes,
  nodes,
}: {
  readonly boxes: readonly BoxProgress[];
  readonly nodes: readonly NodeView[];
}) {
  const { language, local } = useSpeech();
  const words = useWords(UPDATE_WORDS);
  const site = useSite();
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  // What a person has to look at comes first.
  const ordered = boxes.toSorted(
    (a, b) => Number(b.step === "failed") - Number(a.step === "failed") || (a.box < b.box ? -1 : 1),
  );
  return (
    <TableFrame label={words.details}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{words.box}</th>
            <th scope="col">{words.result}</th>
            <th scope="col">{words.reason}</th>
          </tr>
        </thead>
        <tbody>
          {ordered.map(({ box, reason, stage, step }) => {
            const node = byKey.get(box);
            return (
              <tr key={box} data-step={step}>
                <th scope="row">
                  {node === undefined ? box : local(node.title)}{" "}
                  <span className="quiet">{campusTitle(site, box.split("/")[0] ?? "", language)}</span>
                </th>
                <td>{step === "working" ? stageText(words, stage) : words.steps[step]}</td>
                <td>{reason === undefined ? "" : local(reason)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableFrame>
  );
}
