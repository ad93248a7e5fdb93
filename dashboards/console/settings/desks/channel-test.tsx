import type { NotificationView } from "@campus-ops/rules/api";
import { useState } from "react";
import { Failure } from "../../controls/failure.tsx";
import { getJson, sendJson } from "../../live/http.ts";
import { useWords } from "../../text/language.tsx";
import { useAttempt } from "../attempt.ts";
import { DESK_WORDS } from "./words.ts";

const LOOK_MS = 1_000;
const LOOKS_MAX = 60;

/** Sends a real message through the channel, and says what the other side answered to it. */
export function ChannelTest({ id, disabled }: { readonly id: string; readonly disabled: boolean }) {
  const words = useWords(DESK_WORDS);
  const [rows, setRows] = useState<readonly NotificationView[]>([]);
  const [quiet, setQuiet] = useState(false);
  const { attempt, busy, failure } = useAttempt();
  const address = `/api/v1/channels/${encodeURIComponent(id)}`;
  const test = (): Promise<void> =>
    attempt(async () => {
      setRows([]);
      setQuiet(false);
      const known = new Set(
        (await getJson<readonly NotificationView[]>(`${address}/tests`)).map((each) => each.id),
      );
      await sendJson("POST", `${address}/test`, {});
      for (let look = 0; look < LOOKS_MAX; look += 1) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        const fresh = (await getJson<readonly NotificationView[]>(`${address}/tests`)).filter(
          (each) => !known.has(each.id),
        );
        const answered = fresh.filter(({ attempts, state }) => state !== "waiting" || attempts > 0);
        setRows(answered);
        if (fresh.length > 0 && answered.length === fresh.length) return;
      }
      setQuiet(true);
    });
  return (
    <div>
      <button
        type="button"
        className="button"
        disabled={busy || disabled}
        aria-label={`${words.test}: ${id}`}
        onClick={() => void test()}
      >
        {words.test}
      </button>
      <div role="status">
        {disabled && <p className="quiet-note">{words.testAfterSave}</p>}
        {busy && <p>{words.testing}</p>}
        {quiet && <p>{words.testQuiet}</p>}
        {rows.map(({ detail = "", id: row, recipient, state }) => {
          const to = recipient === "" ? "" : `${recipient}: `;
          return (
            <p key={row}>
              {state === "delivered" ? words.testDelivered(to, detail) : words.testFailed(to, detail)}
            </p>
          );
        })}
      </div>
      {failure !== undefined && <Failure error={failure} />}
    </div>
  );
}
