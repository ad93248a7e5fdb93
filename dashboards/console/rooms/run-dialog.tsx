import { type FormEvent, useState } from "react";
import type { RoomRun, SceneView } from "../../api/api.ts";
import { Dialog } from "../controls/dialog.tsx";
import { DialogFooter } from "../controls/dialog-footer.tsx";
import { Failure } from "../controls/failure.tsx";
import { placeText } from "../format/place.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { useStartRun } from "./use-runs.ts";
import { ROOM_WORDS } from "./words.ts";

/** Says where and to how many devices before anything is sent. */
export function RunDialog({
  path,
  scene,
  devices,
  onClose,
  onStarted,
}: {
  readonly path: string;
  readonly scene: SceneView;
  readonly devices: number;
  readonly onClose: () => void;
  readonly onStarted: (run: RoomRun) => void;
}) {
  const { language, local } = useSpeech();
  const words = useWords(ROOM_WORDS);
  const site = useSite();
  const start = useStartRun(onStarted);
  const [reason, setReason] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    start.mutate({ path, scene: scene.id, ...(reason.trim() !== "" && { reason: reason.trim() }) });
  };
  return (
    <Dialog title={words.confirmTitle} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        <p>
          <strong>{words.confirmText(local(scene.title), placeText(site, path, language), devices)}</strong>
        </p>
        <p>{words.confirmNote}</p>
        <label className="field">
          <span>{words.reason}</span>
          <input
            maxLength={500}
            placeholder={words.reasonPlaceholder}
            value={reason}
            onChange={({ target }) => setReason(target.value)}
          />
        </label>
        {start.error !== null && <Failure error={start.error} title={words.failed} kept={words.kept} />}
        <DialogFooter action={words.run(local(scene.title))} disabled={start.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
