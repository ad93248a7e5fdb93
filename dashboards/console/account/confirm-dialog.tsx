import { type FormEvent, useState } from "react";
import { Dialog } from "../controls/dialog.tsx";
import { Failure } from "../controls/failure.tsx";
import { sendJson } from "../live/http.ts";
import { useMe } from "../live/me.ts";
import { useWords } from "../text/language.tsx";
import { TextField } from "./field.tsx";
import { ACCOUNT_WORDS } from "./words.ts";

/** Asks whoever is at the page for the password, before what a page that somebody left must not do. */
export default function ConfirmDialog({ onEnd }: { readonly onEnd: (confirmed: boolean) => void }) {
  const { accounts, confirm: words, own } = useWords(ACCOUNT_WORDS);
  const external = useMe()?.account?.external === true;
  const [password, setPassword] = useState("");
  const [failure, setFailure] = useState<Error>();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      await sendJson("POST", "/api/v1/me/confirm", { password });
      onEnd(true);
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    }
  };
  return (
    <Dialog title={words.title} onClose={() => onEnd(false)}>
      <form className="dialog-form" onSubmit={(event) => void submit(event)}>
        {failure !== undefined && <Failure title={own.failed} error={failure} kept={own.kept} />}
        <p>{external ? words.atProvider : words.why}</p>
        {!external && (
          <TextField
            label={own.current}
            type="password"
            value={password}
            onChange={setPassword}
            autoComplete="current-password"
          />
        )}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={() => onEnd(false)}>
            {accounts.cancel}
          </button>
          {external ? (
            <a className="button" data-primary="true" href="/api/v1/sign-in/provider?again=true">
              {words.again}
            </a>
          ) : (
            <button type="submit" className="button" data-primary="true">
              {words.confirm}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}
