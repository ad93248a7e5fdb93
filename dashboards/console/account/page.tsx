import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ROLE_TITLES } from "../../accounts/core/permissions.ts";
import type { AccountSessionView, MeView } from "../../api/api.ts";
import { Failure } from "../controls/failure.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { placeText } from "../format/place.ts";
import { dayAndMinuteText } from "../format/time.ts";
import { getJson, sendJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { ME_KEY, useMe } from "../live/me.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { PasswordForm } from "./password-form.tsx";
import { Totp } from "./totp.tsx";
import { ACCOUNT_WORDS } from "./words.ts";
import "./account.css";

/** Who I am, what I may do where, my password, my authenticator app, and where I am signed in. */
export default function AccountPage() {
  const { local, language } = useSpeech();
  const { own: words } = useWords(ACCOUNT_WORDS);
  const me = useMe();
  const site = useSite();
  const client = useQueryClient();
  const [changed, setChanged] = useState(false);
  if (me === undefined) return null;
  const signOut = async (): Promise<void> => {
    await sendJson("POST", "/api/v1/sign-out", {}).catch(() => undefined);
    client.clear();
    location.assign("/");
  };
  return (
    <div className="account-page">
      <h1>{words.title}</h1>
      <p>
        {local(me.title)} · {me.user}
      </p>
      {me.account === undefined ? (
        <p className="quiet-note">{words.atMachine}</p>
      ) : (
        <>
          <section>
            <h2>{words.roles}</h2>
            <ul className="plain-list">
              {me.grants.map(({ path, role }) => (
                <li key={`${role} ${path}`}>
                  {local(ROLE_TITLES[role])} ·{" "}
                  {path === "" ? words.wholeHub : placeText(site, path, language)}
                </li>
              ))}
            </ul>
            <button type="button" className="button" onClick={() => void signOut()}>
              {words.signOut}
            </button>
          </section>
          <OwnSecrets account={me.account} changed={changed} onChanged={() => setChanged(true)} />
          <Sessions />
        </>
      )}
    </div>
  );
}

function OwnSecrets({
  account,
  changed,
  onChanged,
}: {
  readonly account: NonNullable<MeView["account"]>;
  readonly changed: boolean;
  readonly onChanged: () => void;
}) {
  const { own: words } = useWords(ACCOUNT_WORDS);
  const client = useQueryClient();
  if (account.external) return <p className="quiet-note">{words.external}</p>;
  return (
    <>
      <section>
        <h2>{words.passwordTitle}</h2>
        {changed && <p role="status">{words.changed}</p>}
        <PasswordForm
          onChanged={() => {
            onChanged();
            void client.invalidateQueries({ queryKey: ["own-sessions"] });
          }}
        />
      </section>
      <section>
        <h2>{words.totpTitle}</h2>
        <Totp account={account} onChanged={() => void client.invalidateQueries({ queryKey: ME_KEY })} />
      </section>
    </>
  );
}

function Sessions() {
  const { locale } = useSpeech();
  const [failure, setFailure] = useState<Error>();
  const { own: words } = useWords(ACCOUNT_WORDS);
  const {
    data = [],
    error,
    refetch,
  } = useQuery({
    queryKey: ["own-sessions"],
    queryFn: ({ signal }) => getJson<readonly AccountSessionView[]>("/api/v1/me/sessions", signal),
  });
  const end = async (id: string): Promise<void> => {
    try {
      await sendJson("DELETE", `/api/v1/me/sessions/${id}`);
      setFailure(undefined);
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    }
    await refetch();
  };
  return (
    <section>
      <h2>{words.sessions}</h2>
      {error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {failure !== undefined && <Failure title={words.failed} error={failure} />}
      <TableFrame label={words.sessions}>
        <table className="table">
          <thead>
            <tr>
              <th>{words.since}</th>
              <th>{words.used}</th>
              <th>{words.address}</th>
              <th>{words.agent}</th>
              <th>{words.end}</th>
            </tr>
          </thead>
          <tbody>
            {data.map(({ address, agent, createdAt, current, id, usedAt }) => (
              <tr key={id}>
                <td>{dayAndMinuteText(createdAt, locale)}</td>
                <td>{dayAndMinuteText(usedAt, locale)}</td>
                <td>{address}</td>
                <td>{agent}</td>
                <td>
                  {current ? (
                    words.thisOne
                  ) : (
                    <button type="button" className="button" onClick={() => void end(id)}>
                      {words.end}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </section>
  );
}
