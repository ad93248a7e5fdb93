import { type FormEvent, useState } from "react";
import type { AlarmDetail } from "../../api/api.ts";
import { Dialog } from "../controls/dialog.tsx";
import { DialogFooter } from "../controls/dialog-footer.tsx";
import { useAlarms } from "../live/live.tsx";
import { useMe } from "../live/me.ts";
import { useWords } from "../text/language.tsx";
import { ASSIGN_WORDS } from "./assign-words.ts";
import { namesToOffer } from "./assignees.ts";
import type { Asked } from "./use-action.ts";

const NAME_CHARS_MAX = 128;

/** Whose the alarm is to be. The first name is one's own: a second key takes the alarm on. */
export default function AssignDialog({
  alarm,
  onClose,
  onAssign,
}: {
  readonly alarm: AlarmDetail;
  readonly onClose: () => void;
  readonly onAssign: (asked: Asked) => void;
}) {
  const words = useWords(ASSIGN_WORDS);
  const me = useMe()?.user;
  const { alarms } = useAlarms();
  const [name, setName] = useState("");
  const give = (assignee: string | null): void => {
    onAssign({ action: "assign", assignee });
    onClose();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    give(name.trim());
  };
  return (
    <Dialog title={words.title} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        <div className="alarm-buttons">
          {namesToOffer(alarms.values(), alarm.transitions, me).map((each) => (
            <button key={each} type="button" className="button" onClick={() => give(each)}>
              {each === me ? words.me(each) : each}
            </button>
          ))}
        </div>
        <label className="field">
          <span>{words.name}</span>
          <input
            type="text"
            required
            maxLength={NAME_CHARS_MAX}
            pattern=".*\S.*"
            autoComplete="off"
            placeholder={words.placeholder}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <p className="footnote">{words.hint}</p>
        <DialogFooter action={words.give} onCancel={onClose}>
          {alarm.assigned !== undefined && (
            <button type="button" className="button" onClick={() => give(null)}>
              {words.takeBack}
            </button>
          )}
        </DialogFooter>
      </form>
    </Dialog>
  );
}
