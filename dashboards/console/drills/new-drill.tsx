import type { DrillView, RuleView } from "@campus-ops/rules/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { DrillBody } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { Select } from "../controls/select.tsx";
import { placeText } from "../format/place.ts";
import { getJson, postJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { DRILL_WORDS } from "./words.ts";

const MINUTE_MS = 60_000;
/** Up to the four hours that the platform allows. */
const MINUTES = ["10", "30", "60", "240"] as const;

export function NewDrill({ onStarted }: { readonly onStarted: (drill: DrillView) => void }) {
  const { language, local } = useSpeech();
  const words = useWords(DRILL_WORDS);
  const site = useSite();
  const client = useQueryClient();
  const rules = useQuery({
    queryKey: ["rules"],
    queryFn: ({ signal }) => getJson<readonly RuleView[]>("/api/v1/rules", signal),
  });
  const places = (site?.counties ?? []).flatMap(({ code, campuses }) =>
    campuses.map(({ id }) => {
      const value = `${site?.city.code}/${code}/${id}`;
      return { value, title: placeText(site, value, language) };
    }),
  );
  const [chosen, setPlace] = useState("");
  const place = chosen === "" ? (places[0]?.value ?? "") : chosen;
  const [title, setTitle] = useState("");
  const [rule, setRule] = useState("");
  const [minutes, setMinutes] = useState<(typeof MINUTES)[number]>("30");
  const mutation = useMutation({
    mutationFn: (body: DrillBody) => postJson<DrillView>("/api/v1/drills", body),
    onSuccess: (drill) => {
      void client.invalidateQueries({ queryKey: ["drills"] });
      onStarted(drill);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    mutation.mutate({
      path: place,
      title: title.trim(),
      duration_ms: Number(minutes) * MINUTE_MS,
      ...(rule === "" ? {} : { rules: [rule] }),
    });
  };
  return (
    <section>
      <h2>{words.newTitle}</h2>
      <form className="hand-over-form" onSubmit={submit}>
        <label className="field">
          <span>{words.name}</span>
          <input
            type="text"
            required
            maxLength={200}
            pattern=".*\S.*"
            placeholder={words.namePlaceholder}
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
        </label>
        <Select inForm label={words.place} value={place} options={places} onChange={setPlace} />
        <Select
          inForm
          label={words.rule}
          value={rule}
          options={[
            { value: "", title: words.anyRule },
            ...(rules.data ?? []).map((each) => ({ value: each.id, title: local(each.title) })),
          ]}
          onChange={setRule}
        />
        <Select
          inForm
          label={words.duration}
          value={minutes}
          options={MINUTES.map((value) => ({ value, title: words.minutes(Number(value)) }))}
          onChange={setMinutes}
        />
        <button type="submit" className="button" data-primary disabled={mutation.isPending}>
          {words.start}
        </button>
        {mutation.error !== null && <Failure error={mutation.error} title={words.failed} kept={words.kept} />}
      </form>
    </section>
  );
}
