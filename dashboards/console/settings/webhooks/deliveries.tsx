import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { WebhookDeliveries, WebhookDelivery } from "../../../api/api.ts";
import { Failure } from "../../controls/failure.tsx";
import { TableFrame } from "../../controls/table-frame.tsx";
import { numberText } from "../../format/number.ts";
import { placeText } from "../../format/place.ts";
import { exactText, fullDateText } from "../../format/time.ts";
import { getJson } from "../../live/http.ts";
import { useSite } from "../../live/live.tsx";
import { useSpeech, useWords } from "../../text/language.tsx";
import { WEBHOOK_WORDS, type WebhookWords } from "./words.ts";

const LOOK_MS = 5_000;

/** What was sent and what became of it; asked for when it is opened. */
export function Deliveries({ id, name }: { readonly id: number; readonly name: string }) {
  const words = useWords(WEBHOOK_WORDS);
  const [open, setOpen] = useState(false);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{words.deliveries}</summary>
      {open && <DeliveryTable id={id} label={`${words.deliveries}: ${name}`} />}
    </details>
  );
}

function DeliveryTable({ id, label }: { readonly id: number; readonly label: string }) {
  const { language, locale, t } = useSpeech();
  const words = useWords(WEBHOOK_WORDS);
  const site = useSite();
  const { data, error, fetchNextPage, hasNextPage, refetch } = useInfiniteQuery({
    queryKey: ["webhook-deliveries", id],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      getJson<WebhookDeliveries>(`/api/v1/webhooks/${id}/deliveries${pageParam}`, signal),
    getNextPageParam: ({ before }) => (before === undefined ? undefined : `?before=${before}`),
    refetchInterval: LOOK_MS,
  });
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <p className="quiet-note">{t.loading}</p>;
  const deliveries = data.pages.flatMap((page) => page.deliveries);
  if (deliveries.length === 0) return <p className="quiet-note">{words.noDeliveries}</p>;
  return (
    <>
      <TableFrame label={label}>
        <table className="table">
          <thead>
            <tr>
              <th>{words.time}</th>
              <th>{words.what}</th>
              <th>{words.where}</th>
              <th>{words.result}</th>
              <th>{words.took}</th>
            </tr>
          </thead>
          <tbody>
            {deliveries.map(({ at, number, path, problem, result, took_ms, type }) => (
              <tr key={number}>
                <td className="nowrap">
                  {fullDateText(at, locale)} {exactText(at, locale)}
                </td>
                <td>{typeText(type, words)}</td>
                <td>{path === "" ? words.wholeHub : placeText(site, path, language)}</td>
                <td>
                  {isTest(type) && result !== "delivered" ? words.notTaken : words.results[result]}
                  {problem !== undefined && ` · ${problem}`}
                </td>
                <td className="nowrap">{`${numberText(took_ms, locale)} ms`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      {hasNextPage && (
        <button type="button" className="button" onClick={() => void fetchNextPage()}>
          {words.older}
        </button>
      )}
    </>
  );
}

/** It is sent once, so that nothing is given up. */
const isTest = (type: string): boolean => type.startsWith("campus-ops.test.");

/** `campus-ops.alarm.<state>.v1` in words; one that this page does not know stays as it is. */
function typeText(type: WebhookDelivery["type"], { types }: WebhookWords): string {
  const [, what = "", state = ""] = type.split(".");
  return { ...types }[what === "alarm" ? state : what] ?? type;
}
