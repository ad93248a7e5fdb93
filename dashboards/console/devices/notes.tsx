import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { DeviceNote, DeviceNoteFields } from "../../api/api.ts";
import { Dialog } from "../controls/dialog.tsx";
import { DialogFooter } from "../controls/dialog-footer.tsx";
import { Failure } from "../controls/failure.tsx";
import { dayAndMinuteText } from "../format/time.ts";
import { getJson, putJson } from "../live/http.ts";
import { useMay } from "../live/me.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { REGISTER_WORDS } from "./register-words.ts";

const FIELDS = ["note", "supplier", "spare", "installed", "warrantyUntil", "maintained"] as const;
const DAYS: readonly string[] = ["installed", "warrantyUntil", "maintained"];

/** What people wrote down of a device: who supplied it, what fits it, and when it was last looked after. */
export function Notes({ device }: { readonly device: string }) {
  const { locale } = useSpeech();
  const words = useWords(REGISTER_WORDS);
  const may = useMay();
  const [editing, setEditing] = useState(false);
  const path = `/api/v1/device-notes/${device.split("/").map(encodeURIComponent).join("/")}`;
  const key = ["device-notes", device] as const;
  const { data, error } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => getJson<DeviceNote>(path, signal),
  });
  if (error !== null) return <Failure error={error} />;
  if (data === undefined) return null;
  const told = FIELDS.filter((field) => data[field] !== "");
  return (
    <section>
      <h3>{words.notes}</h3>
      {told.length > 0 && (
        <dl className="facts">
          {told.map((field) => (
            <div key={field}>
              <dt>{words.fields[field]}</dt>
              <dd>{data[field]}</dd>
            </div>
          ))}
        </dl>
      )}
      {data.by !== undefined && data.at !== undefined && (
        <p className="quiet-note">{words.writtenBy(data.by, dayAndMinuteText(data.at, locale))}</p>
      )}
      {may("devices.configure") && (
        <button type="button" className="button" onClick={() => setEditing(true)}>
          {words.edit}
        </button>
      )}
      {editing && <EditNotes path={path} queryKey={key} note={data} onClose={() => setEditing(false)} />}
    </section>
  );
}

function EditNotes({
  note,
  path,
  queryKey,
  onClose,
}: {
  readonly note: DeviceNote;
  readonly path: string;
  readonly queryKey: readonly string[];
  readonly onClose: () => void;
}) {
  const words = useWords(REGISTER_WORDS);
  const client = useQueryClient();
  const [fields, setFields] = useState<DeviceNoteFields>(note);
  const save = useMutation({
    mutationFn: () =>
      putJson<DeviceNote>(path, Object.fromEntries(FIELDS.map((field) => [field, fields[field]]))),
    onSuccess: (saved) => {
      client.setQueryData(queryKey, saved);
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={words.edit} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        {FIELDS.map((field) => (
          <label key={field} className="field">
            <span>{words.fields[field]}</span>
            <input
              type={DAYS.includes(field) ? "date" : "text"}
              maxLength={1_000}
              value={fields[field]}
              onChange={({ target }) => setFields({ ...fields, [field]: target.value })}
            />
          </label>
        ))}
        {save.error !== null && <Failure error={save.error} />}
        <DialogFooter action={words.save} disabled={save.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
