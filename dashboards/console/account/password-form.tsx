import { type FormEvent, useState } from "react";
import type { PasswordBody } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { ApiProblem, sendJson } from "../live/http.ts";
import { useWords } from "../text/language.tsx";
import { TextField } from "./field.tsx";
import { ACCOUNT_WORDS } from "./words.ts";

/** Changes one's own password. */
export function PasswordForm({ onChanged }: { readonly onChanged: () => void }) {
  const { own: words } = useWords(ACCOUNT_WORDS);
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [failure, setFailure] = useState<Error>();

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (next !== again) {
      setFailure(new ApiProblem(400, words.notSame));
      return;
    }
    try {
      await sendJson("POST", "/api/v1/me/password", { current, next } satisfies PasswordBody);
      setFailure(undefined);
      for (const clear of [setCurrent, setNext, setAgain]) clear("");
      onChanged();
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)}>
      {failure !== undefined && <Failure title={words.failed} error={failure} kept={words.kept} />}
      <TextField
        label={words.current}
        type="password"
        value={current}
        onChange={setCurrent}
        autoComplete="current-password"
      />
      <TextField
        label={words.next}
        type="password"
        value={next}
        onChange={setNext}
        autoComplete="new-password"
        hint={words.rules}
      />
      <TextField
        label={words.repeat}
        type="password"
        value={again}
        onChange={setAgain}
        autoComplete="new-password"
      />
      <button type="submit" className="button" data-primary="true">
        {words.change}
      </button>
    </form>
  );
}
