import { DateField } from "../../controls/date-field.tsx";
import { dayInput } from "../../controls/period.ts";
import { useNow } from "../../live/clock.ts";
import { useWords } from "../../text/language.tsx";
import { type DayKind, rangeOf, rangeText } from "./draft.ts";
import { CALENDAR_WORDS } from "./words.ts";

/** Days of one kind, as ranges that can be changed. */
export function Ranges({
  kind,
  ranges,
  onChange,
}: {
  readonly kind: DayKind;
  readonly ranges: readonly string[];
  readonly onChange: (ranges: readonly string[]) => void;
}) {
  const words = useWords(CALENDAR_WORDS);
  const title = words.kinds[kind];
  const today = dayInput(useNow());
  return (
    <section>
      <h2>{title}</h2>
      <p className="quiet-note">{words.hints[kind]}</p>
      {ranges.map((text, index) => {
        const { from, to } = rangeOf(text);
        const set = (next: string): void => onChange(ranges.map((each, at) => (at === index ? next : each)));
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: while a day is typed, a range has no other name than its place
          <div key={index} className="settings-row">
            <DateField
              label={words.from}
              fullLabel={`${title} ${index + 1}, ${words.from}`}
              value={from}
              onChange={(day) => set(rangeText({ from: day, to }))}
            />
            <DateField
              label={words.to}
              fullLabel={`${title} ${index + 1}, ${words.to}`}
              value={to}
              min={from}
              onChange={(day) => set(rangeText({ from, to: day }))}
            />
            <button
              type="button"
              className="icon-button"
              aria-label={words.remove(`${title} ${text}`)}
              onClick={() => onChange(ranges.filter((_, at) => at !== index))}
            >
              <span aria-hidden="true">✕</span>
            </button>
          </div>
        );
      })}
      <button type="button" className="button" onClick={() => onChange([...ranges, today])}>
        {words.add(title)}
      </button>
    </section>
  );
}
