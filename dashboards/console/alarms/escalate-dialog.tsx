import { Dialog } from "../controls/dialog.tsx";
import { useSpeech } from "../text/language.tsx";

/** Somebody is called who may be asleep: one key opens this, and a second thought sends it. */
export function EscalateDialog({
  onClose,
  onEscalate,
}: {
  readonly onClose: () => void;
  readonly onEscalate: () => void;
}) {
  const { t } = useSpeech();
  return (
    <Dialog title={t.alarms.escalateTitle} onClose={onClose}>
      <p>{t.alarms.escalateIntro}</p>
      {/* Unlike DialogFooter, what it is for comes first: the focus is on it, so that E and Enter escalate. */}
      <footer className="dialog-actions">
        <button
          type="button"
          className="button"
          data-primary
          onClick={() => {
            onEscalate();
            onClose();
          }}
        >
          {t.alarms.escalate}
        </button>
        <button type="button" className="button" onClick={onClose}>
          {t.cancel}
        </button>
      </footer>
    </Dialog>
  );
}
