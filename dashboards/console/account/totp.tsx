import { type FormEvent, useState } from "react";
import type { MeView, TotpView } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { sendJson } from "../live/http.ts";
import { useWords } from "../text/language.tsx";
import { TextField } from "./field.tsx";
import { ACCOUNT_WORDS } from "./words.ts";

/** Sets an authenticator app up, in two steps, or takes it away. */
export function Totp({
  account,
  codesKept,
  onChanged,
}: {
  readonly account: NonNullable<MeView["account"]>;
  /** Says that the recovery codes, which are shown once, have been put away. */
  readonly codesKept?: { readonly title: string; readonly onPress: () => void };
  readonly onChanged: () => void;
}) {
  const { own: words } = useWords(ACCOUNT_WORDS);
  const [password, setPassword] = useState("");
  const [begun, setBegun] = useState<TotpView>();
  const [code, setCode] = useState("");
  const [codes, setCodes] = useState<readonly string[]>();
  const [failure, setFailure] = useState<Error>();

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      setFailure(undefined);
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const withPassword = (event: FormEvent): void => {
    event.preventDefault();
    void attempt(async () => {
      if (account.totp) {
        await sendJson("POST", "/api/v1/me/totp/end", { password });
        onChanged();
      } else setBegun(await sendJson<TotpView>("POST", "/api/v1/me/totp", { password }));
      setPassword("");
    });
  };
  const confirm = (event: FormEvent): void => {
    event.preventDefault();
    void attempt(async () => {
      const made = await sendJson<{ recoveryCodes: readonly string[] }>("PUT", "/api/v1/me/totp", { code });
      setCodes(made.recoveryCodes);
      setBegun(undefined);
      setCode("");
      onChanged();
    });
  };

  if (codes !== undefined) {
    const { title, onPress } = codesKept ?? { title: words.done, onPress: () => setCodes(undefined) };
    return (
      <>
        <p>{words.totpCodes}</p>
        <p className="secret">{codes.join("\n")}</p>
        <button type="button" className="button" data-primary="true" onClick={onPress}>
          {title}
        </button>
      </>
    );
  }
  return (
    <>
      <p>{account.totp ? words.totpOn(account.recoveryCodesLeft) : words.totpOff}</p>
      {failure !== undefined && <Failure title={words.failed} error={failure} kept={words.kept} />}
      {begun === undefined ? (
        <form onSubmit={withPassword}>
          <TextField
            label={words.current}
            type="password"
            value={password}
            onChange={setPassword}
            autoComplete="current-password"
          />
          <button type="submit" className="button">
            {account.totp ? words.totpEnd : words.totpBegin}
          </button>
        </form>
      ) : (
        <form onSubmit={confirm}>
          <p>{words.totpScan}</p>
          <img className="qr" src={begun.qr} alt={words.totpPicture} width={220} height={220} />
          <p className="secret">{new URL(begun.uri).searchParams.get("secret")}</p>
          <TextField
            label={words.totpTitle}
            value={code}
            onChange={setCode}
            numeric
            autoComplete="one-time-code"
          />
          <button type="submit" className="button" data-primary="true">
            {words.totpConfirm}
          </button>
        </form>
      )}
    </>
  );
}
