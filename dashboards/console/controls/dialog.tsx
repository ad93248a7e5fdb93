import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { useSpeech } from "../text/language.tsx";

/**
 * A modal dialog on the browser's own `<dialog>`: it keeps the focus inside, closes with Escape and gives the focus
 * back. Mount it to open it.
 */
export function Dialog({
  title,
  onClose,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const { t } = useSpeech();
  const titleId = useId();
  const ref = useRef<HTMLDialogElement>(null);
  // Closed while it is still in the page: the browser gives the focus back then, and not for one that was taken out.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog !== null && !dialog.open) {
      dialog.showModal();
      // Where the work is, not on the way out.
      dialog.querySelector<HTMLElement>("input, .button")?.focus();
    }
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className="dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        // One that was opened from within closes alone.
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <header className="dialog-header">
        <h2 id={titleId}>{title}</h2>
        <button type="button" className="icon-button" aria-label={t.close} onClick={onClose}>
          <span aria-hidden="true">✕</span>
        </button>
      </header>
      {children}
    </dialog>
  );
}
