import { type FormEvent, useState } from "react";
import { TextField } from "../../account/field.tsx";
import { Dialog } from "../../controls/dialog.tsx";
import { DialogFooter } from "../../controls/dialog-footer.tsx";
import { useWords } from "../../text/language.tsx";
import { SETTING_WORDS } from "../words.ts";
import {
  isFile,
  isOptional,
  kindOf,
  PLACE_FIELDS,
  PLACE_KINDS,
  type PlaceField,
  type PlaceKind,
  type PlaceValue,
  placeOf,
} from "./draft.ts";
import { BACKUP_WORDS } from "./words.ts";

/** One place that backups go to. Its keys are never shown again. */
export function PlaceDialog({
  place,
  number,
  onClose,
  onDone,
}: {
  /** Undefined for a new one. */
  readonly place: PlaceValue | undefined;
  readonly number: number;
  readonly onClose: () => void;
  readonly onDone: (place: PlaceValue, files: Readonly<Record<string, string>>) => void;
}) {
  const words = useWords(BACKUP_WORDS);
  const common = useWords(SETTING_WORDS);
  const [kind, setKind] = useState<PlaceKind>(place === undefined ? "folder" : kindOf(place));
  const fields: readonly PlaceField[] = PLACE_FIELDS[kind];
  const [typed, setTyped] = useState<Readonly<Partial<Record<PlaceField, string>>>>(() =>
    Object.fromEntries(
      fields.filter((field) => !isFile(field)).map((field) => [field, String(place?.[field] ?? "")]),
    ),
  );
  const set = (field: PlaceField, text: string): void => setTyped({ ...typed, [field]: text });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const made = placeOf(kind, typed, place, number);
    onDone(made.place, made.files);
  };
  return (
    <Dialog title={place === undefined ? words.addPlace : words.editPlace} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        <label className="field">
          <span>{words.kind}</span>
          <select value={kind} onChange={(event) => setKind(event.target.value as PlaceKind)}>
            {PLACE_KINDS.map((each) => (
              <option key={each} value={each}>
                {words.kinds[each]}
              </option>
            ))}
          </select>
        </label>
        {fields.map((field) => {
          const kept = isFile(field) && place?.[field] !== undefined && kindOf(place) === kind;
          const label = `${words.fields[field]}${isOptional(field) ? words.optional : ""}`;
          return isFile(field) ? (
            <label key={field} className="field">
              <span>{label}</span>
              <textarea
                rows={3}
                required={!isOptional(field) && !kept}
                placeholder={kept ? words.keepSecret : undefined}
                value={typed[field] ?? ""}
                onChange={(event) => set(field, event.target.value)}
              />
            </label>
          ) : (
            <TextField
              key={field}
              label={label}
              hint={words.hints[field as keyof typeof words.hints]}
              required={!isOptional(field)}
              value={typed[field] ?? ""}
              onChange={(text) => set(field, text)}
            />
          );
        })}
        <DialogFooter action={common.done} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
