import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AlarmState } from "../../api.ts";
import { BOX, Journal, newEngine, play } from "../../testing/campus.ts";
import { alarmId } from "../identity.ts";
import {
  type AlarmReplica,
  COMMENTS_MAX,
  type Fact,
  merge,
  newestStamp,
  newReplica,
  RAISINGS_MAX,
  stateOf,
  withFact,
} from "./alarm-replica.ts";
import { factsOf } from "./facts.ts";
import { compareStamps, HybridClock, type Stamp } from "./hybrid-clock.ts";

const HUBS = ["campus", "county", "city"] as const;
const moment = fc.integer({ min: 0, max: 40 });
const fact: fc.Arbitrary<Fact> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("raised", "returned", "acknowledged", "again", "reset"),
    raisedAt: moment,
    at: moment,
  }),
  fc.record({ kind: fc.constant("suppressed"), raisedAt: moment, value: fc.boolean() }),
  fc.record({ kind: fc.constant("assigned"), raisedAt: moment, to: fc.constantFrom("张", "李", null) }),
  fc.record({ kind: fc.constant("shelved"), until: fc.constantFrom(100, null) }),
  fc.record({ kind: fc.constant("out-of-service"), value: fc.boolean() }),
  fc.record({ kind: fc.constant("comment"), text: fc.constantFrom("已查看", "误报"), at: moment }),
);
type Step = { readonly hub: number; readonly fact: Fact } | { readonly hub: number; readonly from: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ hub: fc.nat(2), fact }) },
  { weight: 1, arbitrary: fc.record({ hub: fc.nat(2), from: fc.nat(2) }) },
);

/** Hubs with clocks that are wrong by up to a minute act, and now and then one hears from another. */
function partitioned(steps: readonly Step[], skews: readonly number[]): readonly AlarmReplica[] {
  const clocks = HUBS.map((hub) => new HybridClock(hub));
  const replicas = HUBS.map(() => newReplica("a", false));
  for (const [now, each] of steps.entries()) {
    const at = 60_000 + now + (skews[each.hub] ?? 0);
    const own = replicas[each.hub] ?? newReplica("a", false);
    const clock = clocks[each.hub] ?? new HybridClock("x");
    if ("fact" in each) {
      replicas[each.hub] = withFact(own, each.fact, HUBS[each.hub] ?? "", clock.tick(at));
    } else {
      const heard = replicas[each.from] ?? own;
      const newest = newestStamp(heard);
      if (newest !== undefined) clock.seen(newest, at);
      replicas[each.hub] = merge(own, heard);
    }
  }
  return replicas;
}
const partition = fc
  .tuple(
    fc.array(step, { maxLength: 60 }),
    fc.array(fc.integer({ min: -60_000, max: 60_000 }), { minLength: 3, maxLength: 3 }),
  )
  .map(([steps, skews]) => partitioned(steps, skews));

describe("an alarm that several hubs know", () => {
  test("is the same everywhere once they have heard of each other, in whatever order and however often", () => {
    fc.assert(
      fc.property(partition, fc.array(fc.nat(2), { maxLength: 12 }), (replicas, order) => {
        const all = replicas.reduce(merge);
        const another = [...order, 2, 0, 1, 0].reduce(
          (known, index) => merge(replicas[index] ?? known, known),
          newReplica("a", false),
        );
        expect(another).toEqual(all);
        expect(stateOf(another)).toBe(stateOf(all));
      }),
      { numRuns: 300 },
    );
  });

  test("merges commutatively, associatively and idempotently", () => {
    fc.assert(
      fc.property(partition, ([a, b, c]) => {
        if (a === undefined || b === undefined || c === undefined) return;
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, a)).toEqual(a);
      }),
      { numRuns: 300 },
    );
  });

  test("keeps so many raisings and comments and no more, and merges as well with that", () => {
    const clock = new HybridClock("campus");
    let replica = newReplica("a", false);
    for (let index = 0; index < COMMENTS_MAX + 50; index += 1) {
      replica = withFact(replica, { kind: "comment", text: `${index}`, at: index }, "x", clock.tick(index));
      replica = withFact(replica, { kind: "raised", raisedAt: index, at: index }, "rule", clock.tick(index));
    }
    expect([replica.comments.length, replica.raisings.length]).toEqual([COMMENTS_MAX, RAISINGS_MAX]);
    expect(replica.comments.at(-1)?.text).toBe(`${COMMENTS_MAX + 49}`);
  });
});

