import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { JournalDecoder } from "@campus-ops/broker/journal";
import { NatsServer } from "@campus-ops/broker/journal/testing/nats-server";
import { socketClient } from "@campus-ops/service/socket-client";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import type {
  AlarmDetail,
  AlarmFiguresView,
  AlarmView,
  CampusAlarmCounts,
  RaisingView,
  RuleView,
} from "./api.ts";
import { loadConfiguration } from "./configuration.ts";
import { Engine } from "./core/engine.ts";
import { inputsOf } from "./feed/inputs.ts";
import { CLIENTS_MAX } from "./http/live-stream.ts";
import { RulesStore } from "./store/rules-store.ts";
import { birth, CLOCK, data, type Entry, event, Hub } from "./testing/hub.ts";

const BEGIN = Date.UTC(2026, 8, 7, 1);
let hub: Hub;
afterEach(() => hub.close());

const BIRTHS: readonly Entry[] = [
  birth(undefined, BEGIN, { "Properties/Class": "edge-box" }),
  birth("panic", BEGIN, {
    "Properties/Class": "panic-button",
    "Properties/TitleZh": "门卫室",
    "Panic/Pressed": false,
  }),
  birth("gate", BEGIN, { "Properties/Class": "access-gate", "Door/Open": false, "Door/Tamper": false }),
];

const append = (at: number, entries: readonly Entry[]): Promise<number> =>
  hub.journal.append(entries.map((entry) => ({ ...entry, receivedAt: at })));

async function nextEvent(after: number): Promise<{ id: number; alarm: AlarmView }> {
  for await (const { id, data: body } of hub.events(after))
    return { id, alarm: JSON.parse(body) as AlarmView };
  throw new Error("the stream ended");
}

