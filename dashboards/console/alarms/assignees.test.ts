import type { TransitionView } from "@campus-ops/rules/api";
import { expect, test } from "vitest";
import { NAMES_OFFERED_MAX, namesToOffer } from "./assignees.ts";

const did = (by: string, at: number, assignee?: string | null): TransitionView => ({
  at,
  from: "acknowledged",
  to: "acknowledged",
  event: assignee === undefined ? "comment" : "assign",
  occurrence: 1,
  by,
  ...(assignee === undefined ? {} : { assignee }),
});

test("an alarm is offered to oneself first, then to whoever acted here last, and to each once", () => {
  const alarms = [
    { acknowledged: { by: "guard-1", at: 5 } },
    { acknowledged: { by: "me", at: 90 }, assigned: { to: "electrician", by: "guard-1", at: 20 } },
    {},
  ];
  const transitions = [
    did("rule", 1),
    did("guard-2", 7),
    did("guard-2", 8, null),
    did("me", 30, "lift company"),
  ];
  expect(namesToOffer(alarms, transitions, "me")).toEqual([
    "me",
    "lift company",
    "electrician",
    "guard-1",
    "guard-2",
  ]);
});

test("somebody of a hub below has no name to offer, and no more are offered than fit a phone", () => {
  const many = Array.from({ length: 20 }, (_, at) => did(`guard-${at}`, at));
  const offered = namesToOffer([{ assigned: { to: "@school", by: "@school", at: 99 } }], many, undefined);
  expect(offered).toHaveLength(NAMES_OFFERED_MAX);
  expect(offered[0]).toBe("guard-19");
});
