import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AlarmView, EvidenceView } from "../api.ts";
import { RulesStore } from "../store/rules-store.ts";
import { birth, data, Hub } from "../testing/hub.ts";
import { CHAIN_BEGIN, hashOf } from "./chain.ts";
import { verifyBundle } from "./verify.ts";

const BEGIN = Date.UTC(2026, 8, 7, 1);
let hub: Hub;
beforeEach(() => {
  hub = new Hub();
});
afterEach(() => hub.close());

/** A panic button pressed, acknowledged with a comment that would end a script element, let go and reset. */
async function panic(): Promise<string> {
  await hub.start();
  const set = async (at: number, pressed: boolean): Promise<void> => {
    const entry = { ...data("panic", BEGIN + at, { "Panic/Pressed": pressed }), receivedAt: BEGIN + at };
    const seq = await hub.journal.append([entry]);
    while ((await hub.get<{ seq: number }>("/healthz")).seq < seq);
  };
  await hub.journal.append([
    { ...birth(undefined, BEGIN, { "Properties/Class": "edge-box" }), receivedAt: BEGIN },
    {
      ...birth("panic", BEGIN, { "Properties/Class": "panic-button", "Panic/Pressed": false }),
      receivedAt: BEGIN,
    },
  ]);
  await set(1_000, true);
  const [alarm] = await hub.get<AlarmView[]>("/alarms");
  const id = alarm?.id ?? "";
  await hub.post(`/alarms/${id}/acknowledge`, { by: "desk-1", comment: "</script><b>已派人 & 报警" });
  await hub.post(`/alarms/${id}/assign`, { by: "desk-1", assignee: "保安队长" });
  await hub.post(`/alarms/${id}/assign`, { by: "desk-1", assignee: null });
  await set(2_000, false);
  await hub.post(`/alarms/${id}/reset`, { by: "desk-1", comment: "确认安全" });
  await set(5_000, true);
  return id;
}
const bundleOf = async (id: string): Promise<string> =>
  (await hub.client.fetch(`/alarms/${id}/bundle?by=desk-1`)).text();

describe("an alarm's bundle", () => {
  test("verifies with nothing but itself, and its key is the hub's", async () => {
    const file = await bundleOf(await panic());
    const { problems, bundle, keyFingerprint } = verifyBundle(file);
    expect(problems).toEqual([]);
    expect(keyFingerprint).toBe((await hub.get<EvidenceView>("/evidence")).fingerprint);
    expect(bundle?.alarm.transitions.map(({ event }) => event)).toEqual([
      "raise",
      "acknowledge",
      "assign",
      "assign",
      "latch",
      "reset",
      "raise",
    ]);
    expect(bundle?.chain[0]?.body).toContain('"name":"Panic/Pressed","value":true');
    expect(bundle?.alarm.transitions.map(({ assignee }) => assignee).slice(2, 4)).toEqual(["保安队长", null]);
    expect(file).toContain("<td>→ 保安队长</td>");
    expect(file).toContain("一键报警");
    expect(file).toContain("&lt;/script&gt;&lt;b&gt;已派人 &amp; 报警");
    expect(statSync(join(hub.data, "evidence.key")).mode & 0o777).toBe(0o600);
    // The key stays: a bundle of tomorrow bears the same.
    await hub.end("SIGTERM");
    await hub.start();
    expect((await hub.get<EvidenceView>("/evidence")).fingerprint).toBe(keyFingerprint);
  });

  test("does not verify when a letter of it was changed, in the data or on the page", async () => {
    const file = await bundleOf(await panic());
    const changes: readonly (readonly [string, string, string])[] = [
      ["the time of a transition", `"at":${BEGIN + 2_000}`, `"at":${BEGIN + 2_001}`],
      ["who acknowledged", '"by":"desk-1"', '"by":"desk-2"'],
      ["a word on the page", "<h1>一键报警", "<h1>误触报警"],
      ["a link’s hash", '"previous":"0000', '"previous":"0001'],
      ["a reading inside a link", '\\"value\\":true', '\\"value\\":null'],
    ];
    for (const [what, from, to] of changes) {
      expect([what, file.includes(from)]).toEqual([what, true]);
      expect([what, verifyBundle(file.replace(from, to)).problems.length > 0]).toEqual([what, true]);
    }
    expect(verifyBundle("<html></html>").problems).toEqual(["it holds no bundle that can be read"]);
    expect(verifyBundle(file.slice(0, -2_000)).problems).not.toEqual([]);
  });
});

test("the chain of a hub runs through all of its alarms without a gap, over a restart too", async () => {
  await panic();
  await hub.end("SIGKILL");
  const store = new RulesStore(join(hub.data, "rules.sqlite"));
  const links = store.chainOf();
  const head = store.chainHead();
  store.close();
  expect(links.length).toBeGreaterThanOrEqual(5);
  let previous = CHAIN_BEGIN;
  for (const [index, link] of links.entries()) {
    expect([link.n, link.previous]).toEqual([index + 1, previous]);
    expect(hashOf(link.previous, link.body)).toBe(link.hash);
    previous = link.hash;
  }
  expect(head).toEqual({ n: links.length, hash: previous });
});
