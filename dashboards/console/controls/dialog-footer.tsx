import type { ReactNode } from "react";
import { useSpeech } from "../text/language.tsx";

/**
 * How a dialog ends: the way out, and what it was opened for. In a form that is its submission; elsewhere `onDo`. What else
 * can be done comes before both, as children.
 */
export function DialogFooter({
  action,
  isGrave = false,
  disabled = false,
  onDo,
  onCancel,
  children,
}: {
  /** What it was opened for, as its button says it. */
  readonly action: string;
  /** It cannot be taken back. */
  readonly isGrave?: boolean;
  readonly disabled?: boolean;
  readonly onDo?: () => void;
  readonly onCancel: () => void;
  readonly children?: ReactNode;
}) {
  const { t } = useSpeech();
  return (
    <footer className="dialog-actions">
      {children}
      <button type="button" className="button" onClick={onCancel}>
        {t.cancel}
      </button>
      <button
        type={onDo === undefined ? "submit" : "button"}
        className="button"
        data-primary={isGrave ? undefined : "true"}
        data-warning={isGrave ? "true" : undefined}
        disabled={disabled}
        onClick={onDo}
      >
        {action}
      </button>
    </footer>
  );
}
