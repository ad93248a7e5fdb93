import type { AlarmView } from "@campus-ops/rules/api";
import { useEffect, useRef, useState } from "react";
import { placeText } from "../format/place.ts";
import { useAlarms, useSite } from "../live/live.tsx";
import { useSpeech } from "../text/language.tsx";
import { isUnacknowledged } from "./lifecycle.ts";

/** Reads new red and orange alarms out to a screen reader. The others would drown them. */
export function Announcer() {
  const { alarms, query } = useAlarms();
  const site = useSite();
  const { t, language, local } = useSpeech();
  const known = useRef<ReadonlySet<string>>(undefined);
  const [news, setNews] = useState<AlarmView>();
  const { isSuccess } = query;
  useEffect(() => {
    if (!isSuccess) return;
    const urgent = [...alarms.values()].filter((alarm) => alarm.priority <= 2 && isUnacknowledged(alarm));
    const before = known.current;
    known.current = new Set(urgent.map(raising));
    // What was there when the page was opened is in the list already.
    const fresh = before && urgent.filter((alarm) => !before.has(raising(alarm)));
    const worst = fresh?.toSorted((a, b) => a.priority - b.priority)[0];
    if (worst !== undefined) setNews(worst);
  }, [alarms, isSuccess]);
  return (
    <div className="visually-hidden" aria-live="assertive" data-testid="announcer">
      {news &&
        t.alarms.announce(
          t.priority[news.priority],
          local(news.title),
          placeText(site, news.device.path, language),
        )}
    </div>
  );
}

const raising = ({ id, occurrence }: AlarmView): string => `${id} ${occurrence}`;
