import { percentText } from "../format/number.ts";
import { useWords } from "../text/language.tsx";
import { USE_WORDS } from "./words.ts";

const WIDTH = 120;
const HEIGHT = 10;

/** How far the figure reaches, and the mark it has to reach. */
export function UtilisationBar({
  utilisation,
  threshold,
}: {
  readonly utilisation: number | undefined;
  readonly threshold: number;
}) {
  const words = useWords(USE_WORDS);
  // The mark stands in the middle of the smallest bar: a third of the threshold and twice of it both show.
  const full = Math.max(2 * threshold, utilisation ?? 0, 0.01);
  const x = (ratio: number): number => Math.min(WIDTH, (ratio / full) * WIDTH);
  return (
    <span className="utilisation">
      <span>
        <b className="value">{utilisation === undefined ? "—" : percentText(utilisation)}</b>{" "}
        <span className="quiet">{words.threshold(percentText(threshold))}</span>
      </span>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
        <rect className="bar-ground" width={WIDTH} height={HEIGHT} />
        <rect className="bar-value" width={x(utilisation ?? 0)} height={HEIGHT} />
        <line className="bar-mark" x1={x(threshold)} x2={x(threshold)} y2={HEIGHT} />
      </svg>
    </span>
  );
}
