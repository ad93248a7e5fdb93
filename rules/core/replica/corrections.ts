import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmView } from "../../api.ts";
import { type AlarmReplica, type Fact, isReturned, newestStamp, stateOf, withFact } from "./alarm-replica.ts";
import { BEGINNING } from "./hybrid-clock.ts";

/**
 * Facts that bring a replica to where the alarm is at the hub that raises it, which has the last word: somebody elsewhere
 * shelved what had ended meanwhile, or acknowledged what is not to be acknowledged. None where they agree.
 */
export function correctionsOf(replica: AlarmReplica, alarm: AlarmView, at: Timestamp): readonly Fact[] {
  const { state, raisedAt, returnedAt } = alarm;
  const facts: Fact[] = [];
  let count = newestStamp(replica)?.count ?? 0;
  let known = replica;
  const correct = (fact: Fact): void => {
    facts.push(fact);
    count += 1;
    const wall = Math.max(at, newestStamp(known)?.wall ?? BEGINNING.wall) + 1;
    known = withFact(known, fact, "rule", { wall, count, hub: "" });
  };
  if (known.outOfService?.value === true && state !== "out-of-service")
    correct({ kind: "out-of-service", value: false });
  if (typeof known.shelved?.value === "number" && state !== "shelved")
    correct({ kind: "shelved", until: null });
  const raised = known.raisings.findLast((each) => each.raised !== undefined);
  const to = alarm.assigned?.to ?? null;
  if (raised !== undefined && (raised.assigned?.value ?? null) !== to)
    correct({ kind: "assigned", raisedAt: raised.raisedAt, to });
  if (stateOf(known) === state) return facts;
  const newest = (): AlarmReplica["raisings"][number] | undefined =>
    known.raisings.find((each) => each.raisedAt === raisedAt);
  const isOver = (): boolean => {
    const raising = newest();
    return raising !== undefined && isReturned(raising);
  };
  const deed = { raisedAt, at };
  switch (state) {
    case "out-of-service":
      correct({ kind: "out-of-service", value: true });
      break;
    case "shelved":
      correct({ kind: "shelved", until: alarm.shelvedUntil ?? at });
      break;
    case "suppressed-by-design":
      correct({ kind: "suppressed", raisedAt, value: true });
      break;
    case "unacknowledged":
      if (newest()?.suppressed?.value === true) correct({ kind: "suppressed", raisedAt, value: false });
      if (stateOf(known) !== state) correct({ kind: "again", ...deed });
      break;
    case "acknowledged":
      if (newest()?.suppressed?.value === true) correct({ kind: "suppressed", raisedAt, value: false });
      if (isOver()) correct({ kind: "again", ...deed });
      if (stateOf(known) !== state) correct({ kind: "acknowledged", ...deed });
      break;
    case "returned-unacknowledged":
      if (isOver()) correct({ kind: "again", ...deed });
      correct({ kind: "returned", ...deed, at: returnedAt ?? at });
      break;
    case "normal":
    case "latched":
      if (!isOver()) correct({ kind: "returned", ...deed, at: returnedAt ?? at });
      if (stateOf(known) !== state) correct({ kind: "acknowledged", ...deed });
      if (stateOf(known) !== state && known.latching) correct({ kind: "reset", ...deed });
      break;
  }
  return facts;
}
