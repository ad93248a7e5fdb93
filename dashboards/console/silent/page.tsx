import type { AlarmView } from "@campus-ops/rules/api";
import { useAlarms } from "../live/live.tsx";
import { useWords } from "../text/language.tsx";
import { AlarmsAside } from "./alarms-aside.tsx";
import { Declared } from "./declared.tsx";
import { SILENT_WORDS } from "./words.ts";
import "../desk/desk.css";

/** Alarms that somebody, or their cause, keeps from ringing. */
export default function SilentPage() {
  const words = useWords(SILENT_WORDS);
  const { alarms } = useAlarms();
  const of = (state: AlarmView["state"]): readonly AlarmView[] =>
    [...alarms.values()]
      .filter((alarm) => alarm.state === state)
      .toSorted((a, b) => a.priority - b.priority || b.updatedAt - a.updatedAt);
  return (
    <div className="sheet">
      <header className="sheet-header">
        <h1>{words.title}</h1>
      </header>
      <p className="quiet-note">{words.intro}</p>
      <Declared />
      <AlarmsAside title={words.shelved} alarms={of("shelved")} action="unshelve" />
      <AlarmsAside title={words.outOfService} alarms={of("out-of-service")} action="return-to-service" />
      <AlarmsAside title={words.suppressed} alarms={of("suppressed-by-design")} />
    </div>
  );
}
