import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog, createMetrics } from "@campus-ops/service";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AlarmPictureView } from "../api.ts";
import type { AlarmRecord } from "../core/view.ts";
import { type Bundle, sealed } from "../evidence/bundle.ts";
import { CHAIN_BEGIN, hashOf } from "../evidence/chain.ts";
import { signingKey } from "../evidence/signing-key.ts";
import { verifyBundle } from "../evidence/verify.ts";
import { REMOVALS_MAX } from "../store/history-rows.ts";
import { RulesStore } from "../store/rules-store.ts";
import { AlarmRetention, OCCURRENCES_A_TURN } from "./retention.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 22);
const DAYS = 400;
const TEXT = { zh: "摄像机离线", en: "Camera offline" };

let folder: string;
let store: RulesStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "alarm-retention-"));
  store = new RulesStore(join(folder, "rules.sqlite"));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const job = (metrics = createMetrics("test")) =>
  new AlarmRetention({
    ...{ alarmDays: DAYS, rows: store.history, ageNow: () => NOW },
    ...{ log: createLog("test", "fatal"), metrics },
  });

type Commit = Parameters<RulesStore["commit"]>;

function alarmOf(id: string, occurrence: number, state: string, at: number): AlarmRecord {
  const device = { key: "school/box-1/cam", title: TEXT, class: "camera", path: "990100/990102/school/gate" };
  return {
    ...{
      id,
      occurrence,
      state,
      rule: "camera-offline",
      priority: 2,
      title: TEXT,
      symptoms: 0,
      ruleVersion: 1,
    },
    ...{
      device: { ...device, campus: "school" },
      raisedAt: at,
      receivedAt: at,
      updatedAt: at,
      explanation: TEXT,
    },
    ...{ card: { cause: TEXT, consequence: TEXT, action: TEXT }, respondWithin_ms: 30_000, evidence: [] },
  } as AlarmRecord;
}

type Step = readonly [event: string, to: string, daysAgo: number];

const effectsOf = (id: string, occurrence: number, steps: readonly Step[]) =>
  steps.map(([event, to, daysAgo]) => {
    const at = NOW - daysAgo * DAY;
    const transition = { at, from: "normal", to, event, occurrence, by: "rule" };
    return { kind: "transition", seq: 7, transition, alarm: alarmOf(id, occurrence, to, at) };
  });

function commit(effects: readonly object[], actions: readonly object[]): void {
  const head = { now: NOW, seq: 7, nextOrdinal: 1, counters: {}, suppressions: [], drills: [] };
  store.commit(
    head as unknown as Commit[0],
    { devices: [], monitors: [], forgotten: [] },
    effects as unknown as Commit[2],
    actions as unknown as Commit[3],
  );
}

/** Transitions of one alarm, each so many days ago, and what somebody did at the last of them. */
function happened(id: string, occurrence: number, ...steps: readonly Step[]): void {
  const receivedAt = NOW - (steps.at(-1)?.[2] ?? 0) * DAY;
  const action = { kind: "action", alarm: id, action: "acknowledge", by: "guard", seq: 7, receivedAt };
  commit(effectsOf(id, occurrence, steps), [action]);
}

const pictureOf = (id: string, occurrence: number): AlarmPictureView => ({
  ...{ id: `${id}.${occurrence}.snapshot`, occurrence, kind: "snapshot", after_ms: 0, state: "none" },
});
const wish = { campus: "school", path: "990100", device: "cam", receivedAt: NOW, tried: [] };
const picture = (id: string, occurrence: number): void =>
  store.pictures.record([
    { alarm: id, view: pictureOf(id, occurrence), wish } as unknown as Parameters<
      typeof store.pictures.record
    >[0][number],
  ]);

const told = (id: string) => store.transitions(id).map(({ event, occurrence }) => `${event} ${occurrence}`);

/** That of every link that still tells something the hash holds, and that no link lost the one before it. */
function expectWhole(): void {
  const links = store.chainOf();
  links.forEach((link, index) => {
    const before = links[index - 1];
    if (link.body !== "") expect(hashOf(link.previous, link.body)).toBe(link.hash);
    if (before !== undefined) expect([link.n, link.previous]).toEqual([before.n + 1, before.hash]);
  });
}

