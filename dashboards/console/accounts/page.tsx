import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ROLE_TITLES } from "../../accounts/core/permissions.ts";
import type { AccountBody, AccountView, FirstPasswordView, Grant } from "../../api/api.ts";
import { TextField } from "../account/field.tsx";
import { ACCOUNT_WORDS } from "../account/words.ts";
import { Dialog } from "../controls/dialog.tsx";
import { DialogFooter } from "../controls/dialog-footer.tsx";
import { Failure } from "../controls/failure.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { placeText } from "../format/place.ts";
import { dayAndMinuteText } from "../format/time.ts";
import { ApiProblem, getJson, sendJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useMay, useMe } from "../live/me.ts";
import { useSpeech, useWords } from "../text/language.tsx";
import { GrantsEdit } from "./grants-edit.tsx";
import { Tokens } from "./tokens.tsx";
import { usePlaces } from "./use-places.ts";
import "../account/account.css";

interface Told {
  readonly name: string;
  readonly password: string;
}

/** Who may sign in, with which roles where; and the tokens of other systems. */
export default function AccountsPage() {
  const { accounts: words, own } = useWords(ACCOUNT_WORDS);
  const may = useMay();
  const [edited, setEdited] = useState<AccountView | "new">();
  const [told, setTold] = useState<Told>();
  const { data, error, refetch } = useQuery({
    queryKey: ["accounts"],
    queryFn: ({ signal }) => getJson<readonly AccountView[]>("/api/v1/accounts", signal),
    retry: false,
  });
  const manages = may("accounts.manage");
  // Whoever is on the machine is the operator there: nothing failed.
  const isWithoutAccounts = error instanceof ApiProblem && error.status === 404;
  return (
    <div className="account-page">
      <h1>{words.title}</h1>
      {isWithoutAccounts && <p className="quiet-note">{own.atMachine}</p>}
      {error !== null && !isWithoutAccounts && <Failure error={error} onRetry={() => void refetch()} />}
      {told !== undefined && (
        <section role="status">
          <p>{words.firstPassword(told.name)}</p>
          <p className="secret">{told.password}</p>
          <button type="button" className="button" onClick={() => setTold(undefined)}>
            {words.done}
          </button>
        </section>
      )}
      {data !== undefined && (
        <section>
          {manages && (
            <button type="button" className="button" data-primary="true" onClick={() => setEdited("new")}>
              {words.add}
            </button>
          )}
          <AccountTable
            accounts={data}
            manages={manages}
            onEdit={setEdited}
            onTold={setTold}
            onChanged={() => void refetch()}
          />
        </section>
      )}
      {data !== undefined && <Tokens manages={manages} />}
      {edited !== undefined && (
        <AccountDialog
          account={edited === "new" ? undefined : edited}
          onClose={() => setEdited(undefined)}
          onSaved={(made) => {
            setEdited(undefined);
            setTold(made);
            void refetch();
          }}
        />
      )}
    </div>
  );
}

