import type { AlarmView } from "@campus-ops/rules/api";
import { shortPlaceText } from "../format/place.ts";
import { clockText, spanText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { ASSIGN_WORDS } from "./assign-words.ts";
import { isUnacknowledged } from "./lifecycle.ts";
import { AlarmOrigin } from "./origin.tsx";
import { PriorityBadge } from "./priority.tsx";

/** One alarm as the list shows it. The whole row selects it. */
export function AlarmRow({
  alarm,
  selected,
  onSelect,
}: {
  readonly alarm: AlarmView;
  readonly selected: boolean;
  readonly onSelect: (id: string) => void;
}) {
  const { t, language, local } = useSpeech();
  const words = useWords(ASSIGN_WORDS);
  const site = useSite();
  const now = useNow();
  const unacknowledged = isUnacknowledged(alarm);
  return (
    <button
      type="button"
      className="alarm-row"
      data-priority={alarm.priority}
      data-state={alarm.state}
      data-unacknowledged={unacknowledged}
      aria-current={selected}
      onClick={() => onSelect(alarm.id)}
    >
      <PriorityBadge priority={alarm.priority} calm={!unacknowledged} labelled />
      <span className="alarm-row-what">
        <span className="alarm-row-title">
          {alarm.drill !== undefined && <span className="drill-mark">{t.alarms.drill}</span>}
          {local(alarm.title)} <AlarmOrigin alarm={alarm} />
          {alarm.assigned !== undefined && (
            <span className="alarm-origin"> {words.given(alarm.assigned.to)}</span>
          )}
        </span>
        <span className="alarm-row-place">
          {shortPlaceText(site, alarm.device.path, language)} · {local(alarm.device.title)}
        </span>
      </span>
      <span className="alarm-row-when">
        <span className="alarm-row-age" title={clockText(alarm.raisedAt)}>
          {spanText(now - alarm.raisedAt, t)}
        </span>
        <span className="alarm-row-state">{t.alarmState[alarm.state]}</span>
      </span>
    </button>
  );
}
