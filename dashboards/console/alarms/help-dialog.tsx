import { Dialog } from "../controls/dialog.tsx";
import { usePreference } from "../shell/preferences.ts";
import { useSpeech } from "../text/language.tsx";
import { PRIORITIES } from "./lifecycle.ts";
import { PriorityBadge } from "./priority.tsx";
import { useSound } from "./sound.tsx";

const KEYS = [
  ["↑ ↓", "move"],
  ["Enter", "open"],
  ["A", "acknowledge"],
  ["G", "give"],
  ["E", "escalate"],
  ["S", "shelve"],
  ["N", "note"],
  ["M", "mute"],
  ["/", "search"],
  ["?", "help"],
  ["Esc", "escape"],
] as const;

export function KeyTable() {
  const { t } = useSpeech();
  return (
    <dl className="key-table">
      {KEYS.map(([key, meaning]) => (
        <div key={key}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{t.help.keys[meaning]}</dd>
        </div>
      ))}
    </dl>
  );
}

export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useSpeech();
  const sound = useSound();
  const [shortcuts, setShortcuts] = usePreference("shortcuts");
  return (
    <Dialog title={t.help.title} onClose={onClose}>
      <KeyTable />
      <label className="check">
        <input
          type="checkbox"
          checked={shortcuts === "on"}
          onChange={(event) => setShortcuts(event.target.checked ? "on" : "off")}
        />
        {t.help.enabled}
      </label>
      <h3>{t.help.soundTest}</h3>
      <div className="sound-tests">
        {PRIORITIES.map((priority) => (
          <button key={priority} type="button" className="button" onClick={() => sound.test(priority)}>
            <PriorityBadge priority={priority} />
            {t.sound.testPriority(t.priority[priority])}
          </button>
        ))}
      </div>
    </Dialog>
  );
}
