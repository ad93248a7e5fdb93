import { useQueryClient } from "@tanstack/react-query";
import { ME_KEY } from "../live/me.ts";
import { useWords } from "../text/language.tsx";
import { PasswordForm } from "./password-form.tsx";
import { ACCOUNT_WORDS } from "./words.ts";
import "./account.css";

/** Until a first password is changed, there is nothing else to see. */
export default function FirstPassword() {
  const { own: words } = useWords(ACCOUNT_WORDS);
  const client = useQueryClient();
  return (
    <main className="sign-in">
      <h1>{words.passwordTitle}</h1>
      <p>{words.mustChange}</p>
      <PasswordForm onChanged={() => void client.resetQueries({ queryKey: ME_KEY })} />
    </main>
  );
}
