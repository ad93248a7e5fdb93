import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ROLE_TITLES } from "../../accounts/core/permissions.ts";
import type { Grant, TokenBody, TokenMadeView, TokenView } from "../../api/api.ts";
import { TextField } from "../account/field.tsx";
import { ACCOUNT_WORDS } from "../account/words.ts";
import { Failure } from "../controls/failure.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { placeText } from "../format/place.ts";
import { dayAndMinuteText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson, sendJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { GrantsEdit } from "./grants-edit.tsx";
import { usePlaces } from "./use-places.ts";

const DAY_MS = 24 * 3_600_000;
const NEW_GRANTS: readonly Grant[] = [{ role: "county-official", path: "" }];

/** Tokens of other systems: made here, shown once, revoked at any time. */
export function Tokens({ manages }: { readonly manages: boolean }) {
  const { language, local, locale } = useSpeech();
  const { accounts: words } = useWords(ACCOUNT_WORDS);
  const site = useSite();
  const places = usePlaces(words.wholeHub);
  const now = useNow();
  const [name, setName] = useState("");
  const [days, setDays] = useState("365");
  const [grants, setGrants] = useState(NEW_GRANTS);
  const [made, setMade] = useState<{ readonly name: string; readonly token: string }>();
  const [failure, setFailure] = useState<Error>();
  const { data = [], refetch } = useQuery({
    queryKey: ["tokens"],
    queryFn: ({ signal }) => getJson<readonly TokenView[]>("/api/v1/tokens", signal),
  });
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      setFailure(undefined);
      await refetch();
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const add = (event: FormEvent): void => {
    event.preventDefault();
    void attempt(async () => {
      const body: TokenBody = { name, grants, expiresAt: now + Number(days) * DAY_MS };
      const { token } = await sendJson<TokenMadeView>("POST", "/api/v1/tokens", body);
      setMade({ name, token });
      setName("");
    });
  };
  return (
    <section>
      <h2>{words.tokens}</h2>
      <p className="quiet-note">{words.tokenHint}</p>
      {failure !== undefined && <Failure title={words.failed} error={failure} kept={words.kept} />}
      {made !== undefined && (
        <div role="status">
          <p>{words.token(made.name)}</p>
          <p className="secret">{made.token}</p>
          <button type="button" className="button" onClick={() => setMade(undefined)}>
            {words.done}
          </button>
        </div>
      )}
      {data.length === 0 ? (
        <p>{words.noTokens}</p>
      ) : (
        <TableFrame label={words.tokens}>
          <table className="table">
            <thead>
              <tr>
                <th>{words.tokenName}</th>
                <th>{words.role}</th>
                <th>{words.expires}</th>
                {manages && <th>{words.revoke}</th>}
              </tr>
            </thead>
            <tbody>
              {data.map((token) => (
                <tr key={token.id}>
                  <td>{token.name}</td>
                  <td>
                    {token.grants.map(({ path, role }) => (
                      <div key={`${role} ${path}`}>
                        {local(ROLE_TITLES[role])} ·{" "}
                        {path === "" ? words.wholeHub : placeText(site, path, language)}
                      </div>
                    ))}
                  </td>
                  <td>{token.expiresAt === undefined ? "—" : dayAndMinuteText(token.expiresAt, locale)}</td>
                  {manages && (
                    <td>
                      {token.revokedAt === undefined ? (
                        <button
                          type="button"
                          className="button"
                          onClick={() => void attempt(() => sendJson("DELETE", `/api/v1/tokens/${token.id}`))}
                        >
                          {words.revoke}
                        </button>
                      ) : (
                        words.revoked
                      )}
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      {manages && (
        <form onSubmit={add}>
          <TextField label={words.tokenName} value={name} onChange={setName} />
          <TextField label={words.days} type="number" value={days} onChange={setDays} />
          <GrantsEdit grants={grants} places={places} onChange={setGrants} />
          <button type="submit" className="button">
            {words.addToken}
          </button>
        </form>
      )}
    </section>
  );
}
