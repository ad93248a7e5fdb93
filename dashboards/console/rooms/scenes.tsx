import { useState } from "react";
import { useAddress } from "../controls/address.ts";
import { Failure } from "../controls/failure.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { RunDialog } from "./run-dialog.tsx";
import { RunProgress } from "./run-progress.tsx";
import { SaveSceneDialog } from "./save-scene.tsx";
import { useRemoveScene, useScenes } from "./use-runs.ts";
import { ROOM_WORDS } from "./words.ts";

/** The scenes that apply to a place, and how the one that was started last goes. */
export function SceneButtons({
  path,
  devices,
  savable = false,
}: {
  readonly path: string;
  readonly devices: number;
  /** One room's state can be saved; that of a building is many. */
  readonly savable?: boolean;
}) {
  const { local } = useSpeech();
  const words = useWords(ROOM_WORDS);
  const { params, change } = useAddress();
  const scenes = useScenes();
  const remove = useRemoveScene();
  const [asking, setAsking] = useState<string>();
  const [saving, setSaving] = useState(false);
  const applicable = (scenes.data ?? []).filter(
    (scene) => scene.path === "" || path === scene.path || path.startsWith(`${scene.path}/`),
  );
  const asked = applicable.find(({ id }) => id === asking);
  const run = Number(params.get("run") ?? 0);
  return (
    <section>
      <h3>{words.apply}</h3>
      <div className="toolbar">
        {applicable.map((scene) => (
          <span key={scene.id} className="scene">
            <button
              type="button"
              className="button"
              data-primary={scene.id === "all-off"}
              onClick={() => setAsking(scene.id)}
            >
              {local(scene.title)}
            </button>
            {!scene.builtIn && (
              <button
                type="button"
                className="icon-button"
                aria-label={words.remove(local(scene.title))}
                onClick={() => remove.mutate(scene.id)}
              >
                <span aria-hidden="true">✕</span>
              </button>
            )}
          </span>
        ))}
        {savable && (
          <button type="button" className="button" onClick={() => setSaving(true)}>
            {words.saveScene}
          </button>
        )}
      </div>
      {scenes.error !== null && <Failure error={scenes.error} onRetry={() => void scenes.refetch()} />}
      {remove.error !== null && <Failure error={remove.error} title={words.failed} />}
      {run > 0 && <RunProgress id={run} />}
      {asked !== undefined && (
        <RunDialog
          path={path}
          scene={asked}
          devices={devices}
          onClose={() => setAsking(undefined)}
          onStarted={({ id }) => {
            setAsking(undefined);
            change({ run: String(id) });
          }}
        />
      )}
      {saving && <SaveSceneDialog room={path} onClose={() => setSaving(false)} />}
    </section>
  );
}
