import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { useState } from "react";
import { useWords } from "../text/language.tsx";
import { readTime, timeText } from "./calendar-days.ts";
import { DateField } from "./date-field.tsx";
import { DATE_WORDS } from "./date-words.ts";
import { dayInput, dayOf } from "./period.ts";

const MINUTE_MS = 60_000;

/** A day and a time by this machine's calendar; no day is no moment. A day alone means `usual`, which is then shown. */
export function DateTimeField({
  label,
  value,
  onChange,
  usual,
}: {
  readonly label: string;
  readonly value: Timestamp | undefined;
  readonly onChange: (value: Timestamp | undefined) => void;
  /** Minutes of the day. */
  readonly usual: number;
}) {
  const words = useWords(DATE_WORDS);
  const [typed, setTyped] = useState<string>();
  const [left, setLeft] = useState(false);
  const day = value === undefined ? "" : dayInput(value);
  const minutes = value === undefined ? usual : minutesOf(value);
  const isWrong = left && typed !== undefined && readTime(typed) === undefined;
  const take = (nextDay: string, nextMinutes: number): void => onChange(momentOf(nextDay, nextMinutes));
  return (
    <DateField label={label} value={day} onChange={(next) => take(next, minutes)}>
      <input
        className="time"
        value={typed ?? (day === "" ? "" : timeText(minutes))}
        disabled={day === ""}
        aria-label={`${label}, ${words.time}`}
        aria-invalid={isWrong}
        title={isWrong ? words.wrongTime : undefined}
        placeholder={words.timePlaceholder}
        autoComplete="off"
        maxLength={8}
        onChange={({ target }) => {
          setLeft(false);
          setTyped(target.value);
          const read = readTime(target.value);
          if (read !== undefined) take(day, read);
        }}
        onBlur={({ target }) => {
          setLeft(true);
          if (readTime(target.value) !== undefined) setTyped(undefined);
        }}
      />
      {isWrong && (
        <small className="date-fault" role="alert">
          {words.wrongTime}
        </small>
      )}
    </DateField>
  );
}

function minutesOf(at: Timestamp): number {
  const moment = new Date(at);
  return moment.getHours() * 60 + moment.getMinutes();
}

function momentOf(day: string, minutes: number): Timestamp | undefined {
  const midnight = dayOf(day);
  if (midnight === undefined) return undefined;
  const at = new Date(midnight);
  // By the clock on the wall: a day that the clock is changed on is not 24 hours long.
  at.setHours(Math.floor(minutes / 60), minutes % 60);
  return Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS;
}