describe("the rules process", () => {
  test("raises an alarm from the journal that explains itself, and a person takes it to its end", async () => {
    hub = new Hub();
    expect(await hub.start()).toEqual({ ready: true });
    await append(BEGIN, BIRTHS);
    const seq = await append(BEGIN + 1_000, [data("panic", BEGIN + 990, { "Panic/Pressed": true })]);

    const { alarm } = await nextEvent(0);
    expect(alarm).toMatchObject({
      rule: "panic-pressed",
      state: "unacknowledged",
      occurrence: 1,
      raisedAt: BEGIN + 990,
      receivedAt: BEGIN + 1_000,
      device: {
        key: "school/box-1/panic",
        title: { zh: "门卫室" },
        path: "990100/990101/school",
        campus: "school",
      },
    });
    const path = `/alarms/${alarm.id}`;
    const detail = await hub.get<AlarmDetail>(path);
    expect(detail.explanation).toEqual({
      zh: "一键报警“已按下”为“是”",
      en: "Panic button “pressed” is “yes”",
    });
    expect(detail.evidence[0]).toMatchObject({ name: "Panic/Pressed", value: true, journalSeq: seq });
    expect(detail.respondWithin_ms).toBe(30_000);

    const shelve = await hub.post(`${path}/shelve`, { by: "desk-1", comment: "吵", duration_ms: 60_000 });
    expect(shelve).toMatchObject({ status: 409, type: "application/problem+json; charset=utf-8" });
    const early = await hub.post(`${path}/reset`, { by: "desk-1" });
    expect(early.body.detail).toBe(
      "cannot reset this alarm: its condition is still true; it can be reset once that has ended",
    );
    expect(await hub.post(`${path}/acknowledge`, { by: "desk-1", comment: "已派人" })).toMatchObject({
      status: 200,
      body: { state: "acknowledged", acknowledged: { by: "desk-1", comment: "已派人" } },
    });
    expect((await hub.post(`${path}/acknowledge`, { by: "desk-1" })).status).toBe(409);
    await append(BEGIN + 9_000, [data("panic", BEGIN + 9_000, { "Panic/Pressed": false })]);
    expect((await nextEvent(2)).alarm.state).toBe("latched");
    expect(await hub.post(`${path}/reset`, { by: "desk-1" })).toMatchObject({ body: { state: "normal" } });

    const { transitions } = await hub.get<AlarmDetail>(path);
    expect(transitions.map(({ event: what, by }) => `${what} ${by}`)).toEqual([
      "raise rule",
      "acknowledge desk-1",
      "latch rule",
      "reset desk-1",
    ]);
    expect(await hub.get<AlarmView[]>("/alarms?state=active")).toEqual([]);
    expect((await hub.get<AlarmView[]>("/alarms?state=all")).map(({ id }) => id)).toEqual([alarm.id]);
    expect(await hub.get<CampusAlarmCounts[]>(`/rollups?from=${BEGIN}&to=${BEGIN + 60_000}`)).toEqual([
      { campus: "school", counts: { "alarms.raised": 1 } },
    ]);
    const range = `from=${BEGIN}&to=${BEGIN + 3_600_000}&scope=990100`;
    const figures = await hub.get<AlarmFiguresView>(`/alarm-figures?${range}`);
    expect(figures.all).toMatchObject({ raised: 1, mean: 1 / 6, floodShare: 0, byPriority: { 1: 1 } });
    expect(figures.desks).toMatchObject([{ desk: "school", raised: 1 }]);
    expect(figures.standing.count).toBe(0);
    expect(await hub.get<RaisingView[]>(`/raisings?${range}`)).toEqual([
      {
        id: alarm.id,
        at: BEGIN + 1_000,
        priority: 1,
        title: alarm.title,
        device: alarm.device.title,
        path: alarm.device.path,
      },
    ]);
    expect(await hub.get<RaisingView[]>(`/raisings?${range}/990102`)).toEqual([]);
    expect((await hub.client.fetch(`/alarm-figures?from=${BEGIN}&to=${BEGIN}`)).status).toBe(400);
    expect((await hub.get<RuleView[]>("/rules")).length).toBeGreaterThanOrEqual(25);
    expect((await hub.client.fetch("/alarms/0000")).status).toBe(404);
    expect(await (await hub.client.fetch("/retention")).json()).toEqual({
      kept: [{ what: "alarms", days: 1_096 }],
      removals: [],
    });
    const metrics = await (await hub.client.fetch("/metrics")).text();
    expect(metrics).toMatch(/rules_entries_total\{process="rules"\} 5/);
  });

  test.each(["embedded", "jetstream"])(
    "killed again and again while the journal is written (%s), loses no transition and doubles none",
    {
      timeout: 90_000,
    },
    async (journal) => {
      const nats = journal === "jetstream" ? await NatsServer.start() : undefined;
      if (nats !== undefined) onTestFinished(() => nats.stop());
      hub = nats === undefined ? new Hub() : await Hub.onJetStream(nats.url);
      await hub.start();
      const seen: number[] = [];
      const follow = async (): Promise<void> => {
        for await (const { id } of hub.events(seen.at(-1) ?? 0)) seen.push(id);
      };
      let following = follow().catch(() => undefined);
      await append(BEGIN, BIRTHS);
      for (let round = 0; round < 5; round += 1) {
        for (let step = 0; step < 40; step += 1) {
          const at = BEGIN + round * 400_000 + step * 1_000;
          await append(at, [
            data("panic", at, { "Panic/Pressed": step % 3 === 0 }),
            data("gate", at, { "Door/Tamper": step % 5 < 3 }),
            event("gate", at, "Access/Swipe", `${round}-${step}`, {
              serial: step,
              credential: `card-${step % 4}`,
              result: "refused",
              reason: "revoked",
              direction: "in",
            }),
            CLOCK,
          ]);
        }
        // Somewhere in the middle of it all: whatever it has not committed, it must do again.
        await hub.end("SIGKILL");
        await following;
        await nats?.kill();
        await nats?.begin();
        await append(BEGIN + round * 400_000 + 200_000, [CLOCK]);
        expect(await hub.start()).toEqual({ ready: true });
        following = follow().catch(() => undefined);
      }
      const last = await append(BEGIN + 3_000_000, [
        data("panic", BEGIN + 3_000_000, { "Panic/Pressed": true }),
        CLOCK,
      ]);
      const expected = await expectedViews();
      while (seen.length < expected.length) await hub.client.fetch("/healthz");
      expect(await hub.get<{ seq: number }>("/healthz")).toMatchObject({ seq: last });
      await hub.end("SIGTERM");
      await following;

      expect(expected.length).toBeGreaterThan(100);
      expect(seen).toEqual(expected.map((_, index) => index + 1));
      const store = new RulesStore(join(hub.data, "rules.sqlite"));
      const views = store.stream(0, 100_000).map(({ view }) => JSON.stringify(view));
      store.close();
      expect(views).toEqual(expected);
    },
  );

  test("a rule that is gone ends its alarms, one that stays keeps them, over a restart", async () => {
    hub = new Hub("rules: { packs: [safe-campus] }\n");
    await hub.start();
    await append(BEGIN, BIRTHS);
    await append(BEGIN + 1_000, [data("panic", BEGIN + 1_000, { "Panic/Pressed": true })]);
    await nextEvent(0);
    await hub.end("SIGTERM");
    await hub.start();
    expect(await hub.get<AlarmView[]>("/alarms")).toMatchObject([
      { rule: "panic-pressed", state: "unacknowledged" },
    ]);
    await hub.end("SIGTERM");
    const configuration = `${(await import("./testing/hub.ts")).SITE}rules: { packs: [classroom] }\n`;
    writeFileSync(hub.configuration, configuration);
    await hub.start();
    expect(await hub.get<AlarmView[]>("/alarms")).toEqual([]);
    expect((await hub.get<AlarmView[]>("/alarms?state=all")).map(({ state }) => state)).toEqual(["normal"]);
  });

  test("refuses one reader of the stream too many with 503, and serves those it has", async () => {
    hub = new Hub();
    await hub.start();
    const agents = Array.from({ length: 9 }, () => socketClient(join(hub.folder, "run", "rules.sock")));
    const open = (index: number) => agents[Math.floor(index / 32)]?.fetch("/stream?after=0");
    const responses = await Promise.all(Array.from({ length: CLIENTS_MAX }, (_, index) => open(index)));
    expect(new Set(responses.map((response) => response?.status))).toEqual(new Set([200]));
    const refused = await open(CLIENTS_MAX);
    expect([refused?.status, refused?.headers.get("content-type")]).toEqual([
      503,
      "application/problem+json; charset=utf-8",
    ]);
    await hub.end("SIGTERM");
    await Promise.all(agents.map((agent) => agent.close()));
  });

  test("ends with 78 and names file, line and field when a pack is wrong", async () => {
    hub = new Hub("rules: { packs: [safe-campus, own.yaml] }\n");
    writeFileSync(
      join(hub.folder, "own.yaml"),
      "pack: own\ntitle: { zh: 测, en: t }\nrules:\n  - id: x1\n    version: 0\n",
    );
    const ended = await hub.start();
    expect(ended).toMatchObject({ ready: false, code: 78 });
    if (ended.ready) return;
    expect(ended.log).toContain("own.yaml:5: rules.0.version: must be >= 1");
  });
});

/** What the core makes of the whole journal in one go. */
async function expectedViews(): Promise<readonly string[]> {
  const decoder = new JournalDecoder();
  const engine = new Engine(loadConfiguration(hub.configuration));
  const views: string[] = [];
  for (const entry of await hub.entries()) {
    for (const effect of inputsOf(decoder.decode(entry)).flatMap((input) => engine.step(input))) {
      if (effect.kind !== "transition") continue;
      const {
        ruleVersion: _1,
        explanation: _2,
        card: _3,
        respondWithin_ms: _4,
        evidence: _5,
        ...view
      } = effect.alarm;
      views.push(JSON.stringify(view));
    }
  }
  return views;
}
