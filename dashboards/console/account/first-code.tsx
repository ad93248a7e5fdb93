import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { MeView } from "../../api/api.ts";
import { ME_KEY } from "../live/me.ts";
import { useWords } from "../text/language.tsx";
import { TotpSection } from "./totp.tsx";
import { ACCOUNT_WORDS } from "./words.ts";
import "./account.css";

/** Until a role that asks for an authenticator app has one, there is nothing else to see. */
export default function FirstCode({ account }: { readonly account: NonNullable<MeView["account"]> }) {
  const { own: words } = useWords(ACCOUNT_WORDS);
  const client = useQueryClient();
  // The recovery codes are shown once: the console opens when they have been put away, and not before.
  const [isSet, setIsSet] = useState(false);
  return (
    <main className="sign-in">
      <h1>{words.totpTitle}</h1>
      <p>{words.mustEnrol}</p>
      <TotpSection account={account} onChanged={() => setIsSet(true)} />
      {isSet && (
        <button
          type="button"
          className="button"
          data-primary="true"
          onClick={() => void client.resetQueries({ queryKey: ME_KEY })}
        >
          {words.enrolled}
        </button>
      )}
    </main>
  );
}
