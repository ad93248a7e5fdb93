import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import { type FormEvent, type ReactNode, useState } from "react";
import { TextField } from "../../account/field.tsx";
import { Dialog } from "../../controls/dialog.tsx";
import { DialogFooter } from "../../controls/dialog-footer.tsx";
import { useWords } from "../../text/language.tsx";
import { SETTING_WORDS } from "../words.ts";
import { SITE_WORDS } from "./words.ts";

/** A place's two names, and what else is asked of it. */
export function NameDialog({
  heading,
  title,
  fault,
  children,
  after,
  onDone,
  onClose,
}: {
  readonly heading: string;
  readonly title: LocalText;
  /** What keeps it from being taken, as it was last tried. */
  readonly fault?: string | undefined;
  /** Fields before the names. */
  readonly children?: ReactNode;
  /** Fields after them. */
  readonly after?: ReactNode;
  readonly onDone: (title: LocalText) => void;
  readonly onClose: () => void;
}) {
  const words = useWords(SITE_WORDS);
  const common = useWords(SETTING_WORDS);
  const [zh, setZh] = useState(title.zh);
  const [en, setEn] = useState(title.en === title.zh ? "" : title.en);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onDone({ zh, en });
  };
  return (
    <Dialog title={heading} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        {children}
        <TextField label={words.zh} value={zh} onChange={setZh} />
        <TextField label={words.en} value={en} onChange={setEn} hint={words.enHint} required={false} />
        {after}
        {fault !== undefined && (
          <p className="settings-note" role="alert">
            {fault}
          </p>
        )}
        <DialogFooter action={common.done} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
