import { type FormEvent, useState } from "react";
import type { BundleView } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { FileField } from "../controls/file-field.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { dayAndMinuteText } from "../format/time.ts";
import { metricValueText } from "../format/value.ts";
import { remove, sendPicture as sendFile } from "../live/http.ts";
import { useAttempt } from "../settings/attempt.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { UPDATE_WORDS } from "./update-words.ts";

const BUNDLE_TYPE = "application/octet-stream";

/** Bundles that the hub has judged, and where the next one is brought. */
export function Bundles({
  bundles,
  takesBundles,
  may,
  onChanged,
}: {
  readonly bundles: readonly BundleView[];
  readonly takesBundles: boolean;
  readonly may: boolean;
  readonly onChanged: () => void;
}) {
  const { language, locale } = useSpeech();
  const words = useWords(UPDATE_WORDS);
  const [file, setFile] = useState<File>();
  const { attempt, busy, failure } = useAttempt();
  const upload = (event: FormEvent): void => {
    event.preventDefault();
    if (file === undefined) return;
    void attempt(async () => {
      await sendFile<BundleView>("/api/v1/updates/bundles", file.slice(0, file.size, BUNDLE_TYPE));
      onChanged();
    });
  };
  return (
    <section>
      <h2>{words.bundles}</h2>
      {bundles.length === 0 && <p>{words.noBundles}</p>}
      {bundles.length > 0 && (
        <TableFrame label={words.bundles}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{words.version}</th>
                <th scope="col">{words.hardware}</th>
                <th scope="col">{words.signer}</th>
                <th scope="col" className="number">
                  {words.size}
                </th>
                <th scope="col">{words.uploaded}</th>
                {may && <th scope="col">{words.remove}</th>}
              </tr>
            </thead>
            <tbody>
              {bundles.map(({ by, bytes, compatible, sha256, signer, uploadedAt, version }) => (
                <tr key={sha256}>
                  <th scope="row">{version}</th>
                  <td>{compatible}</td>
                  <td>{signer}</td>
                  <td className="number value">{metricValueText("Edge/OutboxBytes", bytes, language)}</td>
                  <td>
                    {dayAndMinuteText(uploadedAt, locale)} · {by}
                  </td>
                  {may && (
                    <td>
                      <button
                        type="button"
                        className="button"
                        disabled={busy}
                        aria-label={words.removeOf(version)}
                        onClick={() =>
                          void attempt(async () => {
                            await remove(`/api/v1/updates/bundles/${sha256}`);
                            onChanged();
                          })
                        }
                      >
                        {words.remove}
                      </button>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      {failure !== undefined && <Failure title={words.failed} error={failure} />}
      {may && !takesBundles && <p className="settings-note">{words.noKeyring}</p>}
      {may && takesBundles && (
        <form className="settings-card" onSubmit={upload}>
          <FileField label={words.file} accept=".raucb" required onChange={setFile} />
          <div className="row-actions">
            <button type="submit" className="button" disabled={busy || file === undefined}>
              {busy ? words.uploading : words.upload}
            </button>
          </div>
        </form>
      )}
    </section>
  );
}
