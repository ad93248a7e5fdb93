import { useState } from "react";
import { TextField } from "../../account/field.tsx";
import { useWords } from "../../text/language.tsx";
import { SaveBar } from "../save-bar.tsx";
import { useSetting } from "../use-setting.ts";
import { SETTING_WORDS } from "../words.ts";
import { type BackupDraft, type PlaceValue, readBackup, recipientsIn, whereOf } from "./draft.ts";
import { NewKey } from "./new-key.tsx";
import { PlaceDialog } from "./place-dialog.tsx";
import { BACKUP_WORDS } from "./words.ts";

const USUAL = { at: "02:30", last: 14, months: 12 };

/** Where backups go, when, who can open them and how many are kept: instead of the section in `hub.yaml`. */
export function PlanEdit() {
  const words = useWords(BACKUP_WORDS);
  const common = useWords(SETTING_WORDS);
  const edited = useSetting("backup", readBackup);
  const { change, draft, setting } = edited;
  /** Which place is open: as many as there are for a new one. */
  const [open, setOpen] = useState<number>();
  /** The recipients as they are being typed: a line that is empty yet stays one. */
  const [typed, setTyped] = useState<string>();
  if (setting === undefined) return null;
  const put = (changes: Partial<BackupDraft>, files?: Readonly<Record<string, string>>): void =>
    change({ ...draft, ...changes }, files);
  const { last, months } = { ...USUAL, ...draft.keep };
  const done = (place: PlaceValue, files: Readonly<Record<string, string>>): void => {
    const to =
      open === undefined ? draft.to : [...draft.to.slice(0, open), place, ...draft.to.slice(open + 1)];
    put({ to }, files);
    setOpen(undefined);
  };
  return (
    <section>
      <h2>{words.plan}</h2>
      <SaveBar edited={edited} part="backup" />
      <h3>{words.places}</h3>
      {draft.to.length === 0 && <p className="quiet-note">{words.noPlaces}</p>}
      <ul className="plain-list">
        {draft.to.map((place, index) => (
          <li key={whereOf(place)} className="settings-card">
            <p>{whereOf(place)}</p>
            <div className="row-actions">
              <button
                type="button"
                className="button"
                aria-label={`${common.edit}: ${whereOf(place)}`}
                onClick={() => setOpen(index)}
              >
                {common.edit}
              </button>
              <button
                type="button"
                className="button"
                aria-label={`${common.remove}: ${whereOf(place)}`}
                onClick={() => put({ to: draft.to.filter((each) => each !== place) })}
              >
                {common.remove}
              </button>
            </div>
          </li>
        ))}
      </ul>
      <button type="button" className="button" onClick={() => setOpen(draft.to.length)}>
        {words.addPlace}
      </button>
      <div className="settings-form">
        <label className="field">
          <span>{words.recipients}</span>
          <textarea
            rows={3}
            value={typed ?? draft.recipients.join("\n")}
            onChange={({ target }) => {
              setTyped(target.value);
              put({ recipients: recipientsIn(target.value) });
            }}
          />
          <small className="quiet">{words.recipientsHint}</small>
        </label>
        <NewKey
          onMade={(recipient) => {
            setTyped(undefined);
            put({ recipients: [...draft.recipients, recipient] });
          }}
        />
        <TextField label={words.atTime} value={draft.at ?? USUAL.at} onChange={(at) => put({ at })} />
        <TextField
          label={words.keepLast}
          type="number"
          value={String(last)}
          onChange={(text) => put({ keep: { last: Number(text), months } })}
        />
        <TextField
          label={words.keepMonths}
          type="number"
          value={String(months)}
          onChange={(text) => put({ keep: { last, months: Number(text) } })}
        />
      </div>
      {open !== undefined && (
        <PlaceDialog
          place={draft.to[open]}
          number={open + 1}
          onClose={() => setOpen(undefined)}
          onDone={done}
        />
      )}
    </section>
  );
}
