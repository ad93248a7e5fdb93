import { type FormEvent, useState } from "react";
import { TextField } from "../../account/field.tsx";
import { FileField } from "../../controls/file-field.tsx";
import { textOf } from "../../controls/text-of.ts";
import { useWords } from "../../text/language.tsx";
import { type CalendarDraft, DAY_KINDS, type DaysTable, readDays, withDays, withFile } from "./draft.ts";
import { CALENDAR_WORDS } from "./words.ts";

/** Days out of a spreadsheet, or events out of a calendar program, into the draft. */
export function ImportForm({
  draft,
  onChange,
}: {
  readonly draft: CalendarDraft;
  readonly onChange: (draft: CalendarDraft, files?: Readonly<Record<string, string>>) => void;
}) {
  const words = useWords(CALENDAR_WORDS);
  const [file, setFile] = useState<File>();
  const [as, setAs] = useState<string>("holidays");
  const [containing, setContaining] = useState("");
  const [told, setTold] = useState<DaysTable>();
  const isCalendar = file?.name.toLowerCase().endsWith(".ics") === true;
  const bring = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (file === undefined) return;
    const text = await textOf(file);
    if (isCalendar) {
      const { draft: next, files } = withFile(draft, file.name, text, as, containing.trim());
      onChange(next, files);
      return;
    }
    const table = readDays(text);
    setTold(table);
    if (table.problems.length === 0) onChange(withDays(draft, table.days));
  };
  return (
    <section>
      <h2>{words.importTitle}</h2>
      <p className="quiet-note">{words.importHint}</p>
      <form className="settings-form" onSubmit={(event) => void bring(event)}>
        {told !== undefined && told.problems.length > 0 && (
          <ul className="settings-note" role="alert">
            {told.problems.map(({ row, what }) => (
              <li key={`${row} ${what}`}>
                {words.row(row)}: {words.rowProblems[what]}
              </li>
            ))}
          </ul>
        )}
        {told !== undefined && told.problems.length === 0 && <p role="status">{words.brought(told.rows)}</p>}
        <FileField
          label={words.file}
          accept=".csv,.ics,.txt"
          required
          onChange={(chosen) => {
            setTold(undefined);
            setFile(chosen);
          }}
        />
        {isCalendar && (
          <>
            <label className="field">
              <span>{words.as}</span>
              <select value={as} onChange={(event) => setAs(event.target.value)}>
                {DAY_KINDS.map((kind) => (
                  <option key={kind} value={kind}>
                    {words.kinds[kind]}
                  </option>
                ))}
                <option value="exam">{words.asExam}</option>
                <option value="other">{words.asOther}</option>
              </select>
            </label>
            <TextField
              label={words.containing}
              value={containing}
              onChange={setContaining}
              required={false}
            />
          </>
        )}
        <button type="submit" className="button">
          {words.bring}
        </button>
      </form>
    </section>
  );
}
