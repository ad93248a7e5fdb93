import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmFiguresView } from "@campus-ops/rules/api";
import { dayAndMinuteText } from "../format/time.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { BUCKET_MS, barsOf } from "./bars.ts";
import { FIGURE_WORDS } from "./words.ts";

/** A desk is flooded above it. */
const FLOOD_ALARMS_MAX = 10;
const HEIGHT = 100;

/** Bars that open into their alarms; those without alarms are no stop for the keyboard. */
export function LoadChart({
  view: { from, to, all },
  onOpen,
}: {
  readonly view: AlarmFiguresView;
  readonly onOpen: (bucket: Timestamp) => void;
}) {
  const { locale } = useSpeech();
  const words = useWords(FIGURE_WORDS);
  const bars = barsOf(all.buckets, from, to);
  const most = Math.max(FLOOD_ALARMS_MAX + 2, ...bars.map(({ raised }) => raised));
  const daily = bars.length > 1 && (bars[1]?.from ?? 0) - (bars[0]?.from ?? 0) > BUCKET_MS;
  const height = (raised: number): number => (raised / most) * HEIGHT;
  return (
    <section>
      <h2>{words.chart}</h2>
      <div className="load-chart">
        <svg
          viewBox={`0 0 ${bars.length * 10} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          className="load-line"
        >
          <line
            x1="0"
            x2={bars.length * 10}
            y1={HEIGHT - height(FLOOD_ALARMS_MAX)}
            y2={HEIGHT - height(FLOOD_ALARMS_MAX)}
          />
          {bars.map(({ from: at, raised }, index) => (
            <rect key={at} x={index * 10 + 1} width="8" y={HEIGHT - height(raised)} height={height(raised)} />
          ))}
        </svg>
        <ul className="load-bars">
          {bars.map(({ from: at, raised, bucket }) => (
            <li key={at}>
              {raised > 0 && (
                <button
                  type="button"
                  title={`${dayAndMinuteText(bucket, locale)} · ${raised}`}
                  aria-label={`${dayAndMinuteText(bucket, locale)}: ${raised}`}
                  onClick={() => onOpen(bucket)}
                />
              )}
            </li>
          ))}
        </ul>
        <p className="load-ends figure">
          <span>{dayAndMinuteText(from, locale)}</span>
          <span>{dayAndMinuteText(to, locale)}</span>
        </p>
      </div>
      <p className="footnote">
        {words.chartHint} {daily && words.chartTruncated}
      </p>
    </section>
  );
}
