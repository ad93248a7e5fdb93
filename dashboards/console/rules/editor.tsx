import type { OwnPackDetail, PackProblem } from "@campus-ops/rules/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useAddress } from "../controls/address.ts";
import { Dialog } from "../controls/dialog.tsx";
import { DialogFooter } from "../controls/dialog-footer.tsx";
import { Failure } from "../controls/failure.tsx";
import { dayAndMinuteText } from "../format/time.ts";
import { ApiProblem, getJson, postJson, putJson, remove } from "../live/http.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { BackTest } from "./back-test.tsx";
import { ruleQuery } from "./detail.tsx";
import { EMPTY_PACK, lineBounds, packFrom } from "./draft.ts";
import { RULE_WORDS } from "./words.ts";
import { WritingHelp } from "./writing-help.tsx";

/** One of the hub's own packs; a name that is not there yet begins a new one. */
export function PackEditor({ name }: { readonly name: string }) {
  const { t } = useSpeech();
  const { params } = useAddress();
  const from = params.get("from") ?? "";
  const pack = useQuery({
    queryKey: ["rules", "own", name],
    queryFn: ({ signal }) =>
      getJson<OwnPackDetail>(`/api/v1/rule-packs/own/${encodeURIComponent(name)}`, signal),
  });
  const copied = useQuery({ ...ruleQuery(from), enabled: from !== "" });
  const isNew = pack.error instanceof ApiProblem && pack.error.status === 404;
  if (pack.error !== null && !isNew)
    return <Failure error={pack.error} onRetry={() => void pack.refetch()} />;
  if (pack.isPending || (isNew && from !== "" && copied.isPending))
    return <p className="quiet-note">{t.loading}</p>;
  const begun = copied.data === undefined ? EMPTY_PACK : packFrom(copied.data);
  return <Editor name={name} pack={pack.data} begun={begun} />;
}

function Editor({
  name,
  pack,
  begun,
}: {
  readonly name: string;
  readonly pack: OwnPackDetail | undefined;
  readonly begun: string;
}) {
  const { local, locale } = useSpeech();
  const { editor: words } = useWords(RULE_WORDS);
  const { change } = useAddress();
  const client = useQueryClient();
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(pack?.text ?? begun);
  const [removing, setRemoving] = useState(false);
  const path = `/api/v1/rule-packs/own/${encodeURIComponent(name)}`;
  const check = useMutation({
    mutationFn: () => postJson<readonly PackProblem[]>(`${path}/check`, { text }),
  });
  const save = useMutation({
    mutationFn: () => putJson<OwnPackDetail>(path, { text }),
    onSuccess: (saved) => {
      client.setQueryData(["rules", "own", name], saved);
      void client.invalidateQueries({ queryKey: ["rules"] });
    },
    onError: () => check.mutate(),
  });
  const load = useMutation({
    mutationFn: (at: number) => getJson<{ readonly text: string }>(`${path}/versions/${at}`),
    onSuccess: (version) => edit(version.text),
  });
  const take = useMutation({
    mutationFn: () => remove(path),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["rules"] });
      change({ edit: "", from: "" });
    },
  });
  const edit = (next: string): void => {
    setText(next);
    check.reset();
    save.reset();
  };
  const showLine = (line: number): void => {
    area.current?.focus();
    area.current?.setSelectionRange(...lineBounds(text, line));
  };
  const busy = check.isPending || save.isPending;
  const problems = check.data;
  return (
    <article className="pack-editor">
      <h2>{words.title(name)}</h2>
      <label className="field">
        <span>
          {words.text}
          {text !== pack?.text && ` · ${words.unsaved}`}
        </span>
        <textarea
          ref={area}
          className="pack-text"
          rows={24}
          spellCheck={false}
          wrap="off"
          value={text}
          onChange={(event) => edit(event.target.value)}
        />
      </label>
      <p className="record-buttons">
        <button type="button" className="button" disabled={busy} onClick={() => check.mutate()}>
          {check.isPending ? words.checking : words.check}
        </button>
        <button
          type="button"
          className="button"
          data-primary
          disabled={busy || text === pack?.text}
          onClick={() => save.mutate()}
        >
          {save.isPending ? words.saving : words.save}
        </button>
        {pack !== undefined && (
          <button type="button" className="button" onClick={() => setRemoving(true)}>
            {words.remove}
          </button>
        )}
      </p>
      <div role="status">
        {save.isSuccess && <p>{words.saved}</p>}
        {problems?.length === 0 && !save.isSuccess && <p>{words.right}</p>}
      </div>
      {problems !== undefined && problems.length > 0 && (
        <div className="failure" role="alert">
          {save.isError && <p>{words.notSaved}</p>}
          <strong>{words.wrong(problems.length)}</strong>
          <ul>
            {problems.map(({ line, field, ...said }) => (
              <li key={`${line} ${field} ${said.en}`}>
                {line > 0 && (
                  <button type="button" className="link-button" onClick={() => showLine(line)}>
                    {words.line(line)}
                  </button>
                )}{" "}
                {field} {local(said)}
              </li>
            ))}
          </ul>
        </div>
      )}
      {save.error !== null && problems?.length === 0 && <Failure error={save.error} title={words.notSaved} />}
      {check.error !== null && <Failure error={check.error} />}
      <WritingHelp />
      <BackTest pack={text} />
      <section>
        <h3>{words.versions}</h3>
        {(pack?.versions.length ?? 0) === 0 && <p className="quiet-note">{words.versionsNone}</p>}
        {load.error !== null && <Failure error={load.error} />}
        <ul className="hand-overs">
          {pack?.versions.map(({ at, by }, index) => (
            <li key={at}>
              <time className="figure">{dayAndMinuteText(at, locale)}</time>
              <span>{by === "" ? words.byHand : by}</span>
              {index === 0 && <span className="quiet">{words.current}</span>}
              <button type="button" className="link-button" onClick={() => load.mutate(at)}>
                {words.load}
              </button>
            </li>
          ))}
        </ul>
      </section>
      {removing && (
        <Dialog title={`${words.remove} · ${name}`} onClose={() => setRemoving(false)}>
          <p>{words.removeConfirm}</p>
          {take.error !== null && <Failure error={take.error} title={words.notSaved} />}
          <DialogFooter
            action={words.remove}
            onDo={() => take.mutate()}
            onCancel={() => setRemoving(false)}
          />
        </Dialog>
      )}
    </article>
  );
}
