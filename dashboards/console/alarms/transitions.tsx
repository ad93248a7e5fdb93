import type { TransitionView } from "@campus-ops/rules/api";
import { momentText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { ASSIGN_WORDS } from "./assign-words.ts";
import { ORIGIN_WORDS } from "./origin.tsx";

/** Who did what and when, newest first. */
export function TransitionList({ transitions }: { readonly transitions: readonly TransitionView[] }) {
  const { t, locale } = useSpeech();
  const now = useNow();
  const assigning = useWords(ASSIGN_WORDS);
  const events: Readonly<Record<string, string>> = { ...t.alarmEvent, ...useWords(ORIGIN_WORDS).events };
  const nameOf = ({ assignee, event }: TransitionView): string => {
    if (assignee !== undefined) return assignee === null ? assigning.takeBack : assigning.given(assignee);
    return (Object.hasOwn(events, event) ? events[event] : undefined) ?? event;
  };
  return (
    <ol className="transitions">
      {transitions.toReversed().map((each) => (
        <li key={`${each.at} ${each.event} ${each.from}`}>
          <time className="figure">{momentText(each.at, now, locale)}</time>
          <span>
            <strong>{nameOf(each)}</strong>
            {each.from !== each.to && (
              <span className="transition-states">
                {t.alarmState[each.from]} → {t.alarmState[each.to]}
              </span>
            )}
            {each.comment !== undefined && <q className="comment">{each.comment}</q>}
          </span>
          <span className="transition-by">{each.by === "rule" ? t.alarms.byRule : each.by}</span>
        </li>
      ))}
    </ol>
  );
}
