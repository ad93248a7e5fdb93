import type { Site } from "@campus-ops/device-profiles/vocabulary";
import { type FormEvent, useState } from "react";
import type { SignedFile } from "../../../api/api.ts";
import { TextField } from "../../account/field.tsx";
import { downloadText } from "../../controls/csv.ts";
import { Failure } from "../../controls/failure.tsx";
import { FileField } from "../../controls/file-field.tsx";
import { postJson } from "../../live/http.ts";
import { useWords } from "../../text/language.tsx";
import { useAttempt } from "../attempt.ts";
import { CampusField, campusesOf } from "./campus-field.tsx";
import { BOX_WORDS } from "./words.ts";

/** A request that was carried here on a stick, and the answer to carry back. */
export function OfflineBox({
  site,
  onSigned,
}: {
  readonly site: Site | undefined;
  readonly onSigned: () => void;
}) {
  const words = useWords(BOX_WORDS);
  const [chosen, setCampus] = useState("");
  const [node, setNode] = useState("");
  const [name, setName] = useState("");
  const [file, setFile] = useState<File>();
  const [signed, setSigned] = useState("");
  const { attempt, busy, failure } = useAttempt();
  const campus = chosen === "" ? (campusesOf(site)[0]?.id ?? "") : chosen;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void attempt(async () => {
      const request = (await file?.text()) ?? "";
      const title = name.trim() === "" ? {} : { title: { zh: name.trim(), en: name.trim() } };
      const address = `/api/v1/boxes/${encodeURIComponent(campus)}/${encodeURIComponent(node)}/signature`;
      const answer = await postJson<SignedFile>(address, { request, ...title });
      downloadText(answer.name, answer.text, "application/json");
      setSigned(answer.name);
      onSigned();
    });
  };
  return (
    <section>
      <h2>{words.signTitle}</h2>
      <p className="quiet-note">{words.signIntro}</p>
      <form className="settings-form" onSubmit={submit}>
        {failure !== undefined && <Failure title={words.failed} error={failure} kept={words.kept} />}
        {signed !== "" && failure === undefined && (
          <p className="settings-done" role="status">
            {words.signed(signed)}
          </p>
        )}
        <CampusField label={words.campus} site={site} value={campus} onChange={setCampus} />
        <TextField label={words.node} value={node} onChange={setNode} />
        <TextField label={words.name} value={name} onChange={setName} required={false} />
        <FileField label={words.requestFile} accept=".pem,.csr" required onChange={setFile} />
        <button type="submit" className="button" disabled={busy || campus === ""}>
          {words.sign}
        </button>
      </form>
    </section>
  );
}
