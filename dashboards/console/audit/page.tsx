import { useInfiniteQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { AuditEntryView, AuditList } from "../../api/api.ts";
import { actionText } from "../../audit/core/actions.ts";
import { TextField } from "../account/field.tsx";
import { ACCOUNT_WORDS } from "../account/words.ts";
import { useAddress } from "../controls/address.ts";
import { DateField } from "../controls/date-field.tsx";
import { Failure } from "../controls/failure.tsx";
import { Select } from "../controls/select.tsx";
import { TableFrame } from "../controls/table-frame.tsx";
import { placeText } from "../format/place.ts";
import { exactText, fullDateText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson } from "../live/http.ts";
import { useSite } from "../live/live.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import "../account/account.css";

const PAGE = 100;
const DAY_MS = 24 * 3_600_000;
const MONTH_MS = 31 * DAY_MS;
const FIELDS = ["user", "action", "result", "text", "from", "to"] as const;
type Asked = Readonly<Record<(typeof FIELDS)[number], string>>;

/** Who did what, where, when and with what result; searched, and exported for others to verify. */
export default function AuditPage() {
  const { audit: words } = useWords(ACCOUNT_WORDS);
  const { params, change } = useAddress();
  const asked = Object.fromEntries(FIELDS.map((field) => [field, params.get(field) ?? ""])) as Asked;
  const { data, error, fetchNextPage, hasNextPage, refetch } = useInfiniteQuery({
    queryKey: ["audit", asked],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam, signal }) =>
      getJson<AuditList>(`/api/v1/audit?${searchOf(asked, pageParam)}`, signal),
    getNextPageParam: ({ before }) => before,
    gcTime: 0,
  });
  const entries = data?.pages.flatMap((page) => page.entries);
  const [newest] = data?.pages ?? [];
  return (
    <div className="account-page">
      <h1>{words.title}</h1>
      <SearchForm key={JSON.stringify(asked)} asked={asked} onSearch={change} />
      {error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {entries?.length === 0 && <p className="quiet-note">{words.none}</p>}
      {entries !== undefined && entries.length > 0 && <EntryTable entries={entries} />}
      {hasNextPage && (
        <button type="button" className="button" onClick={() => void fetchNextPage()}>
          {words.more}
        </button>
      )}
      <Export asked={asked} />
      {newest !== undefined && (
        <p className="footnote">
          {words.head(newest.head.n, newest.head.hash)}
          <br />
          {words.fingerprint(newest.fingerprint)}
        </p>
      )}
    </div>
  );
}

function SearchForm({
  asked,
  onSearch,
}: {
  readonly asked: Asked;
  readonly onSearch: (asked: Readonly<Record<string, string>>) => void;
}) {
  const { audit: words } = useWords(ACCOUNT_WORDS);
  const [fields, setFields] = useState(asked);
  const set = (field: keyof Asked) => (value: string) => setFields({ ...fields, [field]: value });
  const results = [
    { value: "", title: words.anyResult },
    ...(["done", "refused", "failed"] as const).map((value) => ({ value, title: words.results[value] })),
  ];
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSearch(fields);
  };
  return (
    <form data-wide="true" onSubmit={submit}>
      <TextField label={words.user} value={fields.user} onChange={set("user")} required={false} />
      <TextField
        label={words.action}
        placeholder={words.actionHint}
        value={fields.action}
        onChange={set("action")}
        required={false}
      />
      <Select inForm label={words.result} value={fields.result} options={results} onChange={set("result")} />
      <TextField label={words.text} value={fields.text} onChange={set("text")} required={false} />
      <DateField label={words.from} value={fields.from} max={fields.to} onChange={set("from")} />
      <DateField label={words.to} value={fields.to} min={fields.from} onChange={set("to")} />
      <button type="submit" className="button" data-primary="true">
        {words.search}
      </button>
    </form>
  );
}

function EntryTable({ entries }: { readonly entries: readonly AuditEntryView[] }) {
  const { language, local, locale } = useSpeech();
  const { audit: words } = useWords(ACCOUNT_WORDS);
  const site = useSite();
  return (
    <TableFrame label={words.title}>
      <table className="table">
        <thead>
          <tr>
            <th>{words.time}</th>
            <th>{words.user}</th>
            <th>{words.action}</th>
            <th>{words.result}</th>
            <th>{words.place}</th>
            <th>{words.address}</th>
            <th>{words.details}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ action, address, at, details, n, path, result, user }) => (
            <tr key={n}>
              <td className="nowrap">
                {fullDateText(at, locale)} {exactText(at, locale)}
              </td>
              <td>{user}</td>
              <td>
                {local(actionText(action))} <small className="quiet">{action}</small>
              </td>
              <td>{words.results[result]}</td>
              <td>{path === undefined ? "" : placeText(site, path, language)}</td>
              <td>{address}</td>
              <td className="audit-details">{detailsText(details)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Export({ asked }: { readonly asked: Asked }) {
  const { audit: words } = useWords(ACCOUNT_WORDS);
  const now = useNow();
  const to = dayOf(asked.to, DAY_MS) ?? Math.ceil(now / DAY_MS) * DAY_MS;
  const from = dayOf(asked.from, 0) ?? to - MONTH_MS;
  const address = (format: string): string => `/api/v1/audit/export?format=${format}&from=${from}&to=${to}`;
  return (
    <section>
      <h2>{words.export}</h2>
      <p className="quiet-note">{words.exportHint}</p>
      <div className="row-actions">
        <a className="button" href={address("jsonl")} download>
          {words.signed}
        </a>
        <a className="button" href={address("csv")} download>
          {words.table}
        </a>
      </div>
    </section>
  );
}

function searchOf({ action, from, result, text, to, user }: Asked, before: number | undefined): string {
  const search = new URLSearchParams({ limit: String(PAGE) });
  const ends = { from: dayOf(from, 0), to: dayOf(to, DAY_MS), before };
  for (const [name, value] of Object.entries({ user, action, result, text, ...ends })) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  return String(search);
}

/** Local midnight of a day, or some time after. */
function dayOf(text: string, after_ms: number): number | undefined {
  const at = text === "" ? Number.NaN : new Date(`${text}T00:00`).getTime();
  return Number.isNaN(at) ? undefined : at + after_ms;
}

function detailsText(details: AuditEntryView["details"]): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("\n");
}