describe("during a partition", () => {
  const campus = new HybridClock("campus");
  const county = new HybridClock("county");
  const raise = (replica: AlarmReplica, raisedAt: number, clock = campus): AlarmReplica =>
    withFact(replica, { kind: "raised", raisedAt, at: raisedAt }, "rule", clock.tick(raisedAt));
  const act = (
    replica: AlarmReplica,
    kind: "returned" | "acknowledged" | "reset",
    raisedAt: number,
    at: number,
    clock: HybridClock,
    by = "rule",
  ): AlarmReplica => withFact(replica, { kind, raisedAt, at }, by, clock.tick(at));
  const begun = raise(newReplica("a", false), 10);

  test("it is acknowledged at the county and ends at the campus: normal on both", () => {
    const here = act(begun, "returned", 10, 20, campus);
    const there = act(begun, "acknowledged", 10, 15, county, "县值班员");
    expect([here, there].map(stateOf)).toEqual(["returned-unacknowledged", "acknowledged"]);
    expect([merge(here, there), merge(there, here)].map(stateOf)).toEqual(["normal", "normal"]);
  });

  test("an acknowledgement of what was seen never silences what nobody has seen, even from a clock that is ahead", () => {
    const again = raise(act(begun, "returned", 10, 20, campus), 30);
    const there = act(begun, "acknowledged", 10, 99_000, county, "县值班员");
    expect(stateOf(merge(again, there))).toBe("unacknowledged");
  });

  test("a cleared alarm can be raised again on either side", () => {
    const cleared = act(act(begun, "acknowledged", 10, 12, campus, "a"), "returned", 10, 20, campus);
    expect(stateOf(cleared)).toBe("normal");
    expect(stateOf(merge(raise(cleared, 40, county), cleared))).toBe("unacknowledged");
    // Both read the same data, so both raise the same: it is one raising.
    const both = merge(raise(cleared, 40, county), raise(cleared, 40, campus));
    expect(both.raisings.filter(({ raisedAt }) => raisedAt === 40)).toHaveLength(1);
  });

  test("two acknowledge: the same one is named on both sides, and no comment is lost", () => {
    const here = withFact(
      act(begun, "acknowledged", 10, 100, campus, "校值班员"),
      { kind: "comment", text: "已派人", at: 101 },
      "校值班员",
      campus.tick(101),
    );
    const there = act(begun, "acknowledged", 10, 90_000, county, "县值班员");
    const [a, b] = [merge(here, there), merge(there, here)];
    expect(a).toEqual(b);
    expect([a.raisings[0]?.acknowledged?.by, a.comments.map(({ text }) => text)]).toEqual([
      "县值班员",
      ["已派人"],
    ]);
  });

  test("it is given to two people: both sides name the later one, and the next raising is nobody's", () => {
    const give = (replica: AlarmReplica, to: string | null, at: number, clock: HybridClock): AlarmReplica =>
      withFact(replica, { kind: "assigned", raisedAt: 10, to }, "值班员", clock.tick(at));
    const here = give(begun, "电工", 100_000, campus);
    const there = give(begun, "校医", 200_000, county);
    for (const both of [merge(here, there), merge(there, here)])
      expect(both.raisings.map(({ assigned }) => assigned?.value)).toEqual(["校医"]);
    // Said of the first raising by somebody who had not heard of the second.
    const late = give(merge(here, there), null, 400_000, county);
    const again = merge(raise(here, 300_000), late);
    expect(again.raisings.map(({ assigned }) => assigned?.value)).toEqual([null, undefined]);
    expect(stateOf(again)).toBe("unacknowledged");
  });

  test("panic and fire are latched until reset, whatever anybody says of shelving or service", () => {
    let panic = raise(newReplica("p", true), 10);
    panic = withFact(panic, { kind: "shelved", until: 999 }, "x", county.tick(1));
    panic = withFact(panic, { kind: "out-of-service", value: true }, "x", county.tick(2));
    panic = withFact(panic, { kind: "suppressed", raisedAt: 10, value: true }, "x", county.tick(3));
    expect(stateOf(panic)).toBe("unacknowledged");
    const over = act(act(panic, "returned", 10, 20, campus), "acknowledged", 10, 21, county);
    expect(stateOf(over)).toBe("latched");
    expect(stateOf(act(over, "reset", 10, 30, county))).toBe("normal");
  });
});

