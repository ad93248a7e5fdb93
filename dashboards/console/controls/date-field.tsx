import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useWords } from "../text/language.tsx";
import { type Day, isAllowed, readDay } from "./calendar-days.ts";
import { DATE_WORDS } from "./date-words.ts";
import { DayPicker } from "./day-picker.tsx";
import "./dates.css";

/**
 * A day, typed or picked from a calendar, in the console's language and not the browser's. What cannot be read, or lies
 * outside of the ends, is told of when the field is left, and does not become the value.
 */
export function DateField({
  label,
  fullLabel = label,
  value,
  onChange,
  min = "",
  max = "",
  required = false,
  children,
}: {
  readonly label: string;
  /** What a screen reader is told, where the label alone does not say which one it is. */
  readonly fullLabel?: string;
  /** `YYYY-MM-DD`; empty for none. */
  readonly value: Day;
  readonly onChange: (day: Day) => void;
  readonly min?: Day;
  readonly max?: Day;
  readonly required?: boolean;
  /** What stands behind the day in the same row. */
  readonly children?: ReactNode;
}) {
  const words = useWords(DATE_WORDS);
  const id = useId();
  // Only while it differs from the value: half a date is nobody's day.
  const [typed, setTyped] = useState<string>();
  const [left, setLeft] = useState(false);
  const [open, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const fault = typed === undefined ? undefined : faultOf(typed, min, max);
  const message = fault === "wrong" ? words.wrong : fault === "outside" ? words.outside(min, max) : undefined;
  const said = left ? message : undefined;
  // A form is not sent with a day that nobody could read.
  useEffect(() => input.current?.setCustomValidity(message ?? ""), [message]);
  const take = (day: Day): void => {
    setTyped(undefined);
    if (day !== value) onChange(day);
  };
  const type = (text: string): void => {
    setLeft(false);
    setTyped(text);
    if (text.trim() === "") onChange("");
    // A whole date counts at once: a form may be sent from within the field.
    else if (faultOf(text, min, max) === undefined) onChange(readDay(text) ?? value);
  };
  return (
    <div className="field date-field">
      <label htmlFor={id}>{label}</label>
      <span className="date-row">
        <input
          ref={input}
          id={id}
          value={typed ?? value}
          aria-label={fullLabel === label ? undefined : fullLabel}
          aria-invalid={said !== undefined}
          aria-describedby={said === undefined ? undefined : `${id}-said`}
          placeholder={words.placeholder}
          autoComplete="off"
          required={required}
          maxLength={20}
          onChange={({ target }) => type(target.value)}
          onBlur={({ target }) => {
            setLeft(true);
            if (faultOf(target.value, min, max) === undefined) setTyped(undefined);
          }}
        />
        <button
          type="button"
          className="icon-button"
          aria-label={words.pick(fullLabel)}
          aria-haspopup="dialog"
          onClick={() => setOpen(true)}
        >
          <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d="M4 6h16v14H4zM4 10h16M8 3v5M16 3v5" />
          </svg>
        </button>
        {children}
      </span>
      {said !== undefined && (
        <small id={`${id}-said`} className="date-fault" role="alert">
          {said}
        </small>
      )}
      {open && (
        <DayPicker
          title={fullLabel}
          value={value}
          min={min}
          max={max}
          required={required}
          onClose={() => setOpen(false)}
          onPick={(day) => {
            setOpen(false);
            take(day);
          }}
        />
      )}
    </div>
  );
}

function faultOf(text: string, min: Day, max: Day): "wrong" | "outside" | undefined {
  if (text.trim() === "") return undefined;
  const day = readDay(text);
  if (day === undefined) return "wrong";
  return isAllowed(day, min, max) ? undefined : "outside";
}
