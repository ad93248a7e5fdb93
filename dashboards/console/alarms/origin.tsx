import type { Language } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmView } from "@campus-ops/rules/api";
import { agoText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import { useSpeech, useWords } from "../text/language.tsx";

const zh = {
  told: "下级平台",
  toldTitle: "由该校自己的平台判定；确认、搁置、复位会送达那里",
  lastKnown: (age: string) => `平台失联，${age}的状态`,
  events: { "cut-off": "下级平台失联", reconnected: "下级平台恢复" },
};
const en: typeof zh = {
  told: "own hub",
  toldTitle: "decided by the school’s own hub; what is done here is told there",
  lastKnown: (age: string) => `hub cut off, as of ${age}`,
  events: { "cut-off": "its hub was cut off", reconnected: "its hub is back" },
};
export const ORIGIN_WORDS: Readonly<Record<Language, typeof zh>> = { zh, en };

/** Where an alarm comes from that a hub below raised, and whether that hub is still heard. */
export function AlarmOrigin({ alarm: { hub, lastKnown } }: { readonly alarm: AlarmView }) {
  const { t } = useSpeech();
  const words = useWords(ORIGIN_WORDS);
  const now = useNow();
  if (hub === undefined) return null;
  return lastKnown === undefined ? (
    <span className="alarm-origin" title={words.toldTitle}>
      {words.told}
    </span>
  ) : (
    <span className="alarm-origin" data-last-known="true">
      {words.lastKnown(agoText(lastKnown, now, t))}
    </span>
  );
}
