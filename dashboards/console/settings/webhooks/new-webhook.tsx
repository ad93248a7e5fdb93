import { isWithin } from "@campus-ops/device-profiles/vocabulary";
import { type FormEvent, useState } from "react";
import type { NewWebhook, WebhookMade } from "../../../api/api.ts";
import { TextField } from "../../account/field.tsx";
import { usePlaces } from "../../accounts/use-places.ts";
import { Failure } from "../../controls/failure.tsx";
import { sendJson } from "../../live/http.ts";
import { useMe } from "../../live/me.ts";
import { useWords } from "../../text/language.tsx";
import { useAttempt } from "../attempt.ts";
import { WEBHOOK_WORDS } from "./words.ts";

const EMPTY = { name: "", url: "", path: undefined };

/** Where to, and what about; the secret is answered to `onMade`, and to nobody again. */
export function NewWebhookForm({ onMade }: { readonly onMade: (made: WebhookMade) => void }) {
  const words = useWords(WEBHOOK_WORDS);
  // Whoever has a place told answers for all of it.
  const mine = useMe()?.permissions["accounts.manage"] ?? [];
  const places = usePlaces(words.wholeHub).filter(({ path }) => mine.some((place) => isWithin(path, place)));
  const [typed, setTyped] = useState<Omit<NewWebhook, "path"> & { readonly path: string | undefined }>(EMPTY);
  const wanted: NewWebhook = { ...typed, path: typed.path ?? places[0]?.path ?? "" };
  const { attempt, busy, failure } = useAttempt();
  const add = (event: FormEvent): void => {
    event.preventDefault();
    void attempt(async () => {
      onMade(await sendJson<WebhookMade>("POST", "/api/v1/webhooks", wanted));
      setTyped(EMPTY);
    });
  };
  return (
    <section>
      <h2>{words.add}</h2>
      <form className="settings-form" onSubmit={add}>
        <TextField
          label={words.name}
          hint={words.nameHint}
          value={typed.name}
          onChange={(name) => setTyped({ ...typed, name })}
        />
        <TextField
          label={words.url}
          hint={words.urlHint}
          value={wanted.url}
          onChange={(url) => setTyped({ ...typed, url })}
        />
        <label className="field">
          <span>{words.place}</span>
          <select value={wanted.path} onChange={(event) => setTyped({ ...typed, path: event.target.value })}>
            {places.map(({ path, title }) => (
              <option key={path} value={path}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {failure !== undefined && <Failure title={words.addFailed} error={failure} kept={words.kept} />}
        <button type="submit" className="button" disabled={busy}>
          {words.add}
        </button>
      </form>
    </section>
  );
}