describe("alarms past their retention", () => {
  test("go with their evidence, occurrence by occurrence; what is younger, and what stands, stays whole", async () => {
    happened("over", 1, ["raise", "unacknowledged", 500], ["return", "normal", 499]);
    picture("over", 1);
    happened("again", 1, ["raise", "unacknowledged", 450], ["return", "normal", 420]);
    picture("again", 1);
    happened("again", 2, ["raise", "unacknowledged", 410], ["return", "normal", 390]);
    picture("again", 2);
    happened("stands", 1, ["raise", "unacknowledged", 480], ["acknowledge", "acknowledged", 470]);
    happened("young", 1, ["raise", "unacknowledged", 2], ["return", "normal", 1]);
    const metrics = createMetrics("test");
    const retention = job(metrics);
    const before = NOW - DAYS * DAY;
    expect(await retention.run()).toEqual([
      { at: NOW, what: "alarms", before, count: 2 },
      { at: NOW, what: "actions", before, count: 3 },
    ]);
    expect(["over", "again", "stands", "young"].map(told)).toEqual([
      [],
      ["raise 2", "return 2"],
      ["raise 1", "acknowledge 1"],
      ["raise 1", "return 1"],
    ]);
    expect([store.alarm("over"), store.alarm("again")?.occurrence]).toEqual([undefined, 2]);
    expect([store.pictures.ofAlarm("over"), store.pictures.ofAlarm("again")]).toEqual([
      [],
      [pictureOf("again", 2)],
    ]);
    expect(store.actions()).toHaveLength(2);
    expect(retention.view()).toEqual({
      kept: [{ what: "alarms", days: DAYS }],
      removals: [
        { at: NOW, what: "actions", before, count: 3 },
        { at: NOW, what: "alarms", before, count: 2 },
      ],
    });
    expect(await metrics.metrics()).toMatch(/rules_retention_removed_total\{what="alarms"[^}]*\} 2/);
    expect(await retention.run()).toEqual([]);
  });

  test("leave the chain of evidence whole: what is left can be proven, and what comes goes on from it", async () => {
    happened("over", 1, ["raise", "unacknowledged", 500], ["return", "normal", 499]);
    happened("stands", 1, ["raise", "unacknowledged", 480]);
    happened("between", 1, ["raise", "unacknowledged", 450], ["return", "normal", 449]);
    happened("again", 1, ["raise", "unacknowledged", 430], ["return", "normal", 420]);
    happened("again", 2, ["raise", "unacknowledged", 3], ["return", "normal", 2]);
    expect(store.chainOf()[0]?.previous).toBe(CHAIN_BEGIN);
    const [head, third] = [store.chainHead(), store.chainOf()[2]];
    await job().run();
    const links = store.chainOf();
    // The first two are gone; of those after what stands the hashes are left.
    expect(links.map(({ body, n }) => [n, body === ""])).toEqual([
      [3, false],
      [4, true],
      [5, true],
      [6, true],
      [7, true],
      [8, false],
      [9, false],
    ]);
    expect([links[0], store.chainHead()]).toEqual([third, head]);
    expectWhole();
    const key = signingKey(join(folder, "evidence.key"));
    const alarm = {
      ...store.alarm("again"),
      symptomIds: [],
      transitions: store.transitions("again"),
      pictures: [],
    };
    const facts = { hub: TEXT, exportedAt: NOW, exportedBy: "guard", alarm, chain: store.chainOf("again") };
    const file = sealed(
      { ...facts, head: store.chainHead() } as unknown as Omit<Bundle, "format" | "publicKey">,
      key,
    );
    expect(verifyBundle(file).problems).toEqual([]);
    happened("new", 1, ["raise", "unacknowledged", 0]);
    expect(store.chainHead().n).toBe(head.n + 1);
    expectWhole();
  });

  test("are all gone once, and numbers go on from where they were", async () => {
    happened("one", 1, ["raise", "unacknowledged", 500], ["return", "normal", 499]);
    happened("two", 1, ["raise", "unacknowledged", 498], ["return", "normal", 497]);
    const [row, head] = [store.newestRow(), store.chainHead()];
    await job().run();
    // The newest of each table stays, or what comes would begin at 1 again where no file remembers.
    expect([told("one"), told("two"), store.newestRow(), store.chainHead()]).toEqual([
      [],
      ["raise 1", "return 1"],
      row,
      head,
    ]);
    happened("three", 1, ["raise", "unacknowledged", 0]);
    expect([store.newestRow(), store.chainHead().n]).toEqual([row + 1, head.n + 1]);
    await job().run();
    expect([told("two"), store.chainOf().map(({ n }) => n)]).toEqual([[], [head.n + 1]]);
    expectWhole();
  });

  test("go in turns however many they are, and of removals the newest are remembered", async () => {
    const many = OCCURRENCES_A_TURN + 3;
    const ids = Array.from({ length: many }, (_, n) => `a${n}`);
    commit(
      ids.flatMap((id) =>
        effectsOf(id, 1, [
          ["raise", "unacknowledged", 500],
          ["return", "normal", 499],
        ]),
      ),
      [],
    );
    happened("young", 1, ["raise", "unacknowledged", 1]);
    expect((await job().run()).map(({ count }) => count)).toEqual([many]);
    const { history } = store;
    for (let n = 0; n <= REMOVALS_MAX; n += 1)
      history.remember({ at: n, what: "alarms", before: 0, count: 1 });
    expect([history.removals().length, history.removals()[0]?.at]).toEqual([REMOVALS_MAX, REMOVALS_MAX]);
  });
});
