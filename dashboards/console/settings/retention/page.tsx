import type { RetentionLoss } from "@campus-ops/ingest/api";
import { useState } from "react";
import { Failure } from "../../controls/failure.tsx";
import { numberText } from "../../format/number.ts";
import { fullDateText } from "../../format/time.ts";
import { postJson } from "../../live/http.ts";
import { useSpeech, useWords } from "../../text/language.tsx";
import { useAttempt } from "../attempt.ts";
import { SaveBar } from "../save-bar.tsx";
import { useSetting } from "../use-setting.ts";
import { Removals } from "./removals.tsx";
import { nameOf, RETENTION_WORDS } from "./words.ts";
import "../settings.css";

/** Days where the configuration says nothing; the hub's own figures are in its reference. */
const USUAL = {
  pointDays: 30,
  fiveMinuteDays: 190,
  hourDays: 3_653,
  schoolDayDays: 3_653,
  termDays: 7_306,
  eventDays: 190,
  healthEventDays: 30,
  pictureDays: 30,
  journalDays: 30,
} as const;
type Field = keyof typeof USUAL;
const FIELDS = Object.keys(USUAL) as readonly Field[];
const YEAR_DAYS = 365.25;

/** What days are in years, where there is no other way to picture them. */
const yearsOf = (days: number, locale: string): string | undefined =>
  days < 2 * YEAR_DAYS ? undefined : numberText(days / YEAR_DAYS, locale, 0);

type Draft = Readonly<Record<string, unknown>>;
const readRetention = (value: unknown): Draft =>
  typeof value === "object" && value !== null ? (value as Draft) : {};

/** How long each class of data is kept, and what a change would remove, before it does. */
export default function RetentionPage() {
  const { t, locale } = useSpeech();
  const words = useWords(RETENTION_WORDS);
  const edited = useSetting("retention", readRetention);
  const { change, dirty, draft, setting } = edited;
  const [losses, setLosses] = useState<readonly RetentionLoss[]>();
  const { attempt, failure } = useAttempt();
  const set = (field: Field, text: string): void => {
    const { [field]: _, ...rest } = draft;
    setLosses(undefined);
    change(text === "" ? rest : { ...rest, [field]: Number(text) });
  };
  const preview = (): Promise<void> =>
    attempt(async () => setLosses(await postJson("/api/v1/settings/retention/preview", { value: draft })));
  return (
    <div className="settings">
      <header>
        <h1>{words.title}</h1>
        <p className="quiet-note">{words.intro}</p>
      </header>
      {setting === undefined && edited.error === null && <p className="quiet-note">{t.loading}</p>}
      {dirty && losses === undefined && (
        <section>
          <p>{words.previewFirst}</p>
          <button type="button" className="button" data-primary="true" onClick={() => void preview()}>
            {words.preview}
          </button>
          {failure !== undefined && <Failure error={failure} />}
        </section>
      )}
      {dirty && losses !== undefined && (
        <div className={losses.length === 0 ? "settings-done" : "settings-note"} role="status">
          <p>{losses.length === 0 ? words.nothing : words.losses}</p>
          <ul>
            {losses.map(({ before, count, unit, what }) => {
              const amount = `${numberText(count, locale)} ${words.units[unit]}`;
              return (
                <li key={what}>{words.loss(nameOf(what, words), amount, fullDateText(before, locale))}</li>
              );
            })}
          </ul>
        </div>
      )}
      {(!dirty || losses !== undefined) && <SaveBar edited={edited} part="ingest" />}
      {setting !== undefined && (
        <div className="settings-form">
          {FIELDS.map((field) => (
            <label key={field} className="field">
              <span>{words.field[field]}</span>
              <div className="amount">
                <input
                  type="number"
                  min={1}
                  value={typeof draft[field] === "number" ? draft[field] : ""}
                  placeholder={String(USUAL[field])}
                  onChange={(event) => set(field, event.target.value)}
                />
                <span>{words.days}</span>
              </div>
              <small className="quiet">
                {words.usual(numberText(USUAL[field], locale), yearsOf(USUAL[field], locale))} ·{" "}
                {words.hint[field]}
              </small>
            </label>
          ))}
        </div>
      )}
      <Removals />
    </div>
  );
}
