import { useQuery } from "@tanstack/react-query";
import type { HealthIntervalView } from "../../api/api.ts";
import { percentText } from "../format/number.ts";
import { dayAndMinuteText } from "../format/time.ts";
import { HEALTH_WORDS } from "../health/words.ts";
import { getJson } from "../live/http.ts";
import { useSpeech, useWords } from "../text/language.tsx";

const WIDTH = 600;
const HEIGHT = 26;

/** One device's time as a strip: told apart by height and pattern as well as by shade. */
export function HealthTimeline({
  device,
  from,
  to,
}: {
  readonly device: string;
  readonly from: number;
  readonly to: number;
}) {
  const { t, locale } = useSpeech();
  const words = useWords(HEALTH_WORDS);
  const query = useQuery({
    queryKey: ["health", "timeline", device, from, to],
    queryFn: ({ signal }) =>
      getJson<readonly HealthIntervalView[]>(
        `/api/v1/health/timeline?device=${encodeURIComponent(device)}&from=${from}&to=${to}`,
        signal,
      ),
    placeholderData: (previous) => previous,
  });
  // Whoever may not see figures sees the page without this.
  if (query.error !== null) return null;
  const intervals = query.data ?? [];
  const length = (each: HealthIntervalView): number => each.to - each.from;
  const known = intervals.reduce((sum, each) => sum + length(each), 0);
  const working = intervals
    .filter(({ state }) => state === "working")
    .reduce((sum, each) => sum + length(each), 0);
  const x = (at: number): number => ((at - from) / (to - from)) * WIDTH;
  return (
    <section>
      <h3>
        {words.timeline}
        {known > 0 && ` · ${words.share(percentText(working / known))}`}
      </h3>
      {query.isSuccess && intervals.length === 0 && <p className="quiet-note">{words.timelineEmpty}</p>}
      {intervals.length > 0 && (
        <>
          <svg
            className="timeline"
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={words.timeline}
          >
            {intervals.map((each) => (
              <rect
                key={each.from}
                data-state={each.state}
                x={x(each.from)}
                width={Math.max(1, x(each.to) - x(each.from))}
                y={each.state === "working" ? HEIGHT * 0.6 : 0}
                height={each.state === "working" ? HEIGHT * 0.4 : HEIGHT}
              >
                <title>
                  {words.timelineText(
                    words.states[each.state],
                    dayAndMinuteText(each.from, locale),
                    dayAndMinuteText(each.to, locale),
                  )}
                </title>
              </rect>
            ))}
          </svg>
          <p className="footnote timeline-ends">
            <span>{dayAndMinuteText(from, locale)}</span>
            <span>
              {(["working", "faulty", "unreachable", "unknown"] as const).map((state) => (
                <span key={state} className="timeline-key" data-state={state}>
                  {words.states[state]}
                </span>
              ))}
            </span>
            <span>{dayAndMinuteText(to, locale)}</span>
          </p>
          <ul className="visually-hidden" aria-label={words.timeline}>
            {intervals
              .filter(({ state }) => state !== "working")
              .map((each) => (
                <li key={each.from}>
                  {words.timelineText(
                    words.states[each.state],
                    dayAndMinuteText(each.from, locale),
                    dayAndMinuteText(each.to, locale),
                  )}
                </li>
              ))}
          </ul>
        </>
      )}
      {query.isPending && <p className="quiet-note">{t.loading}</p>}
    </section>
  );
}
