import { clockText, spanText } from "../format/time.ts";
import type { Connection } from "../live/connection.ts";
import { useSpeech } from "../text/language.tsx";

/** Over the full width, above everything: a silent page looks like a quiet school, and that is the worst mistake. */
export function ConnectionBar({ connection }: { readonly connection: Connection }) {
  const { t } = useSpeech();
  if (connection.state === "lost") {
    const { since, silence_ms } = connection;
    return (
      <div className="connection-bar" data-state="lost" role="alert">
        <strong>{since === undefined ? t.connection.neverTitle : t.connection.lostTitle}</strong>
        {/* Counts up by the second: read out once, not every second. */}
        <span aria-hidden="true">
          {since === undefined
            ? t.connection.neverDetail
            : t.connection.lostDetail(spanText(silence_ms, t), clockText(since))}
        </span>
      </div>
    );
  }
  if (connection.state !== "impaired") return null;
  return (
    <div className="connection-bar" data-state="impaired" role="alert">
      {!connection.rules && <span>{t.connection.rulesAway}</span>}
      {!connection.ingest && <span>{t.connection.ingestAway}</span>}
    </div>
  );
}
