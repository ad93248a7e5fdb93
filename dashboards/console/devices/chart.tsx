import { useEffect, useEffectEvent, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clockText, dayAndMinuteText } from "../format/time.ts";
import { useSpeech } from "../text/language.tsx";

const HEIGHT_PX = 220;
const stepPath = uPlot.paths.stepped?.({ align: 1 });
/** With fewer points than this, each is marked. */
const SPARSE_POINTS = 60;

/** A time series. Time stands in milliseconds; colours are the theme's at the moment of mounting. */
export default function Chart({
  points,
  stepped,
  title,
  unit,
}: {
  readonly points: readonly (readonly [number, number])[];
  /** Raw values are reported by exception: each holds until the next. */
  readonly stepped: boolean;
  readonly title: string;
  readonly unit: string;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const { t, locale } = useSpeech();
  const sparse = points.length < SPARSE_POINTS;
  const data = useEffectEvent(
    (): uPlot.AlignedData => [points.map(([at]) => at), points.map(([, value]) => value)],
  );

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
          {
            label: t.alarms.evidenceTime,
            value: (_, at) => (at === null ? "" : dayAndMinuteText(at, locale)),
          },
          {
            label: unit === "" ? title : `${title} (${unit})`,
            stroke: colour("--chart"),
            width: 1.5,
            ...(stepped && stepPath !== undefined && { paths: stepPath }),
            spanGaps: false,
            points: { show: sparse },
          },
        ],
        axes: [
          { ...axis, values: (_, ticks) => ticks.map((at) => clockText(at).slice(0, 5)) },
          { ...axis, size: 64 },
        ],
      },
      data(),
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
  }, [stepped, title, unit, t, locale, sparse]);

  // New points come in without rebuilding, which would undo the reader's zoom.
  useEffect(() => {
    plot.current?.setData([points.map(([at]) => at), points.map(([, value]) => value)]);
  }, [points]);

  return <div className="chart" ref={frame} role="img" aria-label={title} />;
}
