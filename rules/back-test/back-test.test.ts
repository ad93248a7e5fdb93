import { join } from "node:path";
import { journalPlace, openReaderAt } from "@campus-ops/broker/journal/place";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AlarmView, BackTestView } from "../api.ts";
import { loadConfiguration } from "../configuration.ts";
import { Engine } from "../core/engine.ts";
import { RulesStore } from "../store/rules-store.ts";
import { birth, CLOCK, data, type Entry, event, Hub } from "../testing/hub.ts";
import { replay } from "./replay.ts";

const BEGIN = Date.UTC(2026, 8, 7, 1);
let hub: Hub;
beforeEach(() => {
  hub = new Hub();
});
afterEach(() => hub.close());

const append = async (at: number, ...entries: readonly Entry[]): Promise<number> =>
  hub.journal.append(entries.map((entry) => ({ ...entry, receivedAt: BEGIN + at })));

const BIRTHS: readonly Entry[] = [
  birth(undefined, BEGIN, { "Properties/Class": "edge-box" }),
  birth("gate", BEGIN, { "Properties/Class": "access-gate", "Door/Open": false, "Door/Tamper": false }),
  birth("panic", BEGIN, { "Properties/Class": "panic-button", "Panic/Pressed": false }),
];

/** A door that stands open for 40, 70 and 200 seconds, cards that are refused, and a panic button. */
async function story(): Promise<number> {
  await append(0, ...BIRTHS);
  let at = 0;
  for (const open of [40, 70, 200]) {
    at += 100_000;
    await append(at, data("gate", BEGIN + at, { "Door/Open": true, "Door/Tamper": open > 100 }), CLOCK);
    for (let index = 0; index < 6; index += 1) {
      at += 1_000;
      const fields = { serial: at, credential: "c1", result: "refused", reason: "revoked", direction: "in" };
      await append(at, event("gate", BEGIN + at, "Access/Swipe", `${at}`, fields));
    }
    at += (open - 6) * 1_000;
    await append(at, data("gate", BEGIN + at, { "Door/Open": false, "Door/Tamper": false }));
  }
  await append(at + 1_000, data("panic", BEGIN + at + 1_000, { "Panic/Pressed": true }), CLOCK);
  return append(at + 600_000, data("panic", BEGIN + at + 600_000, { "Panic/Pressed": false }), CLOCK);
}

async function taken(seq: number): Promise<void> {
  while ((await hub.get<{ seq: number }>("/healthz")).seq < seq);
}

const text = "{ zh: 测, en: t }";
const pack = (delay: string, more = ""): string =>
  `pack: own\ntitle: ${text}\nrules:\n  - id: door-held-open\n    version: 2\n    title: ${text}\n    priority: 3\n    selector: { class: [access-gate] }\n    condition: { state: { metric: Door/Open, is: [true] } }\n    onDelay: ${delay}\n    respondWithin: 5m\n    card: { cause: ${text}, consequence: ${text}, action: ${text} }\n${more}`;

async function tested(body: object): Promise<BackTestView> {
  const started = await hub.post("/back-tests", { by: "desk-1", ...body });
  expect(started.status).toBe(202);
  for (;;) {
    const view = await hub.get<BackTestView>(`/back-tests/${String(started.body.id)}`);
    if (view.state !== "running") return view;
  }
}

