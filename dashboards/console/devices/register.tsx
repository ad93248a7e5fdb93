import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import type { DeviceNotesImport, DeviceNotesImported } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { FileField } from "../controls/file-field.tsx";
import { Select } from "../controls/select.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { textOf } from "../controls/text-of.ts";
import { campusScope } from "../format/place.ts";
import { postJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useMay } from "../live/me.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { REGISTER_WORDS } from "./register-words.ts";
import "../desk/desk.css";

/** What the platform takes, less what base64 adds. */
const FILE_BYTES_MAX = 6 * 1024 * 1024;

/** The register as a table: taken away, filled in, brought back, and looked at before it is taken. */
export default function RegisterPage() {
  const { t, local } = useSpeech();
  const words = useWords(REGISTER_WORDS);
  const site = useSite();
  const may = useMay();
  const [campus, setCampus] = useState("");
  const scope = encodeURIComponent(campusScope(site, campus));
  return (
    <div className="sheet">
      <header className="sheet-header">
        <h1>{words.title}</h1>
        <Select
          label={words.campus}
          value={campus}
          options={[
            { value: "", title: t.alarms.allCampuses },
            ...(site?.counties ?? []).flatMap(({ campuses }) =>
              campuses.map(({ id, title }) => ({ value: id as string, title: local(title) })),
            ),
          ]}
          onChange={setCampus}
        />
        <a className="button" href={`/api/v1/device-notes.xlsx?scope=${scope}`} download>
          {words.export}
        </a>
        <a className="button" href={`/api/v1/device-notes.csv?scope=${scope}`} download>
          {words.exportCsv}
        </a>
      </header>
      <p className="quiet-note">{words.lead}</p>
      {may("devices.configure") && <Import />}
    </div>
  );
}

function Import() {
  const words = useWords(REGISTER_WORDS);
  const [table, setTable] = useState<DeviceNotesImport>();
  const [tooLarge, setTooLarge] = useState(false);
  const bring = useMutation({
    mutationFn: (body: DeviceNotesImport) =>
      postJson<DeviceNotesImported>("/api/v1/device-notes/import", body),
  });
  const { data: answer, error, isPending, variables } = bring;
  const choose = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    setTooLarge(file.size > FILE_BYTES_MAX);
    if (file.size > FILE_BYTES_MAX) return;
    const read = /\.csv$/i.test(file.name)
      ? { csv: await textOf(file) }
      : { xlsx: base64(new Uint8Array(await file.arrayBuffer())) };
    setTable(read);
    bring.mutate({ ...read, check: true });
  };
  const isChecked = variables?.check === true && answer !== undefined;
  return (
    <section>
      <FileField
        label={words.choose}
        accept=".xlsx,.csv"
        disabled={isPending}
        onChange={(file) => void choose(file)}
      />
      {tooLarge && <p className="stale-note">{words.tooLarge}</p>}
      {error !== null && <Failure error={error} />}
      <div role="status">
        {answer !== undefined && answer.problems.length > 0 && (
          <p className="stale-note">{words.wrong(answer.problems.length)}</p>
        )}
        {isChecked && answer.problems.length === 0 && (
          <p>{answer.changed === 0 ? words.nothing : words.checked(answer.rows, answer.changed)}</p>
        )}
        {answer !== undefined && !isChecked && answer.problems.length === 0 && (
          <p>{words.done(answer.changed)}</p>
        )}
      </div>
      {answer !== undefined && answer.problems.length > 0 && <Problems problems={answer.problems} />}
      {isChecked && answer.changes.length > 0 && (
        <>
          <p>{words.first(answer.changes.length)}</p>
          <Changes changes={answer.changes} />
          <p className="record-buttons">
            <button
              type="button"
              className="button"
              data-primary
              disabled={isPending}
              onClick={() => table !== undefined && bring.mutate(table)}
            >
              {words.take}
            </button>
          </p>
        </>
      )}
    </section>
  );
}

function Problems({ problems }: Pick<DeviceNotesImported, "problems">) {
  const { local } = useSpeech();
  const words = useWords(REGISTER_WORDS);
  return (
    <TableFrame label={words.problem}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col" className="number">
              {words.row}
            </th>
            <th scope="col">{words.column}</th>
            <th scope="col">{words.problem}</th>
          </tr>
        </thead>
        <tbody>
          {problems.map(({ column, problem, row }) => (
            <tr key={`${row} ${column} ${problem.en}`}>
              <td className="number">{row}</td>
              <td>{column}</td>
              <td>{local(problem)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Changes({ changes }: Pick<DeviceNotesImported, "changes">) {
  const { local } = useSpeech();
  const words = useWords(REGISTER_WORDS);
  return (
    <TableFrame label={words.title}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{words.device}</th>
            <th scope="col">{words.column}</th>
            <th scope="col">{words.before}</th>
            <th scope="col">{words.after}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ after, before, column, device, title }) => (
            <tr key={`${device} ${column.en}`}>
              <th scope="row">
                <Link href={`/devices?device=${encodeURIComponent(device)}`}>{local(title)}</Link>
              </th>
              <td>{local(column)}</td>
              <td>{before === "" ? "—" : before}</td>
              <td>{after === "" ? "—" : after}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function base64(bytes: Uint8Array): string {
  let text = "";
  // A call takes so many arguments, and no more.
  for (let at = 0; at < bytes.length; at += 8_192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(text);
}
