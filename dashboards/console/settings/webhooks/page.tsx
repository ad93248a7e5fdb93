import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { WebhookMade, WebhookView } from "../../../api/api.ts";
import { Failure } from "../../controls/failure.tsx";
import { getJson } from "../../live/http.ts";
import { useSpeech, useWords } from "../../text/language.tsx";
import { NewWebhookForm } from "./new-webhook.tsx";
import { WebhookCard } from "./webhook-card.tsx";
import { WEBHOOK_WORDS } from "./words.ts";
import "../settings.css";

const LOOK_MS = 5_000;

/** Other systems that are told of alarms: is each of them hearing us, and what did it say. */
export default function WebhooksPage() {
  const { t } = useSpeech();
  const words = useWords(WEBHOOK_WORDS);
  const [made, setMade] = useState<WebhookMade>();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["webhooks"],
    queryFn: ({ signal }) => getJson<readonly WebhookView[]>("/api/v1/webhooks", signal),
    refetchInterval: LOOK_MS,
  });
  const show = (told: WebhookMade): void => {
    setMade(told);
    void refetch();
  };
  return (
    <div className="settings">
      <header>
        <h1>{words.title}</h1>
        <p className="quiet-note">{words.intro}</p>
      </header>
      {error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {isPending && <p className="quiet-note">{t.loading}</p>}
      {made !== undefined && (
        <div className="settings-note" role="status">
          <p>{words.secret(made.name)}</p>
          <p className="secret">{made.secret}</p>
          <p>{words.secretHow}</p>
          <button type="button" className="button" onClick={() => setMade(undefined)}>
            {words.secretSaved}
          </button>
        </div>
      )}
      {data?.length === 0 && <p className="quiet-note">{words.none}</p>}
      {data !== undefined && data.length > 0 && (
        <section>
          <ul className="plain-list">
            {data.map((webhook) => (
              <WebhookCard
                key={webhook.id}
                webhook={webhook}
                onChanged={() => void refetch()}
                onSecret={show}
              />
            ))}
          </ul>
        </section>
      )}
      {data !== undefined && <NewWebhookForm onMade={show} />}
    </div>
  );
}
