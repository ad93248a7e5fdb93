import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { AlarmDetail, AlarmView, PacksView, RuleView } from "../api.ts";
import { birth, data, Hub } from "../testing/hub.ts";

const BEGIN = Date.UTC(2026, 8, 7, 1);
let hub: Hub;
afterEach(() => hub.close());

const text = "{ zh: 测, en: t }";
const rule = (id: string, condition: string, more = ""): string =>
  `  - id: ${id}\n    version: 1\n    title: ${text}\n    priority: 3\n    selector: { class: [access-gate] }\n    condition: ${condition}\n    respondWithin: 5m\n    card: { cause: ${text}, consequence: ${text}, action: ${text} }\n${more}`;
const pack = (...rules: readonly string[]): string => `pack: own\ntitle: ${text}\nrules:\n${rules.join("")}`;
const OPEN = "{ state: { metric: Door/Open, is: [true] } }";
const COLD = "{ threshold: { metric: Environment/Temperature, below: 5 } }";

async function begin(yaml: string): Promise<string> {
  hub = new Hub("rules: { packs: [device-health] }\n");
  const folder = join(hub.data, "rule-packs");
  mkdirSync(folder);
  const file = join(folder, "own.yaml");
  writeFileSync(file, yaml);
  expect(await hub.start()).toEqual({ ready: true });
  await hub.journal.append([
    { ...birth(undefined, BEGIN, { "Properties/Class": "edge-box" }), receivedAt: BEGIN },
    {
      ...birth("gate", BEGIN, {
        "Properties/Class": "access-gate",
        "Door/Open": false,
        "Door/Tamper": false,
        "Environment/Temperature": 20,
      }),
      receivedAt: BEGIN,
    },
  ]);
  return file;
}

/** Resolves when the rules have taken all that was appended. */
async function append(at: number, values: Record<string, boolean | number>): Promise<void> {
  const seq = await hub.journal.append([{ ...data("gate", at, values), receivedAt: at }]);
  while ((await hub.get<{ seq: number }>("/healthz")).seq < seq);
}
const standing = async (): Promise<readonly string[]> =>
  (await hub.get<AlarmView[]>("/alarms")).map(({ rule: id, state }) => `${id} ${state}`).sort();
const reload = () => hub.post("/packs/reload", {});

describe("packs in the hub's own folder", () => {
  test("are in force at once when they change; unchanged rules keep what they remember, a new one begins with what is known", async () => {
    const delayed = rule("long-open", OPEN, "    onDelay: 60s\n");
    const file = await begin(
      pack(delayed, rule("tampered", "{ state: { metric: Door/Tamper, is: [true] } }")),
    );
    await append(BEGIN + 1_000, { "Door/Open": true, "Door/Tamper": true, "Environment/Temperature": 3 });
    expect(await standing()).toEqual(["tampered unacknowledged"]);

    writeFileSync(file, pack(delayed, rule("cold", COLD)));
    expect(await reload()).toMatchObject({ status: 200, body: { problems: [] } });
    expect((await hub.get<RuleView[]>("/rules")).map(({ id }) => id)).toContain("cold");
    // 60 s since the door was opened, not since the packs were read again.
    await append(BEGIN + 61_000, { "Environment/Temperature": 3 });
    expect(await standing()).toEqual(["cold unacknowledged", "long-open unacknowledged"]);
    const ended = (await hub.get<AlarmView[]>("/alarms?state=all")).find(({ rule: id }) => id === "tampered");
    const { transitions } = await hub.get<AlarmDetail>(`/alarms/${ended?.id}`);
    expect(transitions.map(({ event }) => event)).toEqual(["raise", "rule-removed"]);

    await hub.end("SIGKILL");
    expect(await hub.start()).toEqual({ ready: true });
    expect(await standing()).toEqual(["cold unacknowledged", "long-open unacknowledged"]);
  });

  test("that are wrong change nothing and say why, until they are mended", async () => {
    const file = await begin(pack(rule("open", OPEN)));
    writeFileSync(file, pack(rule("open", "{ state: { metric: Door/Opne, is: [true] } }")));
    const problem = `${file}:9: rules.0.condition.state.metric: the capability dictionary has no metric "Door/Opne"`;
    expect(await reload()).toMatchObject({ status: 409, body: { detail: problem } });
    expect((await hub.get<PacksView>("/packs")).problems).toMatchObject([
      { en: problem, zh: expect.stringContaining("能力词典中没有指标") },
    ]);
    await append(BEGIN + 1_000, { "Door/Open": true });
    expect(await standing()).toEqual(["open unacknowledged"]);
    writeFileSync(file, pack(rule("open", OPEN)));
    expect((await reload()).status).toBe(200);
    expect(await standing()).toEqual(["open unacknowledged"]);
  });

  test("are noticed when a file appears, is changed or goes", async () => {
    const file = await begin(pack(rule("open", OPEN)));
    const until = async (ids: readonly string[]): Promise<void> => {
      for (;;) {
        const own = (await hub.get<RuleView[]>("/rules")).filter(({ pack: name }) => name === "own");
        if (own.map(({ id }) => id).join() === ids.join()) return;
      }
    };
    writeFileSync(join(hub.data, "rule-packs", "second.yaml"), pack(rule("cold", COLD)));
    await until(["open", "cold"]);
    rmSync(file);
    await until(["cold"]);
  });
});
