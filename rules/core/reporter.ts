/** What one input brought about, in order, as those who store and show it want it. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmState, TransitionView } from "../api.ts";
import type { Effect, RefusalReason } from "./effect.ts";
import type { AlarmEvent } from "./lifecycle.ts";
import type { Monitor } from "./monitor.ts";
import { asksForPicture } from "./pictures/request.ts";
import { alarmRecord } from "./view.ts";

export class Reporter {
  readonly #symptomsOf: (alarm: string) => number;
  #effects: Effect[] = [];
  #seq = 0;

  constructor(symptomsOf: (alarm: string) => number) {
    this.#symptomsOf = symptomsOf;
  }

  begin(seq: number): void {
    this.#seq = seq;
  }

  take(): readonly Effect[] {
    const effects = this.#effects;
    if (effects.length > 0) this.#effects = [];
    return effects;
  }

  refused(reason: RefusalReason, detail: string): void {
    this.add({ kind: "refused", reason, detail });
  }

  failed({ rule, device }: Monitor, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.add({ kind: "rule-error", seq: this.#seq, rule: rule.id, device: device.key, message });
  }

  add(effect: Effect): void {
    this.#effects.push(effect);
  }

  moved(
    monitor: Monitor,
    from: AlarmState,
    event: AlarmEvent,
    by: string,
    comment: string | undefined,
  ): void {
    const { alarm } = monitor;
    this.#emit(monitor, {
      at: alarm.updatedAt,
      from,
      to: alarm.state,
      event,
      occurrence: alarm.occurrence,
      by,
      ...(comment === undefined ? {} : { comment }),
      ...(event === "assign" ? { assignee: alarm.assigned?.to ?? null } : {}),
    });
  }

  /** Something about the alarm is worth telling though its state stays. */
  note(monitor: Monitor, event: "symptoms" | "unknown", at: Timestamp): void {
    const { state, occurrence } = monitor.alarm;
    this.#emit(monitor, { at, from: state, to: state, event, occurrence, by: "rule" });
  }

  #emit(monitor: Monitor, transition: TransitionView): void {
    const alarm = alarmRecord(monitor, this.#symptomsOf(monitor.id));
    const picture = monitor.rule.picture === true && asksForPicture(transition);
    const effect = { kind: "transition", seq: this.#seq, transition, alarm } as const;
    this.#effects.push(picture ? { ...effect, picture } : effect);
  }
}
