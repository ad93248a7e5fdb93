/** What a transition of an alarm adds to what several hubs know of it. */
import type { AlarmView, TransitionView } from "../../api.ts";
import type { Fact } from "./alarm-replica.ts";

/** Nothing, for what only one hub needs to know (how many symptoms there are). */
export function factsOf(
  transition: TransitionView,
  alarm: Pick<AlarmView, "raisedAt" | "returnedAt" | "shelvedUntil">,
): readonly Fact[] {
  const { event, at, comment } = transition;
  const { raisedAt, returnedAt, shelvedUntil } = alarm;
  const deed = { raisedAt, at, ...(comment === undefined ? {} : { comment }) };
  // It ended while nobody was to see it, which whoever put it there has accepted.
  const over: readonly Fact[] = [
    { kind: "returned", ...deed, at: returnedAt ?? at },
    { kind: "acknowledged", ...deed },
  ];
  const spoken: readonly Fact[] = comment === undefined ? [] : [{ kind: "comment", text: comment, at }];
  switch (event) {
    case "raise":
      return [{ kind: "raised", ...deed }];
    case "return":
    case "latch":
      return [{ kind: "returned", ...deed, at: returnedAt ?? at }];
    case "refute":
      return over;
    case "acknowledge":
    case "confirm":
      return [{ kind: "acknowledged", ...deed }];
    case "reset":
      return [{ kind: "reset", ...deed }];
    case "suppress":
      return [
        { kind: "raised", ...deed },
        { kind: "suppressed", raisedAt, value: true },
      ];
    case "release":
      return [
        { kind: "suppressed", raisedAt, value: false },
        { kind: "again", ...deed },
      ];
    case "shelve":
      return [{ kind: "shelved", until: shelvedUntil ?? at }];
    case "unshelve-active":
      return [
        { kind: "shelved", until: null },
        { kind: "again", ...deed },
      ];
    case "unshelve-clear":
      return [{ kind: "shelved", until: null }, ...over];
    case "remove-from-service":
      return [{ kind: "out-of-service", value: true }];
    case "return-to-service-active":
      return [
        { kind: "out-of-service", value: false },
        { kind: "raised", ...deed },
        { kind: "again", ...deed },
      ];
    case "return-to-service-clear":
      return [{ kind: "out-of-service", value: false }, ...over];
    case "comment":
      return spoken;
    case "assign":
      return [{ kind: "assigned", raisedAt, to: transition.assignee ?? null }, ...spoken];
    default:
      return [];
  }
}
