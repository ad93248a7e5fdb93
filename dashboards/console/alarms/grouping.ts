import type { AlarmView } from "@campus-ops/rules/api";

/** A cause with what it brought about; most alarms are their own cause and have no symptoms. */
export interface AlarmGroup {
  readonly alarm: AlarmView;
  readonly symptoms: readonly AlarmView[];
}

/**
 * Puts every symptom under its cause. A symptom whose cause is not among them stands by itself: nothing is ever
 * hidden because something else is missing. A symptom of a symptom goes to the topmost cause.
 */
export function groupByCause(alarms: readonly AlarmView[]): readonly AlarmGroup[] {
  const byId = new Map(alarms.map((alarm) => [alarm.id, alarm]));
  const symptoms = new Map<string, AlarmView[]>();
  const roots: AlarmView[] = [];
  for (const alarm of alarms) {
    const root = rootOf(alarm, byId);
    if (root === alarm) {
      roots.push(alarm);
      continue;
    }
    const siblings = symptoms.get(root.id);
    if (siblings === undefined) symptoms.set(root.id, [alarm]);
    else siblings.push(alarm);
  }
  return roots.map((alarm) => ({ alarm, symptoms: symptoms.get(alarm.id) ?? [] }));
}

function rootOf(alarm: AlarmView, byId: ReadonlyMap<string, AlarmView>): AlarmView {
  const seen = new Set<string>();
  let current = alarm;
  while (current.causeId !== undefined && !seen.has(current.id)) {
    seen.add(current.id);
    const cause = byId.get(current.causeId);
    if (cause === undefined) return current;
    current = cause;
  }
  // Causes that go round in a circle explain nothing: the alarm stands by itself.
  return seen.has(current.id) ? alarm : current;
}
