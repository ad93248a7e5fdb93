import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { AlarmDetail, ConfirmationView } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { numberText } from "../format/number.ts";
import { momentText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson, postJson } from "../live/http.ts";
import { useMay } from "../live/me.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { CONFIRM_WORDS } from "./confirm-words.ts";
import "./confirm.css";

/** Where the school doctor enters what the contact thermometer read, and sees what was read before. */
export default function Confirmation({ alarm }: { readonly alarm: AlarmDetail }) {
  const words = useWords(CONFIRM_WORDS);
  const may = useMay();
  const { confirmable } = alarm;
  if (confirmable === undefined || !(may("personal.confirm") || may("personal.health"))) return null;
  return (
    <section>
      <h3>{words.title}</h3>
      <p className="quiet">{words.intro}</p>
      {may("personal.confirm") && <ReadingForm key={alarm.id} alarm={alarm.id} limits={confirmable} />}
      {may("personal.health") && <Readings alarm={alarm.id} />}
    </section>
  );
}

const pathOf = (alarm: string): string => `/api/v1/alarms/${encodeURIComponent(alarm)}/confirmations`;
const keyOf = (alarm: string) => ["confirmations", alarm] as const;

interface FormProps {
  readonly alarm: string;
  readonly limits: { readonly from: number; readonly to: number };
}

function ReadingForm({ alarm, limits }: FormProps) {
  const words = useWords(CONFIRM_WORDS);
  const client = useQueryClient();
  const [celsius, setCelsius] = useState("");
  const mutation = useMutation({
    mutationFn: () => postJson<ConfirmationView>(pathOf(alarm), { celsius: Number(celsius) }),
    onSuccess: async () => {
      setCelsius("");
      await client.invalidateQueries({ queryKey: keyOf(alarm) });
      await client.invalidateQueries({ queryKey: ["alarm", alarm] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!mutation.isPending) mutation.mutate();
  };
  return (
    <form className="reading-form" onSubmit={submit}>
      <label className="field">
        <span>{words.reading}</span>
        <input
          type="number"
          inputMode="decimal"
          required
          min={limits.from}
          max={limits.to}
          step={0.1}
          value={celsius}
          onChange={(event) => setCelsius(event.target.value)}
        />
      </label>
      <button type="submit" className="button" disabled={celsius === "" || mutation.isPending}>
        {mutation.isPending ? words.entering : words.enter}
      </button>
      {mutation.error !== null && <Failure error={mutation.error} title={words.failed} kept={words.kept} />}
    </form>
  );
}

function Readings({ alarm }: { readonly alarm: string }) {
  const words = useWords(CONFIRM_WORDS);
  const { locale } = useSpeech();
  const now = useNow();
  const query = useQuery({
    queryKey: keyOf(alarm),
    queryFn: ({ signal }) => getJson<readonly ConfirmationView[]>(pathOf(alarm), signal),
  });
  if (query.error !== null) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <p className="quiet-note">{words.loading}</p>;
  return (
    <ol className="transitions">
      {query.data.toReversed().map(({ at, by, celsius, outcome }) => (
        <li key={`${at} ${by}`}>
          <time className="figure">{momentText(at, now, locale)}</time>
          <span>
            <strong className="figure">{numberText(celsius, locale, 1)} °C</strong> {words.outcome[outcome]}
          </span>
          <span className="transition-by">{by}</span>
        </li>
      ))}
    </ol>
  );
}
