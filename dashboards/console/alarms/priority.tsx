import type { Priority } from "@campus-ops/rules/api";
import { useSpeech } from "../text/language.tsx";

/** Told apart by shape as well as by colour: octagon, triangle, square, circle. */
const SHAPES: Readonly<Record<Priority, string>> = {
  1: "M10 1h12l9 9v12l-9 9H10l-9-9V10z",
  2: "M16 1 32 30H0z",
  3: "M2 2h28v28H2z",
  4: "M16 1a15 15 0 1 1 0 30a15 15 0 1 1 0-30z",
};

/** `calm` draws the outline alone: somebody has acknowledged it, or it is over. */
export function PriorityBadge({
  priority,
  calm = false,
  labelled = false,
}: {
  readonly priority: Priority;
  readonly calm?: boolean;
  /** Names itself to a screen reader; not needed where the word stands beside it. */
  readonly labelled?: boolean;
}) {
  const { t } = useSpeech();
  return (
    <>
      <svg
        className="priority-badge"
        data-priority={priority}
        data-calm={calm}
        viewBox="-1 -1 34 34"
        aria-hidden="true"
      >
        <path d={SHAPES[priority]} />
        <text x="16" y={priority === 2 ? 27 : 22.5}>
          {priority}
        </text>
      </svg>
      {labelled && <span className="visually-hidden">{t.priority[priority]}</span>}
    </>
  );
}
