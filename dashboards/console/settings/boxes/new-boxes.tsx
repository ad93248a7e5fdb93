import type { Site } from "@campus-ops/device-profiles/vocabulary";
import qrcode from "qrcode-generator";
import { type FormEvent, useState } from "react";
import type { IssuedBoxes } from "../../../api/api.ts";
import { downloadText } from "../../controls/csv.ts";
import { Failure } from "../../controls/failure.tsx";
import { dayAndMinuteText } from "../../format/time.ts";
import { postJson } from "../../live/http.ts";
import { useSpeech, useWords } from "../../text/language.tsx";
import { useAttempt } from "../attempt.ts";
import { CampusField, campusesOf } from "./campus-field.tsx";
import { readLines } from "./lines.ts";
import { BOX_WORDS } from "./words.ts";
import { zipOf } from "./zip.ts";

const QR_CELL = 4;
/** What a box has to know; the rest of its file is for people. */
const NEEDED = /^(hub|ca-sha256|token)=/;

/** From a list of boxes to their seed files, which are shown once. */
export function NewBoxesForm({
  site,
  onIssued,
}: {
  readonly site: Site | undefined;
  readonly onIssued: () => void;
}) {
  const words = useWords(BOX_WORDS);
  const [chosen, setCampus] = useState("");
  const [text, setText] = useState("");
  const [replaces, setReplaces] = useState(false);
  const [issued, setIssued] = useState<IssuedBoxes["issued"]>([]);
  const [refusals, setRefusals] = useState<readonly string[]>([]);
  const { attempt, busy, failure } = useAttempt();
  const campus = chosen === "" ? (campusesOf(site)[0]?.id ?? "") : chosen;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const { boxes, lines, wrong } = readLines(text, campus, replaces);
    if (wrong.length > 0 || boxes.length === 0) {
      setRefusals((wrong.length > 0 ? wrong : [1]).map((line) => words.lineWrong(line)));
      return;
    }
    void attempt(async () => {
      const answer = await postJson<IssuedBoxes>("/api/v1/boxes/tokens", { boxes });
      setIssued(answer.issued);
      setRefusals(answer.refused.map(({ detail, index }) => words.refusedLine(lines[index] ?? 0, detail)));
      // What was refused is left to be put right.
      const left = new Set(answer.refused.map(({ index }) => lines[index]));
      setText(
        text
          .split(/\r?\n/)
          .filter((_, index) => left.has(index + 1))
          .join("\n"),
      );
      onIssued();
    });
  };
  return (
    <section>
      <h2>{words.newTitle}</h2>
      {issued.length > 0 && <Issued issued={issued} onDone={() => setIssued([])} />}
      <form className="settings-form" onSubmit={submit}>
        {failure !== undefined && <Failure title={words.failed} error={failure} kept={words.kept} />}
        {refusals.length > 0 && (
          <ul className="settings-note" role="alert">
            {refusals.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        )}
        <CampusField label={words.campus} site={site} value={campus} onChange={setCampus} />
        <label className="field">
          <span>{words.boxes}</span>
          <textarea
            rows={3}
            value={text}
            required
            placeholder="box-1"
            onChange={(event) => setText(event.target.value)}
          />
          <small className="quiet">{words.newIntro}</small>
        </label>
        <label className="check">
          <input type="checkbox" checked={replaces} onChange={(event) => setReplaces(event.target.checked)} />
          <span>{words.replaces}</span>
        </label>
        <button type="submit" className="button" data-primary="true" disabled={busy || campus === ""}>
          {words.issue}
        </button>
      </form>
    </section>
  );
}

function Issued({ issued, onDone }: { readonly issued: IssuedBoxes["issued"]; readonly onDone: () => void }) {
  const { locale } = useSpeech();
  const words = useWords(BOX_WORDS);
  const [shown, setShown] = useState("");
  const all = (): void => {
    const files = issued.map(({ campus, node, seed }) => ({
      name: `${campus}/${node}/edge.conf`,
      text: seed,
    }));
    const url = URL.createObjectURL(new Blob([zipOf(files, new Date())], { type: "application/zip" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = "edge-boxes.zip";
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <div className="settings-card" role="status">
      <h3>{words.issued}</h3>
      <p>{words.issuedHint}</p>
      {issued.map(({ campus, expires, node, seed }) => {
        const name = `${campus}/${node}`;
        return (
          <div key={name}>
            <div className="row-actions">
              <button
                type="button"
                className="button"
                onClick={() => downloadText("edge.conf", seed, "text/plain")}
              >
                {words.download(name)}
              </button>
              <button
                type="button"
                className="button"
                aria-expanded={shown === name}
                onClick={() => setShown(shown === name ? "" : name)}
              >
                {shown === name ? words.hideCode : words.showCode}
              </button>
            </div>
            <p className="quiet-note">{words.invitedUntil(dayAndMinuteText(expires, locale))}</p>
            {shown === name && <img className="qr" src={codeOf(seed)} alt={words.codeOf(name)} />}
          </div>
        );
      })}
      <div className="row-actions">
        {issued.length > 1 && (
          <button type="button" className="button" onClick={all}>
            {words.downloadAll}
          </button>
        )}
        <button type="button" className="button" onClick={onDone}>
          {words.done}
        </button>
      </div>
    </div>
  );
}

function codeOf(seed: string): string {
  const code = qrcode(0, "M");
  code.addData(
    seed
      .split(/\r?\n/)
      .filter((line) => NEEDED.test(line))
      .join("\n"),
  );
  code.make();
  return code.createDataURL(QR_CELL);
}
