import { type FormEvent, useState } from "react";
import type { WorkOrderDetail } from "../../api/api.ts";
import { DateTimeField } from "../controls/date-time-field.tsx";
import { Dialog } from "../controls/dialog.tsx";
import { DialogFooter } from "../controls/dialog-footer.tsx";
import { Failure } from "../controls/failure.tsx";
import { useWords } from "../text/language.tsx";
import { needsNote, type StepAction, WORKING_DAY_END_MINUTES } from "./steps.ts";
import { useStep } from "./use-orders.ts";
import { ORDER_WORDS } from "./words.ts";

/** One step of an order: what has to be said, and who says it. */
export function StepDialog({
  order,
  action,
  onClose,
}: {
  readonly order: WorkOrderDetail;
  readonly action: StepAction;
  readonly onClose: () => void;
}) {
  const words = useWords(ORDER_WORDS);
  const step = useStep(order.number, onClose);
  const [note, setNote] = useState("");
  const [assignee, setAssignee] = useState(order.assignee ?? "");
  const [due, setDue] = useState(order.overdue ? undefined : order.due);
  const [verifier, setVerifier] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (action === "done" || action === "note") step.mutate({ action, note });
    else {
      step.mutate({
        action,
        note,
        ...(action === "assign" && { assignee, ...(due !== undefined && { due }) }),
        ...(action === "verify" && { verifier }),
      });
    }
  };
  return (
    <Dialog title={words.action[action]} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        <p>
          <strong>{order.title}</strong>
        </p>
        {action === "assign" && (
          <>
            <label className="field">
              <span>{words.assignee}</span>
              <input
                required
                maxLength={100}
                placeholder={words.assigneePlaceholder}
                value={assignee}
                onChange={({ target }) => setAssignee(target.value)}
              />
            </label>
            <DateTimeField label={words.due} value={due} onChange={setDue} usual={WORKING_DAY_END_MINUTES} />
          </>
        )}
        {action === "verify" && (
          <label className="field">
            <span>
              {words.verifier}（{words.verifierHint}）
            </span>
            <input
              required
              maxLength={100}
              value={verifier}
              onChange={({ target }) => setVerifier(target.value)}
            />
          </label>
        )}
        <label className="field">
          <span>{words.note}</span>
          <textarea
            rows={3}
            maxLength={2_000}
            required={needsNote(action)}
            placeholder={words.notePlaceholder[action]}
            value={note}
            onChange={({ target }) => setNote(target.value)}
          />
        </label>
        {step.error !== null && <Failure error={step.error} title={words.failed} kept={words.kept} />}
        <DialogFooter action={words.confirm} disabled={step.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
