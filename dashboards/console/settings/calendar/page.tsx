import type { CalendarChange } from "@campus-ops/rules/api";
import { useState } from "react";
import { Failure } from "../../controls/failure.tsx";
import { postJson } from "../../live/http.ts";
import { useSpeech, useWords } from "../../text/language.tsx";
import { useAttempt } from "../attempt.ts";
import { SaveBar } from "../save-bar.tsx";
import { useSetting } from "../use-setting.ts";
import { SETTING_WORDS } from "../words.ts";
import {
  type CalendarDraft,
  DAY_KINDS,
  type DayPart,
  readCalendar,
  readWindows,
  WEEKDAYS,
  windowsText,
} from "./draft.ts";
import { ImportForm } from "./import-form.tsx";
import { Ranges } from "./ranges.tsx";
import { Timetable } from "./timetable.tsx";
import { CALENDAR_WORDS } from "./words.ts";
import "../settings.css";

const USUAL_WEEK: readonly string[] = ["mon", "tue", "wed", "thu", "fri"];

/** Terms, holidays, make-up days and hours; what a change changes is shown before it counts. */
export default function CalendarPage() {
  const { t } = useSpeech();
  const words = useWords(CALENDAR_WORDS);
  const edited = useSetting("calendar", readCalendar);
  const { draft, setting } = edited;
  const [files, setFiles] = useState<Readonly<Record<string, string>>>({});
  const [changes, setChanges] = useState<readonly CalendarChange[]>();
  const { attempt, failure } = useAttempt();
  const change = (next: CalendarDraft, more: Readonly<Record<string, string>> = {}): void => {
    // A demonstration's minutes give way to days.
    const { cycle: _, ...days } = next;
    setFiles({ ...files, ...more });
    setChanges(undefined);
    edited.change(days, more);
  };
  const preview = (): Promise<void> =>
    attempt(async () => {
      setChanges(await postJson("/api/v1/settings/calendar/preview", { value: draft, files }));
    });
  return (
    <div className="settings">
      <header>
        <h1>{words.title}</h1>
        <p className="quiet-note">{words.intro}</p>
      </header>
      {setting === undefined && edited.error === null && <p className="quiet-note">{t.loading}</p>}
      {draft.cycle !== undefined && <p className="settings-note">{words.cycle}</p>}
      {typeof setting?.value === "string" && <p className="settings-note">{words.ofFile}</p>}
      <SaveBar edited={edited} part="rules" />
      {failure !== undefined && <Failure error={failure} />}
      {edited.dirty && (
        <section>
          <button type="button" className="button" onClick={() => void preview()}>
            {words.preview}
          </button>
          {changes !== undefined && (
            <div role="status">
              {changes.length === 0 ? (
                <p>{words.noChanges}</p>
              ) : (
                <>
                  <p>{words.changes}</p>
                  <ul>
                    {changes.map(({ from, school, to }) => (
                      <li key={from}>{words.becomes(from === to ? from : `${from} – ${to}`, school)}</li>
                    ))}
                  </ul>
                </>
              )}
            </div>
          )}
        </section>
      )}
      {setting !== undefined && (
        <>
          {DAY_KINDS.map((kind) => (
            <Ranges
              key={kind}
              kind={kind}
              ranges={draft[kind] ?? []}
              onChange={(ranges) => change({ ...draft, [kind]: ranges })}
            />
          ))}
          <Week draft={draft} onChange={change} />
          <Imports draft={draft} onChange={change} />
          <ImportForm draft={draft} onChange={change} />
          <Timetable />
        </>
      )}
    </div>
  );
}

interface PartProps {
  readonly draft: CalendarDraft;
  readonly onChange: (draft: CalendarDraft) => void;
}

function Week({ draft, onChange }: PartProps) {
  const words = useWords(CALENDAR_WORDS);
  const days = draft.schoolDays ?? USUAL_WEEK;
  const write = (part: DayPart, text: string): void => {
    if (text === windowsText(draft[part])) return;
    const { [part]: _, ...rest } = draft;
    // Nothing at all is no window at all: the usual hours stand.
    onChange(text.trim() === "" ? rest : { ...rest, [part]: readWindows(text) });
  };
  const hours = (part: DayPart) => (
    <label className="field">
      <span>{words[part]}</span>
      <textarea
        rows={5}
        defaultValue={windowsText(draft[part])}
        onBlur={(event) => write(part, event.target.value)}
      />
    </label>
  );
  return (
    <section>
      <h2>{words.windows}</h2>
      <fieldset className="settings-row">
        <legend>{words.week}</legend>
        {WEEKDAYS.map((day) => (
          <label key={day} className="check">
            <input
              type="checkbox"
              checked={days.includes(day)}
              onChange={(event) =>
                onChange({
                  ...draft,
                  schoolDays: WEEKDAYS.filter((each) =>
                    each === day ? event.target.checked : days.includes(each),
                  ),
                })
              }
            />
            <span>{words.weekdays[day]}</span>
          </label>
        ))}
      </fieldset>
      <div className="settings-form">
        <p className="quiet-note">{words.windowsHint}</p>
        {hours("schoolDay")}
        {hours("offDay")}
        <label className="check">
          <input
            type="checkbox"
            checked={draft.boarding === true}
            onChange={(event) => onChange({ ...draft, boarding: event.target.checked })}
          />
          <span>{words.boarding}</span>
        </label>
      </div>
    </section>
  );
}

function Imports({ draft, onChange }: PartProps) {
  const words = useWords(CALENDAR_WORDS);
  const common = useWords(SETTING_WORDS);
  const all = draft.import ?? [];
  if (all.length === 0) return null;
  return (
    <section>
      <h2>{words.imports}</h2>
      <ul className="plain-list">
        {all.map(({ as, containing, file }) => (
          <li key={`${file} ${as} ${containing}`} className="settings-row">
            <span>
              {file.replace("settings:", "")} · {as}
              {containing === undefined ? "" : ` · ${containing}`}
            </span>
            <button
              type="button"
              className="button"
              aria-label={`${common.remove}: ${file}`}
              onClick={() => onChange({ ...draft, import: all.filter((each) => each.file !== file) })}
            >
              {common.remove}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
