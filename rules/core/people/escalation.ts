/**
 * Who is told of an alarm, and who next when nobody acknowledges it in time. Pure: an alarm as it stands goes in with
 * the moment of looking, and what is to be told comes out, each thing once.
 *
 * A step whose desks are all empty, or none of whose desks is responsible for the place, passes the alarm on at once:
 * it never waits for a deadline at an empty desk.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmView, Priority } from "../../api.ts";
import type { Calendar } from "../calendar.ts";
import { type Desk, isResponsible, isStaffed } from "./desk.ts";

export interface EscalationStep {
  /** From the moment the alarm began to ask for a person. */
  readonly after_ms: number;
  /** Ids of desks. */
  readonly desks: readonly string[];
}

/** Steps in order of time. A priority without steps is shown in the console and told to nobody. */
export type Escalation = Readonly<Record<Priority, readonly EscalationStep[]>>;

export interface Staff {
  readonly desks: ReadonlyMap<string, Desk>;
  readonly escalation: Escalation;
  readonly calendar: Calendar;
}

/** raised: to the first desk · escalated: to a later one, because nobody acknowledged · settled: it needs nobody now. */
export type TellingKind = "raised" | "escalated" | "settled";

export interface Telling {
  readonly kind: TellingKind;
  readonly desk: string;
  /** When the alarm began to ask for a person: tells one telling from the next of the same alarm. */
  readonly since: Timestamp;
}

/** An alarm that waits for a person. */
export interface Watch {
  readonly alarm: string;
  readonly occurrence: number;
  readonly since: Timestamp;
  /** Index of the step that comes next. */
  readonly next: number;
  /** Desks that know of it. */
  readonly told: readonly string[];
}

export interface Outcome {
  /** Absent when nobody has to be waited for any more. */
  readonly watch?: Watch;
  readonly tellings: readonly Telling[];
  /** When to look again; absent when only a change of the alarm matters. */
  readonly lookAt?: Timestamp;
}

/** Whether it asks for a person who has not answered yet. A symptom asks for nobody: its cause does. */
export function asksForPerson({ state, causeId, acknowledged }: AlarmView): boolean {
  if (causeId !== undefined) return false;
  return state === "unacknowledged" || (state === "latched" && acknowledged === undefined);
}

/** Looks at `view` at the moment `now`; `before` is what the last look left. */
export function look(before: Watch | undefined, view: AlarmView, staff: Staff, now: Timestamp): Outcome {
  const same = before !== undefined && before.occurrence === view.occurrence ? before : undefined;
  if (!asksForPerson(view)) {
    const told = before?.told ?? [];
    return { tellings: told.map((desk) => ({ kind: "settled", desk, since: before?.since ?? 0 })) };
  }
  return advance(
    same ?? { alarm: view.id, occurrence: view.occurrence, since: view.updatedAt, next: 0, told: [] },
    view,
    staff,
    now,
  );
}

/**
 * A person asks for the next desk before its deadline. Undefined when nobody has to be waited for any more, or no desk is
 * left that somebody sits at; then nothing changes.
 */
export function escalate(
  before: Watch | undefined,
  view: AlarmView,
  staff: Staff,
  now: Timestamp,
): Outcome | undefined {
  if (before?.occurrence !== view.occurrence || !asksForPerson(view)) return undefined;
  const outcome = advance(before, view, staff, now, true);
  return outcome.tellings.length === 0 ? undefined : outcome;
}

/** `hurried`: the next step that reaches somebody does not wait for its deadline. */
function advance(watch: Watch, view: AlarmView, staff: Staff, now: Timestamp, hurried = false): Outcome {
  const steps = staff.escalation[view.priority];
  const told = [...watch.told];
  const tellings: Telling[] = [];
  let next = watch.next;
  for (; next < steps.length; next += 1) {
    const step = steps[next];
    if (step === undefined) break;
    const inHurry = hurried && tellings.length === 0;
    const waitsForDeadline = told.length > 0 && !inHurry && now < watch.since + step.after_ms;
    if (waitsForDeadline) break;
    // What became known long after it happened is told once: nobody can still be in time for it.
    if (view.late === true && told.length > 0 && !inHurry) break;
    for (const id of step.desks) {
      const desk = staff.desks.get(id);
      if (desk === undefined || told.includes(id)) continue;
      if (!isResponsible(desk, view.device.path) || !isStaffed(desk, staff.calendar, now)) continue;
      const kind = told.length === 0 || step.after_ms === 0 ? "raised" : "escalated";
      tellings.push({ kind, desk: id, since: watch.since });
    }
    for (const { desk } of tellings) if (!told.includes(desk)) told.push(desk);
  }
  const after = { ...watch, next, told };
  const coming = view.late === true && told.length > 0 ? undefined : steps[next];
  if (coming !== undefined) return { watch: after, tellings, lookAt: watch.since + coming.after_ms };
  // Everybody is away: somebody may come.
  if (told.length === 0 && steps.length > 0) {
    const change = staff.calendar.nextChange(now);
    const again = { ...watch, next: 0, told: [] };
    return Number.isFinite(change) ? { watch: again, tellings, lookAt: change } : { watch: again, tellings };
  }
  return { watch: after, tellings };
}
