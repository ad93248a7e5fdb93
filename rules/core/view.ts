/** Alarms as others see them: the shapes of `rules/api.ts`. */
import type { AlarmDetail, AlarmView } from "../api.ts";
import type { Monitor } from "./monitor.ts";

/** An alarm's page, without what is looked up when it is opened: its transitions, symptoms and pictures. */
export type AlarmRecord = Omit<AlarmDetail, "transitions" | "symptomIds" | "pictures">;

export function alarmView(monitor: Monitor, symptoms: number): AlarmView {
  const { alarm, device, rule } = monitor;
  return {
    id: monitor.id,
    occurrence: alarm.occurrence,
    rule: rule.id,
    priority: rule.priority,
    state: alarm.state,
    title: rule.title,
    device: {
      key: device.key,
      title: device.facts.title,
      class: device.facts.class,
      path: device.facts.path,
      campus: device.campus,
    },
    ...(monitor.instance === undefined ? {} : { instance: monitor.instance }),
    raisedAt: alarm.raisedAt,
    receivedAt: alarm.receivedAt,
    ...(alarm.returnedAt === null ? {} : { returnedAt: alarm.returnedAt }),
    ...(alarm.acknowledged === null ? {} : { acknowledged: alarm.acknowledged }),
    ...(alarm.assigned == null ? {} : { assigned: alarm.assigned }),
    ...(alarm.causeId === null ? {} : { causeId: alarm.causeId }),
    ...(alarm.shelvedUntil === null ? {} : { shelvedUntil: alarm.shelvedUntil }),
    ...(alarm.late ? { late: true } : {}),
    ...(alarm.drill == null ? {} : { drill: alarm.drill }),
    symptoms,
    updatedAt: alarm.updatedAt,
  };
}

export function alarmRecord(monitor: Monitor, symptoms: number): AlarmRecord {
  const { alarm, rule } = monitor;
  return {
    ...alarmView(monitor, symptoms),
    ruleVersion: rule.version,
    explanation: alarm.explanation,
    card: rule.card,
    respondWithin_ms: rule.respondWithin_ms,
    evidence: alarm.evidence,
    ...(rule.confirm === undefined ? {} : { confirmable: { from: rule.confirm.from, to: rule.confirm.to } }),
  };
}
