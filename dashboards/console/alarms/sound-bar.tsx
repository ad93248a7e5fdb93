import { useSpeech } from "../text/language.tsx";
import { useSound } from "./sound.tsx";

/** Says that nothing will be heard, as long as that is so. */
export function SoundBar() {
  const { t } = useSpeech();
  const sound = useSound();
  if (!sound.blocked) return null;
  return (
    <div className="sound-bar" role="status">
      <span>{t.sound.blocked}</span>
      <button type="button" className="button" onClick={sound.allow}>
        {t.sound.allow}
      </button>
    </div>
  );
}
