import { Failure } from "../controls/failure.tsx";
import { dayAndMinuteText } from "../format/time.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import type { EditedSetting } from "./use-setting.ts";
import { SETTING_WORDS } from "./words.ts";

/** Whether anything is changed and not saved, what is wrong with it, where it came from, and which part begins again. */
export function SaveBar<T>({
  edited,
  part,
  namesFields = true,
}: {
  readonly edited: EditedSetting<T>;
  readonly part: string;
  /** False where what is said of a problem names its place, and the field would be no help. */
  readonly namesFields?: boolean;
}) {
  const { language, locale } = useSpeech();
  const words = useWords(SETTING_WORDS);
  const { busy, dirty, discard, error, failure, problems, reload, reset, save, saved, setting } = edited;
  return (
    <>
      {error !== null && <Failure error={error} onRetry={reload} />}
      {failure !== undefined && <Failure title={words.failed} error={failure} kept={words.kept} />}
      {problems.length > 0 && (
        <div className="settings-note" role="alert">
          <strong>{words.refused}</strong>
          <ul>
            {problems.map(({ field, line, ...said }) => (
              <li key={`${field} ${line} ${said.en}`}>
                {[namesFields ? field : "", line === undefined ? "" : words.line(line), said[language]]
                  .filter((each) => each !== "")
                  .join("：")}
              </li>
            ))}
          </ul>
        </div>
      )}
      {saved && !dirty && (
        <p className="settings-done" role="status">
          {words.saved(part)}
        </p>
      )}
      {setting !== undefined && (
        <div className="settings-row">
          <button
            type="button"
            className="button"
            data-primary="true"
            disabled={!dirty || busy}
            onClick={save}
          >
            {busy ? words.saving : words.save}
          </button>
          {dirty && (
            <button type="button" className="button" onClick={discard}>
              {words.discard}
            </button>
          )}
          {!dirty && setting.source === "console" && (
            <button type="button" className="button" disabled={busy} onClick={reset}>
              {words.reset}
            </button>
          )}
          <span className="quiet-note">
            {setting.source === "hub.yaml" || setting.at === undefined
              ? words.fromFile
              : words.fromConsole(setting.by ?? "", dayAndMinuteText(setting.at, locale))}
          </span>
        </div>
      )}
    </>
  );
}
