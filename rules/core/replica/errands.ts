/** Between what people do and facts: what a person does here to a told alarm, and what one at another hub did to an own one. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmState } from "../../api.ts";
import { assigneeOf } from "../assign.ts";
import type { RefusedEffect } from "../effect.ts";
import type { ActionInput } from "../input.ts";
import { nextState, SHELVE_MS_MAX } from "../lifecycle.ts";
import { type AlarmReplica, type Fact, stateOf } from "./alarm-replica.ts";
import { factsIn, type StampedFact } from "./difference.ts";

/** Something that the engine is to do because it was done on another hub. */
export type Errand = Omit<ActionInput, "kind" | "seq" | "receivedAt">;

/** What a person may do to a told alarm is what the life cycle's table allows where the facts have it. */
export function factsOfAction(
  replica: AlarmReplica,
  input: ActionInput,
): RefusedEffect | { readonly facts: readonly Fact[] } {
  const { action, comment, duration_ms, receivedAt: at } = input;
  const state = stateOf(replica);
  const newest = replica.raisings.findLast(({ raised }) => raised !== undefined);
  const event =
    action === "unshelve" || action === "return-to-service" ? (`${action}-active` as const) : action;
  if (replica.latching && (action === "shelve" || action === "remove-from-service"))
    return refusal("no-such-transition", "a life-safety alarm is never shelved or taken out of service");
  if (nextState(state, event) === undefined || newest === undefined)
    return refusal(
      "no-such-transition",
      `cannot ${action} this alarm: one that is ${state} has no such transition`,
    );
  const { raisedAt } = newest;
  const deed = { raisedAt, at, ...(comment === undefined ? {} : { comment }) };
  const said = (comment ?? "").trim();
  switch (action) {
    case "acknowledge":
      return isAnswered(state, newest.acknowledged !== undefined)
        ? refusal("no-such-transition", "it was already acknowledged")
        : { facts: [{ kind: "acknowledged", ...deed }] };
    case "reset":
      return { facts: [{ kind: "reset", ...deed }] };
    case "comment":
      return said === ""
        ? refusal("invalid-request", "a comment needs a text")
        : { facts: [{ kind: "comment", text: said, at }] };
    case "assign": {
      const { assigned } = newest;
      const given = assigneeOf(input, assigned && { to: assigned.value, by: assigned.by });
      if ("reason" in given) return refusal(given.reason, given.detail);
      const spoken: readonly Fact[] = said === "" ? [] : [{ kind: "comment", text: said, at }];
      return { facts: [{ kind: "assigned", raisedAt, to: given.to }, ...spoken] };
    }
    case "shelve":
      if (said === "") return refusal("invalid-request", "shelving needs a reason, as its comment");
      return duration_ms === undefined || !(duration_ms > 0) || duration_ms > SHELVE_MS_MAX
        ? refusal(
            "invalid-request",
            `shelving needs a duration_ms above 0 and at most ${SHELVE_MS_MAX} (eight hours)`,
          )
        : {
            facts: [
              { kind: "shelved", until: at + duration_ms },
              { kind: "comment", text: said, at },
            ],
          };
    case "unshelve":
      return { facts: [{ kind: "shelved", until: null }] };
    case "remove-from-service":
    case "return-to-service":
      return { facts: [{ kind: "out-of-service", value: action === "remove-from-service" }] };
    default:
      return refusal("no-such-transition", `${action} is done at the hub that raised the alarm`);
  }
}

const isAnswered = (state: AlarmState, acknowledged: boolean): boolean => state === "latched" && acknowledged;

/** What the engine is to do for one fact of another hub that has prevailed. */
export function errandsOf(
  alarm: string,
  replica: AlarmReplica,
  { by, fact, stamp }: StampedFact,
  at: Timestamp,
): readonly Errand[] {
  const raisedAt = replica.raisings.findLast(({ raised }) => raised !== undefined)?.raisedAt;
  const errand = (action: Errand["action"], more: Partial<Errand> = {}): readonly Errand[] => [
    { alarm, action, by, ...more },
  ];
  const comment = "comment" in fact && fact.comment !== undefined ? { comment: fact.comment } : {};
  switch (fact.kind) {
    case "acknowledged":
      return fact.raisedAt === raisedAt ? errand("acknowledge", comment) : [];
    case "reset":
      return fact.raisedAt === raisedAt ? errand("reset", comment) : [];
    case "assigned":
      return fact.raisedAt === raisedAt ? errand("assign", { assignee: fact.to }) : [];
    case "comment":
      // The reason of a shelving is said with it.
      return replica.shelved?.by === by && replica.shelved.stamp.wall === stamp.wall
        ? []
        : errand("comment", { comment: fact.text });
    case "shelved": {
      if (fact.until === null) return errand("unshelve");
      const duration_ms = Math.min(fact.until - at, SHELVE_MS_MAX);
      const why = factsIn(replica).find(
        (each) => each.fact.kind === "comment" && each.stamp.wall === stamp.wall,
      );
      const reason = why?.fact.kind === "comment" ? why.fact.text : "—";
      return duration_ms > 0 ? errand("shelve", { comment: reason, duration_ms }) : [];
    }
    case "out-of-service":
      return errand(fact.value ? "remove-from-service" : "return-to-service");
    default:
      return [];
  }
}

export const refusal = (reason: RefusedEffect["reason"], detail: string): RefusedEffect => ({
  kind: "refused",
  reason,
  detail,
});
