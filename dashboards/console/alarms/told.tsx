import type { NotificationView } from "@campus-ops/rules/api";
import { useQuery } from "@tanstack/react-query";
import { momentText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { getJson } from "../live/http.ts";
import { useSpeech } from "../text/language.tsx";

/** What waits is looked at again: its channel may have taken it by now. */
const WAITING_MS = 5_000;

/** Who was told of an alarm beside this page, newest first; nothing at all where nobody was to be. */
export function ToldList({ alarm, updatedAt }: { readonly alarm: string; readonly updatedAt: number }) {
  const { t, locale } = useSpeech();
  const now = useNow();
  const { data = [] } = useQuery({
    queryKey: ["told", alarm, updatedAt],
    queryFn: ({ signal }) =>
      getJson<readonly NotificationView[]>(
        `/api/v1/notifications?alarm=${encodeURIComponent(alarm)}`,
        signal,
      ),
    refetchInterval: ({ state }) =>
      state.data?.some((each) => each.state === "waiting") === true ? WAITING_MS : false,
  });
  if (data.length === 0) return null;
  return (
    <section>
      <h3>{t.told.title}</h3>
      <ol className="transitions">
        {data.map((each) => (
          <li key={each.id}>
            <time className="figure">{momentText(each.settledAt ?? each.createdAt, now, locale)}</time>
            <span>
              <strong>{t.told.kind[each.kind]}</strong>
              <span className="transition-states">
                {t.told.state[each.state]}
                {each.state !== "delivered" && each.attempts > 0 && ` · ${t.told.attempts(each.attempts)}`}
                {each.state !== "delivered" && each.detail !== undefined && ` · ${each.detail}`}
              </span>
            </span>
            <span className="transition-by">
              {[each.desk, each.channel, each.recipient].filter((part) => part !== "").join(" · ")}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
