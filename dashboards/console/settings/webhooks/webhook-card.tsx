import { useState } from "react";
import type { WebhookDelivery, WebhookMade, WebhookView } from "../../../api/api.ts";
import { Failure } from "../../controls/failure.tsx";
import { numberText } from "../../format/number.ts";
import { placeText } from "../../format/place.ts";
import { dayAndMinuteText } from "../../format/time.ts";
import { remove, sendJson } from "../../live/http.ts";
import { useSite } from "../../live/live.tsx";
import { useSpeech, useWords } from "../../text/language.tsx";
import { useAttempt } from "../attempt.ts";
import { Deliveries } from "./deliveries.tsx";
import { WEBHOOK_WORDS } from "./words.ts";

/** What is asked before it is done. */
type Asking = "renew" | "remove" | undefined;

/** One other system: how it goes, a test, and what can be changed about it. */
export function WebhookCard({
  webhook,
  onChanged,
  onSecret,
}: {
  readonly webhook: WebhookView;
  readonly onChanged: () => void;
  readonly onSecret: (made: WebhookMade) => void;
}) {
  const { language, locale } = useSpeech();
  const words = useWords(WEBHOOK_WORDS);
  const site = useSite();
  const [asking, setAsking] = useState<Asking>();
  const [told, setTold] = useState<WebhookDelivery | "waited for">();
  const { attempt, busy, failure } = useAttempt();
  const { enabled, id, lost, name, path, problem, url, waiting } = webhook;
  const address = `/api/v1/webhooks/${id}`;
  const amount = (n: number): string => numberText(n, locale);
  const state = [
    enabled ? words.enabled : words.disabled,
    webhook.deliveredAt === undefined
      ? words.neverTaken
      : words.lastTaken(dayAndMinuteText(webhook.deliveredAt, locale)),
    ...(waiting > 0 ? [words.waiting(amount(waiting))] : []),
    ...(lost > 0 ? [words.lost(amount(lost))] : []),
  ];
  const test = (): Promise<void> =>
    attempt(async () => {
      setTold("waited for");
      setTold(await sendJson<WebhookDelivery>("POST", `${address}/test`, {}));
      onChanged();
    });
  const change = (): Promise<void> =>
    attempt(async () => {
      await sendJson("PATCH", address, { enabled: !enabled });
      onChanged();
    });
  const sure = (): Promise<void> =>
    attempt(async () => {
      if (asking === "renew") onSecret(await sendJson<WebhookMade>("POST", `${address}/secret`, {}));
      if (asking === "remove") await remove(address);
      setAsking(undefined);
      onChanged();
    });
  const answer = ({ problem: why = "", result, status = 0, took_ms }: WebhookDelivery): string =>
    result === "delivered" ? words.taken(status, `${amount(took_ms)} ms`) : words.refused(why);
  const button = (label: string, onClick: () => void) => (
    <button
      type="button"
      className="button"
      disabled={busy}
      aria-label={`${label}: ${name}`}
      onClick={onClick}
    >
      {label}
    </button>
  );
  return (
    <li className="settings-card">
      <h3>{name}</h3>
      <p>
        {url} · {path === "" ? words.wholeHub : placeText(site, path, language)}
      </p>
      <p>{state.join(" · ")}</p>
      {!enabled && <p className="quiet-note">{words.disabledMeans}</p>}
      {problem !== undefined && <p className="settings-note">{words.problem(problem)}</p>}
      <div className="row-actions">
        {button(words.test, () => void test())}
        {button(enabled ? words.disable : words.enable, () => void change())}
        {button(words.renew, () => setAsking("renew"))}
        {button(words.remove, () => setAsking("remove"))}
      </div>
      {asking !== undefined && (
        <div className="settings-note" role="alert">
          <p>{asking === "renew" ? words.renewSure : words.removeSure(amount(waiting))}</p>
          <div className="row-actions">
            {button(words.sure, () => void sure())}
            {button(words.cancel, () => setAsking(undefined))}
          </div>
        </div>
      )}
      <div role="status">
        {told === "waited for" ? busy && words.testing : told !== undefined && answer(told)}
      </div>
      {failure !== undefined && <Failure title={words.failed} error={failure} />}
      <Deliveries id={id} name={name} />
    </li>
  );
}