function AccountTable({
  accounts,
  manages,
  onEdit,
  onTold,
  onChanged,
}: {
  readonly accounts: readonly AccountView[];
  readonly manages: boolean;
  readonly onEdit: (account: AccountView) => void;
  readonly onTold: (told: Told) => void;
  readonly onChanged: () => void;
}) {
  const { language, local, locale } = useSpeech();
  const { accounts: words } = useWords(ACCOUNT_WORDS);
  const me = useMe();
  const site = useSite();
  const [failure, setFailure] = useState<Error>();
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      setFailure(undefined);
      onChanged();
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const reset = ({ id, name }: AccountView): Promise<void> =>
    attempt(async () => {
      const { password } = await sendJson<FirstPasswordView>("POST", `/api/v1/accounts/${id}/reset`, {
        totp: true,
      });
      onTold({ name, password });
    });
  return (
    <>
      {failure !== undefined && <Failure title={words.failed} error={failure} />}
      <TableFrame label={words.title}>
        <table className="table">
          <thead>
            <tr>
              <th>{words.name}</th>
              <th>{words.person}</th>
              <th>{words.role}</th>
              <th>{words.state}</th>
              <th>{words.signedIn}</th>
              {manages && <th>{words.edit}</th>}
            </tr>
          </thead>
          <tbody>
            {accounts.map((account) => {
              const { enabled, grants, id, name, provider, signedInAt, title, totp } = account;
              const marks = [
                enabled ? words.enabled : words.disabled,
                ...(totp ? [words.totp] : []),
                ...(provider === undefined ? [] : [words.provider]),
              ];
              return (
                <tr key={id}>
                  <td>{name}</td>
                  <td>{title}</td>
                  <td>
                    {grants.map(({ path, role }) => (
                      <div key={`${role} ${path}`}>
                        {local(ROLE_TITLES[role])} ·{" "}
                        {path === "" ? words.wholeHub : placeText(site, path, language)}
                      </div>
                    ))}
                  </td>
                  <td>{marks.join(" · ")}</td>
                  <td>{signedInAt === undefined ? words.never : dayAndMinuteText(signedInAt, locale)}</td>
                  {manages && (
                    <td>
                      {name !== me?.user && (
                        <div className="row-actions">
                          <button type="button" className="button" onClick={() => onEdit(account)}>
                            {words.edit}
                          </button>
                          <button
                            type="button"
                            className="button"
                            onClick={() =>
                              void attempt(() =>
                                sendJson("PATCH", `/api/v1/accounts/${id}`, { enabled: !enabled }),
                              )
                            }
                          >
                            {enabled ? words.disable : words.enable}
                          </button>
                          {provider === undefined && (
                            <button type="button" className="button" onClick={() => void reset(account)}>
                              {words.reset}
                            </button>
                          )}
                          <button
                            type="button"
                            className="button"
                            onClick={() =>
                              void attempt(() => sendJson("DELETE", `/api/v1/accounts/${id}/sessions`))
                            }
                          >
                            {words.endSessions}
                          </button>
                        </div>
                      )}
                    </td>
                  )}
                </tr>
              );
            })}
          </tbody>
        </table>
      </TableFrame>
    </>
  );
}

function AccountDialog({
  account,
  onClose,
  onSaved,
}: {
  readonly account: AccountView | undefined;
  readonly onClose: () => void;
  readonly onSaved: (told: Told | undefined) => void;
}) {
  const { accounts: words } = useWords(ACCOUNT_WORDS);
  const places = usePlaces(words.wholeHub);
  const [name, setName] = useState(account?.name ?? "");
  const [title, setTitle] = useState(account?.title ?? "");
  const [grants, setGrants] = useState<readonly Grant[]>(account?.grants ?? [{ role: "guard", path: "" }]);
  const [failure, setFailure] = useState<Error>();
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      if (account === undefined) {
        const body: AccountBody = { name, title, grants };
        const { password } = await sendJson<FirstPasswordView>("POST", "/api/v1/accounts", body);
        onSaved({ name, password });
      } else {
        await sendJson("PATCH", `/api/v1/accounts/${account.id}`, {
          title,
          ...(account.provider === undefined && { grants }),
        });
        onSaved(undefined);
      }
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    }
  };
  return (
    <Dialog title={account === undefined ? words.add : `${words.edit} · ${account.name}`} onClose={onClose}>
      <form className="dialog-form" onSubmit={(event) => void save(event)}>
        {failure !== undefined && <Failure title={words.failed} error={failure} kept={words.kept} />}
        {account === undefined && (
          <TextField label={words.name} value={name} onChange={setName} hint={words.nameHint} />
        )}
        <TextField label={words.person} value={title} onChange={setTitle} />
        {account?.provider === undefined && (
          <GrantsEdit grants={grants} places={places} onChange={setGrants} />
        )}
        <DialogFooter action={words.save} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
