import { placeText } from "../format/place.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { ROOM_CLASSES, type Room } from "./rooms.ts";
import { RunHistory } from "./run-history.tsx";
import { SceneButtons } from "./scenes.tsx";
import { ROOM_WORDS } from "./words.ts";

/** A floor, a building or a campus, controlled together. */
export function PlacePane({ path, rooms }: { readonly path: string; readonly rooms: readonly Room[] }) {
  const { language } = useSpeech();
  const words = useWords(ROOM_WORDS);
  const site = useSite();
  const devices = rooms.flatMap((room) => room.devices.filter((device) => ROOM_CLASSES.has(device.class)));
  return (
    <article>
      <header className="detail-header">
        <div>
          <h2>{placeText(site, path, language)}</h2>
          <p className="detail-subtitle">
            {words.bulk} · {words.rooms(rooms.length)} · {words.devices(devices.length)}
          </p>
        </div>
      </header>
      <SceneButtons path={path} devices={devices.length} />
      <RunHistory path={path} />
    </article>
  );
}
