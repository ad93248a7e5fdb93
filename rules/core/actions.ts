/** What people do to alarms. Everything that is refused is refused with a reason they can read. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { assigneeOf } from "./assign.ts";
import type { RefusalReason } from "./effect.ts";
import type { ActionInput } from "./input.ts";
import { type AlarmEvent, nextState, SHELVE_MS_MAX } from "./lifecycle.ts";
import type { Monitor } from "./monitor.ts";

export interface Refusal {
  readonly reason: RefusalReason;
  readonly detail: string;
}

/** Carries the action out, or says why not; then nothing has changed. */
export function act(monitor: Monitor | undefined, input: ActionInput, at: Timestamp): Refusal | undefined {
  if (monitor === undefined) return { reason: "unknown-alarm", detail: `there is no alarm ${input.alarm}` };
  const { alarm, rule } = monitor;
  const event = eventOf(monitor, input);
  const { action, by, comment } = input;

  if (rule.latching && (action === "shelve" || action === "remove-from-service")) {
    return impossible(
      `“${rule.title.zh}” is a life-safety alarm: it is never shelved or taken out of service`,
    );
  }
  const measured = action === "confirm" || action === "refute";
  if (measured && (rule.confirm === undefined || alarm.occurrence === 0))
    return impossible(
      rule.confirm === undefined ? "no reading confirms alarms of this rule" : "it has never been raised",
    );
  if (nextState(alarm.state, event) === undefined) {
    const why =
      action === "reset" && monitor.active
        ? "its condition is still true; it can be reset once that has ended"
        : `an alarm that is ${alarm.state} has no such transition`;
    return impossible(`cannot ${action} this alarm: ${why}`);
  }
  if (action === "acknowledge" && alarm.acknowledged !== null) {
    return impossible(`it was already acknowledged by ${alarm.acknowledged.by}`);
  }
  if (action === "assign") {
    if (alarm.occurrence === 0) return impossible("it has never been raised");
    const given = assigneeOf(input, alarm.assigned ?? undefined);
    if ("reason" in given) return given;
    alarm.assigned = given.to === null ? null : { to: given.to, by, at };
  }
  if (action === "comment" && (comment ?? "").trim() === "") return invalid("a comment needs a text");
  if (action === "shelve") {
    const { duration_ms } = input;
    if ((comment ?? "").trim() === "") return invalid("shelving needs a reason, as its comment");
    if (duration_ms === undefined || !(duration_ms > 0) || duration_ms > SHELVE_MS_MAX) {
      return invalid(`shelving needs a duration_ms above 0 and at most ${SHELVE_MS_MAX} (eight hours)`);
    }
    monitor.shelve(at + duration_ms);
  }
  if (action === "acknowledge") {
    alarm.acknowledged = { by, at, ...(comment === undefined ? {} : { comment }) };
  }
  if (measured) alarm.acknowledged ??= { by, at };
  if (action === "refute") monitor.dismiss(at);
  monitor.transition(event, by, comment, at);
  return undefined;
}

function eventOf(monitor: Monitor, { action }: ActionInput): AlarmEvent {
  if (action === "unshelve" || action === "return-to-service") {
    return `${action}-${monitor.active ? "active" : "clear"}`;
  }
  return action;
}

const impossible = (detail: string): Refusal => ({ reason: "no-such-transition", detail });
const invalid = (detail: string): Refusal => ({ reason: "invalid-request", detail });
