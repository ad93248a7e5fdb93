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
            <label className="field">
              <span>{words.from}</span>
              <input
                type="date"
                value={from}
                aria-label={`${title} ${index + 1}, ${words.from}`}
                onChange={(event) => set(rangeText({ from: event.target.value, to }))}
              />
            </label>
            <label className="field">
              <span>{words.to}</span>
              <input
                type="date"
                value={to}
                min={from}
                aria-label={`${title} ${index + 1}, ${words.to}`}
                onChange={(event) => set(rangeText({ from, to: event.target.value }))}
              />
            </label>
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
      <button
        type="button"
        className="button"
        onClick={() => onChange([...ranges, new Date().toISOString().slice(0, 10)])}
      >
        {words.add(title)}
      </button>
    </section>
  );
}
