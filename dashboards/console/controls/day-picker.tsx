import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useNow } from "../live/clock.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import {
  addDays,
  addMonths,
  type Day,
  isAllowed,
  sameMonth,
  startOfWeek,
  weekdayOf,
  weeksOf,
} from "./calendar-days.ts";
import { DATE_WORDS } from "./date-words.ts";
import { Dialog } from "./dialog.tsx";
import { dayInput } from "./period.ts";

const YEAR_MONTHS = 12;

/** A month to pick a day from; the keys are those of the ARIA Authoring Practices' date picker. */
export function DayPicker({
  title,
  value,
  min,
  max,
  required,
  onPick,
  onClose,
}: {
  readonly title: string;
  readonly value: Day;
  readonly min: Day;
  readonly max: Day;
  readonly required: boolean;
  /** Empty where no day was chosen. */
  readonly onPick: (day: Day) => void;
  readonly onClose: () => void;
}) {
  const { locale } = useSpeech();
  const words = useWords(DATE_WORDS);
  const today = dayInput(useNow());
  const [at, setAt] = useState(value === "" ? today : value);
  const grid = useRef<HTMLTableElement>(null);
  // The day that the arrows have come to has the focus; the first one when the dialog opens.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus follows the day
  useEffect(() => {
    grid.current?.querySelector<HTMLElement>("[tabindex='0']")?.focus();
  }, [at]);
  const move = (event: KeyboardEvent): void => {
    const next = moved(at, event);
    if (next === undefined) return;
    event.preventDefault();
    setAt(next);
  };
  const turn = (label: string, months: number, sign: string) => (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      onClick={() => setAt(addMonths(at, months))}
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  );
  const name = (day: Day): string => format(day, locale, { dateStyle: "full" });
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="day-picker">
        <div className="day-months">
          {turn(words.previousYear, -YEAR_MONTHS, "«")}
          {turn(words.previousMonth, -1, "‹")}
          <strong aria-live="polite">{format(at, locale, { year: "numeric", month: "long" })}</strong>
          {turn(words.nextMonth, 1, "›")}
          {turn(words.nextYear, YEAR_MONTHS, "»")}
        </div>
        <table ref={grid} aria-label={title}>
          <thead>
            <tr>
              {words.weekdays.map((weekday) => (
                <th key={weekday} scope="col">
                  {weekday}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weeksOf(at).map((week) => (
              <tr key={week[0]}>
                {week.map((day) => (
                  <td key={day}>
                    <button
                      type="button"
                      tabIndex={day === at ? 0 : -1}
                      disabled={!isAllowed(day, min, max) && day !== at}
                      aria-disabled={!isAllowed(day, min, max)}
                      aria-label={name(day)}
                      aria-current={day === today ? "date" : undefined}
                      data-other={!sameMonth(day, at)}
                      aria-pressed={day === value}
                      onKeyDown={move}
                      onClick={() => isAllowed(day, min, max) && onPick(day)}
                    >
                      {Number(day.slice(8))}
                    </button>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        <p className="quiet-note">{words.keys}</p>
        <div className="dialog-actions">
          {!required && value !== "" && (
            <button type="button" className="button" onClick={() => onPick("")}>
              {words.clear}
            </button>
          )}
          <button
            type="button"
            className="button"
            disabled={!isAllowed(today, min, max)}
            onClick={() => onPick(today)}
          >
            {words.today}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

/** Where a key leads from a day; undefined for one that leads nowhere. */
function moved(at: Day, { key, shiftKey }: KeyboardEvent): Day | undefined {
  const months = shiftKey ? YEAR_MONTHS : 1;
  switch (key) {
    case "ArrowLeft":
      return addDays(at, -1);
    case "ArrowRight":
      return addDays(at, 1);
    case "ArrowUp":
      return addDays(at, -7);
    case "ArrowDown":
      return addDays(at, 7);
    case "Home":
      return startOfWeek(at);
    case "End":
      return addDays(at, 6 - weekdayOf(at));
    case "PageUp":
      return addMonths(at, -months);
    case "PageDown":
      return addMonths(at, months);
    default:
      return undefined;
  }
}

/** A day has no zone, so neither has its text. */
const format = (day: Day, locale: string, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" }).format(new Date(day));
