import { lazy, useRef, useState } from "react";
import type { AlarmDetail } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { LoadedPart } from "../controls/loaded-part.tsx";
import { useShortcuts } from "../controls/shortcuts.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { ASSIGN_WORDS } from "./assign-words.ts";
import { EscalateDialog } from "./escalate-dialog.tsx";
import { actionsFor } from "./lifecycle.ts";
import { ShelveDialog } from "./shelve-dialog.tsx";
import { type Asked, useAlarmAction } from "./use-action.ts";

const AssignDialog = lazy(() => import("./assign-dialog.tsx"));

const COMMENT_CHARS_MAX = 2000;

/** One primary button at a time: acknowledge, or reset once that is what is missing. */
export function AlarmActions({ alarm }: { readonly alarm: AlarmDetail }) {
  const { t } = useSpeech();
  const words = useWords(ASSIGN_WORDS);
  const [comment, setComment] = useState("");
  const [shelving, setShelving] = useState(false);
  const [escalating, setEscalating] = useState(false);
  const [assigning, setAssigning] = useState(false);
  const commentField = useRef<HTMLTextAreaElement>(null);
  const mutation = useAlarmAction(alarm.id);
  const offered = actionsFor(alarm);

  const ask = (asked: Asked): void => {
    if (mutation.isPending) return;
    const said = asked.comment ?? comment.trim();
    // What was typed is given up only when the platform has it.
    mutation.mutate(
      { ...asked, ...(said !== "" && { comment: said }) },
      { onSuccess: () => setComment(""), onError: () => setComment(said) },
    );
  };
  const acknowledge = (): void => {
    if (offered.has("acknowledge")) ask({ action: "acknowledge" });
  };
  useShortcuts({
    a: acknowledge,
    g: () => setAssigning(true),
    e: () => setEscalating(offered.has("escalate")),
    s: () => setShelving(offered.has("shelve")),
    n: () => commentField.current?.focus(),
  });

  return (
    <div className="alarm-actions">
      <label className="field">
        <span>{t.alarms.comment}</span>
        <textarea
          ref={commentField}
          rows={1}
          maxLength={COMMENT_CHARS_MAX}
          placeholder={t.alarms.commentPlaceholder}
          value={comment}
          onChange={(event) => setComment(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && event.ctrlKey) acknowledge();
            if (event.key === "Escape") event.currentTarget.blur();
          }}
        />
      </label>
      <div className="alarm-buttons">
        {offered.has("acknowledge") && (
          <button
            type="button"
            className="button"
            data-primary
            aria-keyshortcuts="a"
            disabled={mutation.isPending}
            onClick={acknowledge}
          >
            {mutation.isPending ? t.alarms.acknowledging : t.alarms.acknowledge}
          </button>
        )}
        {offered.has("escalate") && (
          <button type="button" className="button" aria-keyshortcuts="e" onClick={() => setEscalating(true)}>
            {t.alarms.escalate}
          </button>
        )}
        {offered.has("reset") && (
          <button
            type="button"
            className="button"
            data-primary={!offered.has("acknowledge")}
            title={t.alarms.resetHint}
            onClick={() => ask({ action: "reset" })}
          >
            {t.alarms.reset}
          </button>
        )}
        {offered.has("unshelve") && (
          <button type="button" className="button" onClick={() => ask({ action: "unshelve" })}>
            {t.alarms.unshelve}
          </button>
        )}
        {offered.has("shelve") && (
          <button type="button" className="button" aria-keyshortcuts="s" onClick={() => setShelving(true)}>
            {t.alarms.shelve}
          </button>
        )}
        <button type="button" className="button" aria-keyshortcuts="g" onClick={() => setAssigning(true)}>
          {words.open}
        </button>
        <button
          type="button"
          className="button"
          disabled={comment.trim() === "" || mutation.isPending}
          onClick={() => ask({ action: "comment" })}
        >
          {t.alarms.addComment}
        </button>
      </div>
      {mutation.error !== null && (
        <Failure error={mutation.error} title={t.alarms.actionFailed} kept={t.alarms.actionKept} />
      )}
      {escalating && (
        <EscalateDialog onClose={() => setEscalating(false)} onEscalate={() => ask({ action: "escalate" })} />
      )}
      {assigning && (
        <LoadedPart>
          <AssignDialog alarm={alarm} onClose={() => setAssigning(false)} onAssign={ask} />
        </LoadedPart>
      )}
      {shelving && <ShelveDialog onClose={() => setShelving(false)} onShelve={ask} />}
    </div>
  );
}