test("the journal read again gives the alarm history of the live run to the byte, what people did included", async () => {
  await hub.start();
  await taken(await story());
  for (const { id, state } of await hub.get<AlarmView[]>("/alarms")) {
    await hub.post(`/alarms/${id}/acknowledge`, { by: "desk-1" });
    if (state === "latched") await hub.post(`/alarms/${id}/reset`, { by: "desk-1", comment: "已确认" });
  }
  await taken(await append(2_000_000, data("gate", BEGIN + 2_000_000, { "Door/Tamper": true }), CLOCK));
  await hub.end("SIGTERM");

  const store = new RulesStore(join(hub.data, "rules.sqlite"));
  const live = store.stream(0, 10_000).map(({ view }) => JSON.stringify(view));
  const actions = store.actions();
  store.close();
  expect(actions.length).toBeGreaterThan(2);
  const configuration = loadConfiguration(hub.configuration);
  const journal = await openReaderAt(
    journalPlace(configuration.journal, hub.configuration, hub.data),
    new AbortController().signal,
    { onAway: () => undefined, onUnreadable: () => undefined },
  );
  const engine = new Engine(configuration);
  const again: string[] = [];
  const step = (input: Parameters<Engine["step"]>[0]): void => {
    for (const effect of engine.step(input)) {
      if (effect.kind !== "transition") continue;
      const {
        ruleVersion: _1,
        explanation: _2,
        card: _3,
        respondWithin_ms: _4,
        evidence: _5,
        ...view
      } = effect.alarm;
      again.push(JSON.stringify(view));
    }
  };
  await replay({ journal, actions, step });
  await journal.close();
  expect(again).toEqual(live);
  expect(live.length).toBeGreaterThan(10);
});

describe("a back-test", () => {
  test("says which alarms a changed rule would have raised, which it would not, and which would differ", {
    timeout: 60_000,
  }, async () => {
    await hub.start();
    await taken(await story());
    const shorter = await tested({ pack: pack("30s") });
    // In force it is 60 s: the door that stood open for 40 s is new, the others begin alike.
    expect(shorter).toMatchObject({
      state: "done",
      rules: ["door-held-open"],
      difference: { before: 2, after: 3, new: { count: 1 }, gone: { count: 0 }, cut: false },
    });
    expect(shorter.difference?.new.first[0]).toMatchObject({
      rule: "door-held-open",
      device: "school/box-1/gate",
      raisedAt: BEGIN + 100_000,
    });
    expect(shorter.difference?.changed.count).toBe(2);
    const longer = await tested({ pack: pack("100s") });
    expect(longer.difference).toMatchObject({ before: 2, after: 1, new: { count: 0 }, gone: { count: 1 } });
    const later = await tested({ pack: pack("30s"), from: BEGIN + 250_000 });
    expect(later.difference).toMatchObject({ before: 1, after: 1, new: { count: 0 } });
    expect(later.progress?.entries).toBeLessThan(shorter.progress?.entries ?? 0);
    expect((await hub.get<BackTestView[]>("/back-tests")).map(({ state }) => state)).toEqual([
      "done",
      "done",
      "done",
    ]);
  });

  test("leaves the live rules alone: no alarm is raised or ended, and the rules in force stay", async () => {
    await hub.start();
    await taken(await story());
    const before = await hub.get<AlarmView[]>("/alarms?state=all");
    await tested({ pack: pack("30s") });
    expect(await hub.get<AlarmView[]>("/alarms?state=all")).toEqual(before);
  });

  test("of a pack that is wrong, or changes nothing, is refused with line and field", async () => {
    await hub.start();
    const wrong = await hub.post("/back-tests", { by: "d", pack: pack("soon") });
    expect(wrong.status).toBe(400);
    expect(wrong.body.detail).toContain("line 10: rules.0.onDelay: must look like");
    const inForce = pack("$doorHeldOpen").replace("version: 2", "version: 1");
    expect((await hub.post("/back-tests", { by: "d", pack: inForce })).status).toBe(400);
    expect((await hub.client.fetch("/back-tests/none")).status).toBe(404);
  });

  test("is cancelled when somebody asks, and another can begin", async () => {
    await hub.start();
    await taken(await story());
    const started = await hub.post("/back-tests", { by: "desk-1", pack: pack("30s") });
    expect(await hub.post("/back-tests", { by: "desk-1", pack: pack("30s") })).toMatchObject({ status: 409 });
    const cancelled = await hub.client.fetch(`/back-tests/${String(started.body.id)}`, { method: "DELETE" });
    expect(((await cancelled.json()) as BackTestView).state).toBe("cancelled");
    expect((await tested({ pack: pack("30s") })).state).toBe("done");
  });
});
