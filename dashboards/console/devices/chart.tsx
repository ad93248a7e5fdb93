import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clockText, dayAndMinuteText } from "../format/time.ts";
import { usePreference } from "../shell/preferences.ts";
import { useSpeech } from "../text/language.tsx";

const HEIGHT_PX = 220;

/** A time series. Time stands in milliseconds; colours are those of the page's theme. */
export default function Chart({
  points,
  title,
  unit,
}: {
  readonly points: readonly (readonly [number, number])[];
  readonly title: string;
  readonly unit: string;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const { locale } = useSpeech();
  const [theme] = usePreference("theme");

  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const colour = (name: string): string => getComputedStyle(element).getPropertyValue(name).trim();
    const axis = {
      stroke: colour("--text-2"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { stroke: colour("--line"), width: 1 },
      font: `12px ${colour("--font")}`,
    };
    const built = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT_PX,
        ms: 1,
        legend: { live: true },
        cursor: { drag: { x: true, y: false } },
        series: [
          { label: "", value: (_, at) => (at === null ? "" : dayAndMinuteText(at, locale)) },
          {
            label: unit === "" ? title : `${title} (${unit})`,
            stroke: colour("--chart"),
            width: 1.5,
            spanGaps: false,
            points: { show: points.length < 60 },
          },
        ],
        axes: [
          { ...axis, values: (_, ticks) => ticks.map((at) => clockText(at, locale).slice(0, 5)) },
          { ...axis, size: 64 },
        ],
      },
      [[], []],
      element,
    );
    plot.current = built;
    const resized = new ResizeObserver(() =>
      built.setSize({ width: element.clientWidth, height: HEIGHT_PX }),
    );
    resized.observe(element);
    return () => {
      resized.disconnect();
      built.destroy();
    };
    // biome-ignore lint/correctness/useExhaustiveDependencies: the theme is read through the computed colours
  }, [title, unit, locale, theme, points.length < 60]);

  useEffect(() => {
    plot.current?.setData([points.map(([at]) => at), points.map(([, value]) => value)]);
  }, [points, title, unit, locale, theme]);

  return <div className="chart" ref={frame} role="img" aria-label={title} />;
}
