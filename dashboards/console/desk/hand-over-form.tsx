import type { AlarmView } from "@campus-ops/rules/api";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import type { DeskView, HandOverBody, HandOverView } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { postJson } from "../live/http.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { DESK_WORDS } from "./words.ts";

const NAME_CHARS_MAX = 128;
const NOTE_CHARS_MAX = 2_000;

/** Two names and what is to be passed on. The platform has the last word on whether it may be done now. */
export function HandOverForm({
  desk,
  red,
  onDone,
}: {
  readonly desk: DeskView;
  /** Red alarms that nobody has answered: until somebody does, the desk stays where it is. */
  readonly red: readonly AlarmView[];
  readonly onDone: (record: HandOverView) => void;
}) {
  const { local } = useSpeech();
  const { handOver: words } = useWords(DESK_WORDS);
  const [from, setFrom] = useState(desk.held?.by ?? "");
  const [to, setTo] = useState("");
  const [note, setNote] = useState("");
  const mutation = useMutation({
    mutationFn: (body: HandOverBody) =>
      postJson<HandOverView>(`/api/v1/desks/${encodeURIComponent(desk.id)}/hand-overs`, body),
    onSuccess: onDone,
  });
  const same = from.trim() !== "" && from.trim() === to.trim();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (same || red.length > 0 || mutation.isPending) return;
    const words = note.trim();
    mutation.mutate({ from: from.trim(), to: to.trim(), ...(words === "" ? {} : { note: words }) });
  };
  return (
    <section>
      <h2>{words.formTitle}</h2>
      {red.length > 0 && (
        <div className="failure" role="status">
          <strong>{words.blockedTitle}</strong>
          <p>{words.blockedHint}</p>
          <ul>
            {red.map(({ id, title, device }) => (
              <li key={id}>
                <Link href={`/alarms?alarm=${encodeURIComponent(id)}`}>
                  {local(title)} · {local(device.title)}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
      <form className="hand-over-form" onSubmit={submit}>
        <NameField label={words.from} value={from} onChange={setFrom} />
        <NameField label={words.to} value={to} onChange={setTo} />
        <label className="field">
          <span>{words.note}</span>
          <textarea
            rows={3}
            maxLength={NOTE_CHARS_MAX}
            placeholder={words.notePlaceholder}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        </label>
        {same && <p role="alert">{words.same}</p>}
        <button type="submit" className="button" data-primary disabled={red.length > 0 || mutation.isPending}>
          {mutation.isPending ? words.signing : words.sign}
        </button>
        {mutation.error !== null && <Failure error={mutation.error} title={words.failed} kept={words.kept} />}
      </form>
    </section>
  );
}

function NameField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (name: string) => void;
}) {
  return (
    <label className="field">
      <span>{props.label}</span>
      <input
        type="text"
        required
        pattern=".*\S.*"
        maxLength={NAME_CHARS_MAX}
        autoComplete="off"
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </label>
  );
}
