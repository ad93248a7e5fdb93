import type { RuleView, SuppressionView } from "@campus-ops/rules/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { SuppressionBody } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { Select } from "../controls/select.tsx";
import { placeText } from "../format/place.ts";
import { dayAndMinuteText, spanText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson, postJson, remove } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { SILENT_WORDS } from "./words.ts";

const HOUR_MS = 3_600_000;
/** Up to the seven days that the platform allows. */
const HOURS = ["1", "4", "8", "24", "72", "168"] as const;
const SUPPRESSIONS_KEY = ["suppressions"] as const;

/** What people have declared about places, and the form for one more. */
export function Declared() {
  const { t, language, locale, local } = useSpeech();
  const words = useWords(SILENT_WORDS);
  const site = useSite();
  const now = useNow();
  const client = useQueryClient();
  const list = useQuery({
    queryKey: SUPPRESSIONS_KEY,
    queryFn: ({ signal }) => getJson<readonly SuppressionView[]>("/api/v1/suppressions", signal),
  });
  const rules = useQuery({
    queryKey: ["rules"],
    queryFn: ({ signal }) => getJson<readonly RuleView[]>("/api/v1/rules", signal),
  });
  const end = useMutation({
    mutationFn: (id: string) => remove(`/api/v1/suppressions/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: SUPPRESSIONS_KEY }),
  });
  const ruleTitle = (id: string): string => {
    const rule = rules.data?.find((each) => each.id === id);
    return rule === undefined ? id : local(rule.title);
  };
  const lasting = (list.data ?? []).filter(({ until }) => until > now);
  return (
    <section>
      <h2>
        {words.declared} ({lasting.length})
      </h2>
      {list.error !== null && <Failure error={list.error} onRetry={() => void list.refetch()} />}
      {end.error !== null && <Failure error={end.error} title={words.failed} />}
      {list.isSuccess && lasting.length === 0 && <p className="quiet-note">{words.none}</p>}
      <ul className="hand-overs">
        {lasting.map(({ id, path, rules: named, until, by, reason }) => (
          <li key={id}>
            <strong>{placeText(site, path, language)}</strong>
            <span>{named === undefined ? words.allRules : named.map(ruleTitle).join(t.listSeparator)}</span>
            <span className="figure">
              {words.until} {dayAndMinuteText(until, locale)} · {words.left(spanText(until - now, t))}
            </span>
            <span>
              {by}: {reason}
            </span>
            <button type="button" className="button" onClick={() => end.mutate(id)}>
              {words.end}
            </button>
          </li>
        ))}
      </ul>
      <Declare />
    </section>
  );
}

function Declare() {
  const { language } = useSpeech();
  const words = useWords(SILENT_WORDS);
  const site = useSite();
  const client = useQueryClient();
  const places = (site?.counties ?? []).flatMap(({ code, campuses }) =>
    campuses.flatMap((campus) => {
      const path = `${site?.city.code}/${code}/${campus.id}`;
      const below = Object.keys(campus.places ?? {}).map((place) => `${path}/${place}`);
      return [path, ...below].map((value) => ({ value, title: placeText(site, value, language) }));
    }),
  );
  const [chosen, setPlace] = useState("");
  const place = chosen === "" ? (places[0]?.value ?? "") : chosen;
  const [hours, setHours] = useState<(typeof HOURS)[number]>("4");
  const [reason, setReason] = useState("");
  const mutation = useMutation({
    mutationFn: (body: SuppressionBody) => postJson<SuppressionView>("/api/v1/suppressions", body),
    onSuccess: () => {
      setReason("");
      void client.invalidateQueries({ queryKey: SUPPRESSIONS_KEY });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    mutation.mutate({ path: place, duration_ms: Number(hours) * HOUR_MS, reason: reason.trim() });
  };
  return (
    <details>
      <summary>{words.declare}</summary>
      <form className="hand-over-form" onSubmit={submit}>
        <p>{words.declareIntro}</p>
        <Select label={words.place} value={place} options={places} onChange={setPlace} />
        <Select
          label={words.duration}
          value={hours}
          options={HOURS.map((value) => ({ value, title: words.hours(Number(value)) }))}
          onChange={setHours}
        />
        <label className="field">
          <span>{words.reason}</span>
          <input
            type="text"
            required
            maxLength={500}
            pattern=".*\S.*"
            placeholder={words.reasonPlaceholder}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        <button type="submit" className="button" disabled={mutation.isPending}>
          {words.start}
        </button>
        {mutation.error !== null && <Failure error={mutation.error} title={words.failed} kept={words.kept} />}
      </form>
    </details>
  );
}
