import { useNow } from "../live/clock.ts";
import { useWords } from "../text/language.tsx";
import { useAddress } from "./address.ts";
import { DateField } from "./date-field.tsx";
import { dayInput, PERIODS, type Period, type PeriodName } from "./period.ts";
import { Segmented } from "./segmented.tsx";

const WORDS = {
  zh: {
    label: "时段",
    day: "24 小时",
    week: "7 天",
    month: "30 天",
    year: "一年",
    from: "从",
    to: "到",
    dates: "起止日期",
  },
  en: {
    label: "Period",
    day: "24 hours",
    week: "7 days",
    month: "30 days",
    year: "A year",
    from: "From",
    to: "To",
    dates: "Dates",
  },
};

/** A number of days up to now, or two dates. The choice stands in the address. */
export function PeriodChoice({ period }: { readonly period: Period }) {
  const words = useWords(WORDS);
  const { change } = useAddress();
  const first = dayInput(period.from);
  const last = dayInput(period.to - 1);
  return (
    <div className="toolbar period">
      <Segmented<PeriodName | "">
        label={words.label}
        options={PERIODS.map((value) => ({ value, title: words[value] }))}
        value={period.name ?? ""}
        onChange={(name) => change({ period: name, from: "", to: "" })}
      />
      <fieldset className="period-dates">
        <legend className="visually-hidden">{words.dates}</legend>
        <DateField
          label={words.from}
          value={first}
          max={last}
          required
          onChange={(from) => from !== "" && change({ from, to: last, period: "" })}
        />
        <DateField
          label={words.to}
          value={last}
          min={first}
          max={dayInput(useNow())}
          required
          onChange={(to) => to !== "" && change({ from: first, to, period: "" })}
        />
      </fieldset>
    </div>
  );
}
