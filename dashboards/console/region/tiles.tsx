import type { RollupView } from "../../api/api.ts";
import { PriorityBadge } from "../alarms/priority.tsx";
import { percentText } from "../format/number.ts";
import { useSpeech } from "../text/language.tsx";
import { CompletenessWord } from "./figures.tsx";
import { activeAlarms, campusCount, countOf, worstPriority } from "./tree.ts";

/** One tile per child. The border takes the colour of the most urgent active alarm; without one it stays grey. */
export function Tiles({
  views,
  onOpen,
}: {
  readonly views: readonly RollupView[];
  readonly onOpen: (view: RollupView) => void;
}) {
  const { t, local } = useSpeech();
  return (
    <ul className="tiles">
      {views.map((view) => {
        const worst = worstPriority(view.counts);
        return (
          <li key={view.path}>
            <button type="button" className="tile" data-priority={worst} onClick={() => onOpen(view)}>
              <span className="tile-head">
                <strong>{local(view.title)}</strong>
                <span>{view.level === "campus" ? "" : t.region.campuses(campusCount(view))}</span>
              </span>
              <span className="tile-alarms">
                {worst !== undefined && (
                  <>
                    <PriorityBadge
                      priority={worst}
                      calm={countOf(view.counts, "alarms.unacknowledged") === 0}
                    />
                    {t.priority[worst]} ·{" "}
                  </>
                )}
                {t.region.activeAlarms} <b className="value">{activeAlarms(view.counts)}</b>
              </span>
              <span className="tile-line">
                {t.campus.unacknowledged(countOf(view.counts, "alarms.unacknowledged"))}
              </span>
              <span className="tile-line">
                {t.campus.intactRate}{" "}
                <b className="value">{view.intactRate === undefined ? "—" : percentText(view.intactRate)}</b>
              </span>
              <span className="tile-line">
                <CompletenessWord view={view} />
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
