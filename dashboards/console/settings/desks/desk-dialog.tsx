import { type FormEvent, useState } from "react";
import { TextField } from "../../account/field.tsx";
import { usePlaces } from "../../accounts/use-places.ts";
import { Dialog } from "../../controls/dialog.tsx";
import { DialogFooter } from "../../controls/dialog-footer.tsx";
import { useWords } from "../../text/language.tsx";
import { SETTING_WORDS } from "../words.ts";
import type { DeskFields } from "./draft.ts";
import { DESK_WORDS } from "./words.ts";

/** One desk: what it is called, what it answers for, when somebody sits there, and how it hears of alarms. */
export function DeskDialog({
  id,
  desk,
  channels,
  windows,
  onClose,
  onDone,
}: {
  /** Empty for a new one. */
  readonly id: string;
  readonly desk: DeskFields | undefined;
  readonly channels: readonly string[];
  /** Windows of the school calendar. */
  readonly windows: readonly string[];
  readonly onClose: () => void;
  readonly onDone: (id: string, desk: DeskFields) => void;
}) {
  const words = useWords(DESK_WORDS);
  const common = useWords(SETTING_WORDS);
  const places = usePlaces(words.everywhere);
  const [name, setName] = useState(id);
  const [zh, setZh] = useState(desk?.title.zh ?? "");
  const [en, setEn] = useState(desk?.title.en ?? "");
  const [scope, setScope] = useState<readonly string[]>(desk?.scope ?? []);
  const [during, setDuring] = useState(desk?.during ?? "");
  const [hears, setHears] = useState<readonly string[]>(desk?.channels ?? []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const title = { zh: zh.trim(), en: en.trim() === "" ? zh.trim() : en.trim() };
    onDone(name, { title, scope, channels: hears, ...(during === "" ? {} : { during }) });
  };
  return (
    <Dialog title={id === "" ? words.addDesk : `${common.edit} · ${id}`} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        {id === "" && <TextField label={words.id} value={name} onChange={setName} hint={words.idHint} />}
        <TextField label={words.name} value={zh} onChange={setZh} />
        <TextField label={words.nameEn} value={en} onChange={setEn} required={false} />
        <label className="field">
          <span>{words.places}</span>
          <select value={scope[0] ?? ""} onChange={(event) => setScope([event.target.value].filter(Boolean))}>
            {places.map(({ path, title }) => (
              <option key={path} value={path}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{words.during}</span>
          <select value={during} onChange={(event) => setDuring(event.target.value)}>
            <option value="">{words.always}</option>
            {windows.map((window) => (
              <option key={window} value={window}>
                {window}
              </option>
            ))}
          </select>
        </label>
        <fieldset>
          <legend>{words.ofChannels}</legend>
          {channels.length === 0 && <p className="quiet-note">{words.noChannels}</p>}
          {channels.map((channel) => (
            <label key={channel} className="check">
              <input
                type="checkbox"
                checked={hears.includes(channel)}
                onChange={(event) =>
                  setHears(
                    event.target.checked ? [...hears, channel] : hears.filter((each) => each !== channel),
                  )
                }
              />
              <span>{channel}</span>
            </label>
          ))}
        </fieldset>
        <DialogFooter action={common.done} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
