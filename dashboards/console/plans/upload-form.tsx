import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { PlanView } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { FileField } from "../controls/file-field.tsx";
import { Select } from "../controls/select.tsx";
import { placeText } from "../format/place.ts";
import { sendPicture } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { PLANS_KEY } from "./use-plans.ts";
import { PLAN_WORDS } from "./words.ts";

/** As many as the platform takes. */
const PLAN_BYTES_MAX = 8 * 1024 * 1024;

export function UploadForm({ onDone }: { readonly onDone: (plan: PlanView) => void }) {
  const { language } = useSpeech();
  const words = useWords(PLAN_WORDS);
  const site = useSite();
  const client = useQueryClient();
  const places = (site?.counties ?? []).flatMap(({ code, campuses }) =>
    campuses.flatMap((campus) => {
      const path = `${site?.city.code}/${code}/${campus.id}`;
      return [path, ...Object.keys(campus.places ?? {}).map((below) => `${path}/${below}`)].map((value) => ({
        value,
        title: placeText(site, value, language),
      }));
    }),
  );
  const [chosen, setPlace] = useState("");
  const place = chosen === "" ? (places[0]?.value ?? "") : chosen;
  const [title, setTitle] = useState("");
  const [file, setFile] = useState<File>();
  const tooLarge = (file?.size ?? 0) > PLAN_BYTES_MAX;
  const mutation = useMutation({
    mutationFn: (picture: File) =>
      sendPicture<PlanView>(
        `/api/v1/plans?${new URLSearchParams({ path: place, title: title.trim() })}`,
        picture,
      ),
    onSuccess: async (plan) => {
      setTitle("");
      await client.invalidateQueries({ queryKey: PLANS_KEY });
      onDone(plan);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (file !== undefined && !tooLarge) mutation.mutate(file);
  };
  return (
    <form className="hand-over-form" onSubmit={submit}>
      <Select inForm label={words.place} value={place} options={places} onChange={setPlace} />
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
      <FileField
        label={words.file}
        accept="image/jpeg,image/png,image/webp,image/svg+xml"
        required
        onChange={setFile}
      />
      {tooLarge && <p role="alert">{words.tooLarge}</p>}
      <button type="submit" className="button" data-primary disabled={mutation.isPending || tooLarge}>
        {mutation.isPending ? words.sending : words.send}
      </button>
      {mutation.error !== null && <Failure error={mutation.error} title={words.failed} kept={words.kept} />}
    </form>
  );
}
