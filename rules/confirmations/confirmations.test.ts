import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerWithProblems, Problem } from "@campus-ops/service";
import { fastify } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AlarmRecord } from "../core/view.ts";
import type { PeopleAct } from "../feed/follower.ts";
import { RULES } from "../testing/campus.ts";
import { confirmationRoutes } from "./confirmations.ts";
import { ConfirmationStore, READING_DAYS_MAX, READINGS_MAX } from "./store.ts";

const DAY = 86_400_000;
let folder: string;
let store: ConfirmationStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "confirmations-"));
  store = new ConfirmationStore(join(folder, "confirmations.sqlite"));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** The routes over an alarm that is raised, and one of another rule; what they have the core do is written down. */
function server(refuse = false) {
  const acts: PeopleAct[] = [];
  const made = fastify();
  answerWithProblems(made, "rules");
  confirmationRoutes(made, {
    confirmations: store,
    alarm: (id) =>
      ({ a1: { rule: "fever-upheld", occurrence: 2 }, a2: { rule: "panic-pressed", occurrence: 1 } })[id] as
        | AlarmRecord
        | undefined,
    rule: (id) => RULES.find((rule) => rule.id === id),
    act: (action) => {
      if (refuse) throw new Problem(409, "Refused", "it is shelved", "已搁置");
      acts.push(action);
    },
    now: () => 7,
  });
  const post = async (id: string, celsius: unknown) =>
    (
      await made.inject({
        method: "POST",
        url: `/alarms/${id}/confirmations`,
        payload: { by: "doctor", celsius },
      })
    ).statusCode;
  return { acts, made, post };
}

test("a reading decides, the alarm learns the outcome alone, and both stand under the name of who measured", async () => {
  const { acts, made, post } = server();
  expect([await post("a1", 37.3), await post("a1", 36.9)]).toEqual([200, 200]);
  expect(acts).toEqual(
    ["confirm", "refute"].map((action) => ({
      kind: "action",
      alarm: "a1",
      action,
      by: "doctor",
      receivedAt: 7,
    })),
  );
  const kept = await made.inject({ url: "/alarms/a1/confirmations" });
  expect(kept.json()).toEqual([
    { occurrence: 2, at: 7, by: "doctor", outcome: "confirmed", celsius: 37.3 },
    { occurrence: 2, at: 7, by: "doctor", outcome: "refuted", celsius: 36.9 },
  ]);
});

test("what is no reading, no alarm of this hub, or no alarm to confirm is refused and not kept", async () => {
  const { acts, post } = server();
  const statuses = [
    await post("a1", 43),
    await post("a1", "hot"),
    await post("a2", 37.5),
    await post("a3", 37.5),
  ];
  expect([statuses, acts, store.ofAlarm("a1"), store.ofAlarm("a2")]).toEqual([
    [400, 400, 409, 404],
    [],
    [],
    [],
  ]);
});

test("a reading is not kept of what the alarm's life does not allow", async () => {
  const { post } = server(true);
  expect([await post("a1", 37.5), store.ofAlarm("a1")]).toEqual([409, []]);
});

test("readings end after thirty days, and their bytes with them; of one alarm the newest are kept", () => {
  const one = (at: number, by: string) =>
    ({ occurrence: 1, at, by, outcome: "confirmed", celsius: 38.1 }) as const;
  store.add("a1", one(0, "canary-of-the-first-day"));
  store.add("a1", one(DAY, "kept"));
  expect([store.prune(READING_DAYS_MAX * DAY), store.prune(READING_DAYS_MAX * DAY + 1)]).toEqual([0, 1]);
  expect(store.ofAlarm("a1")).toEqual([one(DAY, "kept")]);
  for (let n = 0; n < READINGS_MAX + 5; n += 1) store.add("a2", one(n, "kept"));
  expect([store.ofAlarm("a2").length, store.ofAlarm("a2")[0]?.at]).toEqual([READINGS_MAX, 5]);
  store.close();
  const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"));
  expect(bytes.join("")).toContain("kept");
  expect(bytes.join("")).not.toContain("canary-of-the-first-day");
  store = new ConfirmationStore(join(folder, "confirmations.sqlite"));
});
