import { type FormEvent, useState } from "react";
import { TextField } from "../../account/field.tsx";
import { Dialog } from "../../controls/dialog.tsx";
import { DialogFooter } from "../../controls/dialog-footer.tsx";
import { useWords } from "../../text/language.tsx";
import { SETTING_WORDS } from "../words.ts";
import {
  CHANNEL_KINDS,
  type ChannelField,
  type ChannelFields,
  type ChannelKind,
  channelOf,
  fieldsOf,
  isList,
  isSecret,
  typedOf,
} from "./draft.ts";
import { DESK_WORDS } from "./words.ts";

/** One channel: its kind, and what that kind needs. Secrets are never shown again. */
export function ChannelDialog({
  id,
  channel,
  onClose,
  onDone,
}: {
  /** Empty for a new one. */
  readonly id: string;
  readonly channel: ChannelFields | undefined;
  readonly onClose: () => void;
  readonly onDone: (id: string, channel: ChannelFields, files: Readonly<Record<string, string>>) => void;
}) {
  const words = useWords(DESK_WORDS);
  const common = useWords(SETTING_WORDS);
  const [name, setName] = useState(id);
  const [kind, setKind] = useState<ChannelKind>(channel?.kind ?? "mail");
  const [typed, setTyped] = useState(typedOf(channel));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const { channel: made, files } = channelOf(name, kind, typed, channel);
    onDone(name, made, files);
  };
  const set = (field: ChannelField, text: string): void => setTyped({ ...typed, [field]: text });
  return (
    <Dialog title={id === "" ? words.addChannel : `${common.edit} · ${id}`} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        {id === "" && <TextField label={words.id} value={name} onChange={setName} hint={words.idHint} />}
        <label className="field">
          <span>{words.kind}</span>
          <select value={kind} onChange={(event) => setKind(event.target.value as ChannelKind)}>
            {CHANNEL_KINDS.map((each) => (
              <option key={each} value={each}>
                {words.kinds[each]}
              </option>
            ))}
          </select>
        </label>
        {fieldsOf(kind).map(({ field, optional }) => {
          const kept = isSecret(field) && channel?.kind === kind && channel[field] !== undefined;
          const label = `${words.fields[field]}${optional ? words.optional : ""}`;
          return isList(field) || field === "body" ? (
            <label key={field} className="field">
              <span>{label}</span>
              <textarea
                rows={3}
                required={!optional}
                value={typed[field] ?? ""}
                onChange={(event) => set(field, event.target.value)}
              />
            </label>
          ) : (
            <TextField
              key={field}
              label={label}
              type={isSecret(field) ? "password" : "text"}
              autoComplete={isSecret(field) ? "new-password" : "off"}
              value={typed[field] ?? ""}
              required={!optional && !kept}
              hint={kept ? words.keepSecret : undefined}
              onChange={(text) => set(field, text)}
            />
          );
        })}
        <DialogFooter action={common.done} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
