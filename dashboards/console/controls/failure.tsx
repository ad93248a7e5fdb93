import { ApiProblem } from "../live/http.ts";
import { useSpeech } from "../text/language.tsx";

/** What happened, what was kept, what to do. */
export function Failure({
  error,
  title,
  kept,
  onRetry,
}: {
  readonly error: Error;
  readonly title?: string;
  readonly kept?: string;
  readonly onRetry?: () => void;
}) {
  const { t } = useSpeech();
  return (
    <div className="failure" role="alert">
      <strong>{title ?? t.failure.title}</strong>
      <p>{error instanceof ApiProblem ? t.failure.detail(error.message) : t.failure.network}</p>
      {kept !== undefined && <p>{kept}</p>}
      {onRetry !== undefined && (
        <button type="button" className="button" onClick={onRetry}>
          {t.retry}
        </button>
      )}
    </div>
  );
}
