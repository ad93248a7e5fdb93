import { type FormEvent, useState } from "react";
import { Dialog } from "../controls/dialog.tsx";
import { DialogFooter } from "../controls/dialog-footer.tsx";
import { Segmented } from "../controls/segmented.tsx";
import { useSpeech } from "../text/language.tsx";
import type { Asked } from "./use-action.ts";

const MINUTE_MS = 60_000;
/** Up to the eight hours that the life cycle allows. */
const DURATIONS_MIN = ["15", "60", "240", "480"] as const;

export function ShelveDialog({
  onClose,
  onShelve,
}: {
  readonly onClose: () => void;
  readonly onShelve: (asked: Asked) => void;
}) {
  const { t } = useSpeech();
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState<(typeof DURATIONS_MIN)[number]>("60");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onShelve({ action: "shelve", comment: reason.trim(), duration_ms: Number(minutes) * MINUTE_MS });
    onClose();
  };
  return (
    <Dialog title={t.alarms.shelveTitle} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        <p>{t.alarms.shelveIntro}</p>
        <label className="field">
          <span>{t.alarms.shelveReason}</span>
          <input
            type="text"
            required
            maxLength={500}
            pattern=".*\S.*"
            placeholder={t.alarms.shelveReasonPlaceholder}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        <div className="field">
          <span aria-hidden="true">{t.alarms.shelveDuration}</span>
          <Segmented
            label={t.alarms.shelveDuration}
            options={DURATIONS_MIN.map((value) => ({
              value,
              title:
                Number(value) < 60
                  ? t.alarms.shelveMinutes(Number(value))
                  : t.alarms.shelveHours(Number(value) / 60),
            }))}
            value={minutes}
            onChange={setMinutes}
          />
        </div>
        <DialogFooter action={t.alarms.shelve} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
