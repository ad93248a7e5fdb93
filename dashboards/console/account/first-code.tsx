import { useQueryClient } from "@tanstack/react-query";
import type { MeView } from "../../api/api.ts";
import { ME_KEY } from "../live/me.ts";
import { useWords } from "../text/language.tsx";
import { Totp } from "./totp.tsx";
import { ACCOUNT_WORDS } from "./words.ts";
import "./account.css";

/** Until a role that asks for an authenticator app has one, there is nothing else to see. */
export default function FirstCode({ account }: { readonly account: NonNullable<MeView["account"]> }) {
  const { own: words } = useWords(ACCOUNT_WORDS);
  const client = useQueryClient();
  // The console opens when the recovery codes have been put away, and not before.
  const codesKept = {
    title: words.enrolled,
    onPress: () => void client.resetQueries({ queryKey: ME_KEY }),
  };
  return (
    <main className="sign-in">
      <h1>{words.totpTitle}</h1>
      <p>{words.mustEnrol}</p>
      <Totp account={account} codesKept={codesKept} onChanged={() => undefined} />
    </main>
  );
}
