import type { DeviceView } from "@campus-ops/ingest/api";
import { type FormEvent, useState } from "react";
import { Dialog } from "../controls/dialog.tsx";
import { DialogFooter } from "../controls/dialog-footer.tsx";
import { Failure } from "../controls/failure.tsx";
import { metricTitle, metricValueText } from "../format/value.ts";
import { useSpeech } from "../text/language.tsx";
import { type CommandChoice, commandChoices } from "./command-choices.ts";
import { useCommand } from "./use-command.ts";

/** A switch has a command or two for every port: more rows than this wait to be opened. */
const ROWS_OPEN_MAX = 4;

/** What may be commanded, and what became of it. Nothing is called done before the device's read-back says so. */
export function CommandPanel({ device }: { readonly device: DeviceView }) {
  const { t, language, local } = useSpeech();
  const [asking, setAsking] = useState<CommandChoice>();
  const command = useCommand(device.key);
  const rows = device.metrics
    .map((metric) => ({ metric, choices: commandChoices(metric, t) }))
    .filter(({ choices }) => choices.length > 0)
    .toSorted((a, b) => a.metric.name.localeCompare(b.metric.name, "en", { numeric: true }));
  if (rows.length === 0) return null;
  const reachable = device.health === "working" || device.health === "faulty";
  return (
    <details className="commands" open={rows.length <= ROWS_OPEN_MAX}>
      <summary>
        {t.commands.title} ({rows.length})
      </summary>
      {!reachable && <p className="stale-note">{t.commands.unavailable}</p>}
      <ul className="command-list">
        {rows.map(({ metric, choices }) => (
          <li key={metric.name}>
            <span>{metricTitle(metric.name, language)}</span>
            <strong className="value">{metricValueText(metric.name, metric.value, language)}</strong>
            <span className="command-buttons">
              {choices.map((choice) => (
                <button
                  key={choice.title}
                  type="button"
                  className="button"
                  disabled={!reachable || command.isPending}
                  onClick={() => setAsking(choice)}
                >
                  {choice.title}
                </button>
              ))}
            </span>
          </li>
        ))}
      </ul>
      <p className="command-state" role="status" data-state={command.progress?.state}>
        {command.progress !== undefined && (
          <>
            {metricTitle(command.progress.metric, language)} →{" "}
            {metricValueText(command.progress.metric, command.progress.value, language)}：
            <strong>{t.commands.state[command.progress.state]}</strong>
            {(command.progress.detail ?? "") !== "" && ` · ${command.progress.detail}`}
          </>
        )}
      </p>
      {command.error !== null && <Failure error={command.error} title={t.commands.failed} />}
      {asking !== undefined && (
        <ConfirmDialog
          text={t.commands.confirmText(
            local(device.title),
            `${metricTitle(asking.metric, language)} · ${asking.title}`,
          )}
          onClose={() => setAsking(undefined)}
          onConfirm={(reason) => command.run(asking, reason)}
        />
      )}
    </details>
  );
}

function ConfirmDialog({
  text,
  onClose,
  onConfirm,
}: {
  readonly text: string;
  readonly onClose: () => void;
  readonly onConfirm: (reason: string) => void;
}) {
  const { t } = useSpeech();
  const [reason, setReason] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onConfirm(reason.trim());
    onClose();
  };
  return (
    <Dialog title={t.commands.confirmTitle} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        <p>
          <strong>{text}</strong>
        </p>
        <p>{t.commands.audit}</p>
        <label className="field">
          <span>{t.commands.reason}</span>
          <input
            type="text"
            maxLength={500}
            placeholder={t.commands.reasonPlaceholder}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        <DialogFooter action={t.commands.send} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
