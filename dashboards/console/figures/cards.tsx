import type { AlarmFiguresView } from "@campus-ops/rules/api";
import type { ReactNode } from "react";
import { numberText, percentText } from "../format/number.ts";
import { dayAndMinuteText, spanText } from "../format/time.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import type { BehindName } from "./behind.tsx";
import { FIGURE_WORDS } from "./words.ts";

export function FigureCards({
  view: { all, standing },
  onOpen,
}: {
  readonly view: AlarmFiguresView;
  readonly onOpen: (behind: BehindName) => void;
}) {
  const { t, locale } = useSpeech();
  const words = useWords(FIGURE_WORDS);
  const span = (span_ms: number | undefined): string => (span_ms === undefined ? "—" : spanText(span_ms, t));
  return (
    <dl className="figures">
      <Card title={words.mean} note={words.raised(all.raised)} open={() => onOpen("frequent")}>
        {numberText(all.mean, locale, 1)}
      </Card>
      <Card
        title={words.worst}
        note={all.worst === undefined ? "" : words.worstAt(dayAndMinuteText(all.worst.from, locale))}
        open={() => onOpen("worst")}
      >
        {all.worst?.raised ?? 0}
      </Card>
      <Card
        title={words.flood}
        note={`${words.floods(all.floods.length)} · ${words.floodTarget}`}
        open={() => onOpen("flood")}
      >
        {percentText(all.floodShare)}
      </Card>
      <Card title={words.chattering} note={words.chatteringNote} open={() => onOpen("chattering")}>
        {all.chattering.length}
      </Card>
      <Card title={words.standing} note={words.standingNote(standing.stale)} open={() => onOpen("standing")}>
        {standing.count}
      </Card>
      <Card
        title={words.p50}
        note={`${words.acknowledged(all.delays.acknowledged)} · ${words.unanswered(all.delays.unanswered)}`}
        open={() => onOpen("slowest")}
      >
        {span(all.delays.p50_ms)}
      </Card>
      <Card title={words.p95} note="" open={() => onOpen("slowest")}>
        {span(all.delays.p95_ms)}
      </Card>
    </dl>
  );
}

function Card(props: {
  readonly title: string;
  readonly note: string;
  readonly open: () => void;
  readonly children: ReactNode;
}) {
  const words = useWords(FIGURE_WORDS);
  return (
    <div className="figure-card">
      <dt>{props.title}</dt>
      <dd className="figure-value value">{props.children}</dd>
      <dd className="figure-note">{props.note}</dd>
      <dd>
        <button
          type="button"
          className="link-button"
          aria-label={`${props.title}: ${words.open}`}
          onClick={props.open}
        >
          {words.open}
        </button>
      </dd>
    </div>
  );
}
