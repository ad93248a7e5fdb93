import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { SignInBody, SignInOptions, SignInView } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { Segmented } from "../controls/segmented.tsx";
import { getJson, postJson } from "../live/http.ts";
import { usePreference } from "../shell/preferences.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { TextField } from "./field.tsx";
import { ACCOUNT_WORDS } from "./words.ts";
import "./account.css";

/** The way in: name and password, then a code where the account has one; or through the identity provider. */
export default function SignIn({ onSignedIn }: { readonly onSignedIn: () => void }) {
  const { t, local } = useSpeech();
  const { signIn: words } = useWords(ACCOUNT_WORDS);
  const [language, setLanguage] = usePreference("language");
  const options = useQuery({
    queryKey: ["sign-in"],
    queryFn: ({ signal }) => getJson<SignInOptions>("/api/v1/sign-in", signal),
  });
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const refused = new URLSearchParams(location.search).get("refused");

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      const body: SignInBody = { user, password, ...(code === undefined ? {} : { code }) };
      const { result } = await postJson<SignInView>("/api/v1/sign-in", body);
      if (result === "code-needed") setCode("");
      else onSignedIn();
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    } finally {
      setBusy(false);
    }
  };

  return (
    <main className="sign-in">
      <h1>
        {t.product} · {words.title}
      </h1>
      {refused !== null && failure === undefined && (
        <div className="failure" role="alert">
          <strong>{words.providerFailed}</strong>
          <p>{refusalText(words, refused)}</p>
        </div>
      )}
      {failure !== undefined && <Failure title={words.failed} error={failure} />}
      <form onSubmit={(event) => void submit(event)}>
        <TextField label={words.user} value={user} onChange={setUser} autoComplete="username" />
        <TextField
          label={words.password}
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete="current-password"
        />
        {code !== undefined && (
          <TextField
            label={words.code}
            value={code}
            onChange={setCode}
            autoComplete="one-time-code"
            hint={words.codeHint}
          />
        )}
        <button type="submit" className="button" data-primary="true" disabled={busy}>
          {busy ? words.busy : words.submit}
        </button>
      </form>
      {options.data?.provider !== undefined && (
        <a className="button" href="/api/v1/sign-in/provider">
          {words.provider(local(options.data.provider.title))}
        </a>
      )}
      <p className="quiet-note">{words.help}</p>
      <Segmented
        label={t.settings.language}
        options={[
          { value: "zh", title: "中文" },
          { value: "en", title: "EN" },
        ]}
        value={language}
        onChange={setLanguage}
      />
    </main>
  );
}

/** The address may say anything: only the codes that the hub sends have words here. */
function refusalText(
  { refusals, refusedOtherwise }: (typeof ACCOUNT_WORDS)["zh"]["signIn"],
  code: string,
): string {
  return Object.hasOwn(refusals, code) ? refusals[code as keyof typeof refusals] : refusedOtherwise;
}