test("hybrid time never goes back, nor before what was seen, and is not pulled along by a clock a year ahead", () => {
  const clock = new HybridClock("b");
  const stamps: Stamp[] = [clock.tick(1_000), clock.tick(500), clock.tick(1_000)];
  clock.seen({ wall: 5_000, count: 7, hub: "a" }, 1_500);
  stamps.push(clock.tick(1_500), clock.tick(6_000));
  clock.seen({ wall: 365 * 24 * 3_600_000, count: 0, hub: "a" }, 6_000);
  stamps.push(clock.tick(6_001));
  for (const [index, stamp] of stamps.slice(1).entries())
    expect(compareStamps(stamps[index] ?? stamp, stamp)).toBeLessThan(0);
  expect(stamps.at(-1)).toEqual({ wall: 6_001, count: 0, hub: "b" });
});

test("the transitions of the engine, told as facts, amount to the engine's own states", () => {
  const GATE = `${BOX}/gate`;
  const PANIC = `${BOX}/panic`;
  const TAMPER = alarmId("gate-tamper", GATE, undefined);
  const PRESSED = alarmId("panic-pressed", PANIC, undefined);
  const journal = new Journal()
    .birth(0, BOX, "edge-box")
    .birth(0, GATE, "access-gate", { "Door/Tamper": false })
    .birth(0, PANIC, "panic-button", { "Panic/Pressed": false });
  for (const [turn, action] of (
    ["acknowledge", "shelve", "remove-from-service", "comment", "assign"] as const
  ).entries()) {
    const at = turn * 200_000;
    journal.set(at + 1_000, GATE, "Door/Tamper", true).set(at + 1_000, PANIC, "Panic/Pressed", true);
    journal.quiet(at + 2_000, at + 5_000);
    for (const alarm of [TAMPER, PRESSED])
      journal.act(at + 6_000, alarm, action, { comment: "检修", duration_ms: 30_000, assignee: "电工" });
    journal.set(at + 7_000, GATE, "Door/Tamper", false).set(at + 7_000, PANIC, "Panic/Pressed", false);
    journal.act(at + 8_000, TAMPER, "return-to-service").act(at + 8_000, PRESSED, "reset");
    journal.quiet(at + 9_000, at + 60_000);
  }
  const clock = new HybridClock("campus");
  const replicas = new Map([
    [TAMPER, newReplica(TAMPER, false)],
    [PRESSED, newReplica(PRESSED, true)],
  ]);
  const seen: AlarmState[] = [];
  for (const effect of play(newEngine(), journal.inputs)) {
    if (effect.kind !== "transition") continue;
    const { alarm, transition } = effect;
    let replica = replicas.get(alarm.id);
    if (replica === undefined) continue;
    for (const each of factsOf(transition, alarm))
      replica = withFact(replica, each, transition.by, clock.tick(transition.at));
    replicas.set(alarm.id, replica);
    expect([transition.event, stateOf(replica)]).toEqual([transition.event, alarm.state]);
    seen.push(alarm.state);
  }
  expect(new Set(seen).size).toBeGreaterThanOrEqual(6);
});
