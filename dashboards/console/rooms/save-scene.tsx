import { type FormEvent, useState } from "react";
import { Dialog } from "../controls/dialog.tsx";
import { DialogFooter } from "../controls/dialog-footer.tsx";
import { Failure } from "../controls/failure.tsx";
import { useWords } from "../text/language.tsx";
import { useSaveScene } from "./use-runs.ts";
import { ROOM_WORDS } from "./words.ts";

/** City, county and campus: a scene that was saved in one room serves the whole campus. */
const CAMPUS_SEGMENTS = 3;

export function SaveSceneDialog({ room, onClose }: { readonly room: string; readonly onClose: () => void }) {
  const words = useWords(ROOM_WORDS);
  const save = useSaveScene(onClose);
  const [name, setName] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const path = room.split("/").slice(0, CAMPUS_SEGMENTS).join("/");
    save.mutate({ title: { zh: name.trim(), en: "" }, path, like: room });
  };
  return (
    <Dialog title={words.saveTitle} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        <p>{words.saveText}</p>
        <label className="field">
          <span>{words.sceneName}</span>
          <input required maxLength={60} value={name} onChange={({ target }) => setName(target.value)} />
        </label>
        {save.error !== null && <Failure error={save.error} title={words.failed} kept={words.kept} />}
        <DialogFooter
          action={words.save}
          disabled={save.isPending || name.trim() === ""}
          onCancel={onClose}
        />
      </form>
    </Dialog>
  );
}
