import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { dayInput } from "../controls/period.ts";
import { useWords } from "../text/language.tsx";
import { ORDER_WORDS } from "./words.ts";

/** A day and a time by this machine's calendar; empty for none. */
export function DueInput({
  value,
  onChange,
}: {
  readonly value: Timestamp | undefined;
  readonly onChange: (value: Timestamp | undefined) => void;
}) {
  const words = useWords(ORDER_WORDS);
  return (
    <label className="field">
      <span>{words.due}</span>
      <input
        type="datetime-local"
        value={value === undefined ? "" : localInput(value)}
        onChange={({ target }) => {
          const at = new Date(target.value).getTime();
          onChange(Number.isNaN(at) ? undefined : at);
        }}
      />
    </label>
  );
}

function localInput(at: Timestamp): string {
  const moment = new Date(at);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${dayInput(at)}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}
