import { describe, expect, test } from "vitest";
import { BEGIN, BOX, Journal, lines, newEngine, play, transitionsOf } from "../testing/campus.ts";
import { ASSIGNEE_CHARACTERS_MAX } from "./assign.ts";
import type { Effect, RefusedEffect } from "./effect.ts";
import { alarmId } from "./identity.ts";
import { SHELVE_MS_MAX } from "./lifecycle.ts";

const GATE = `${BOX}/gate`;
const PANIC = `${BOX}/panic`;
const TAMPER = alarmId("gate-tamper", GATE, undefined);
const PRESSED = alarmId("panic-pressed", PANIC, undefined);
const HOUR = 3_600_000;

const begin = (): Journal =>
  new Journal()
    .birth(0, BOX, "edge-box")
    .birth(0, GATE, "access-gate", { "Door/Tamper": false })
    .birth(0, PANIC, "panic-button", { "Panic/Pressed": false });
const tampered = (): Journal => begin().set(1_000, GATE, "Door/Tamper", true).quiet(2_000, 4_000);
const refusals = (effects: readonly Effect[]): readonly string[] =>
  effects.filter((effect): effect is RefusedEffect => effect.kind === "refused").map(({ reason }) => reason);

describe("an alarm", () => {
  test("keeps its identity over its occurrences, and counts them", () => {
    const journal = tampered();
    journal.set(5_000, GATE, "Door/Tamper", false).set(6_000, GATE, "Door/Tamper", true).quiet(7_000, 9_000);
    const moved = transitionsOf(play(newEngine(), journal.inputs));
    expect(moved.map(({ alarm, transition }) => [alarm.id, transition.to, transition.occurrence])).toEqual([
      [TAMPER, "unacknowledged", 1],
      [TAMPER, "returned-unacknowledged", 1],
      [TAMPER, "unacknowledged", 2],
    ]);
  });

  test("acknowledged, then returned, is normal; the acknowledgement names who, when and why", () => {
    const journal = tampered().act(4_500, TAMPER, "acknowledge", { comment: "维修人员" });
    const engine = newEngine();
    expect(lines(play(engine, journal.set(5_000, GATE, "Door/Tamper", false).inputs))).toEqual([
      "gate gate-tamper normal → unacknowledged",
      "gate gate-tamper unacknowledged → acknowledged",
      "gate gate-tamper acknowledged → normal",
    ]);
    const acknowledged = { by: "desk-1", at: BEGIN + 4_500, comment: "维修人员" };
    expect(engine.alarm(TAMPER)?.acknowledged).toEqual(acknowledged);
  });

  test("shelved comes back by itself when it is still true", () => {
    const journal = tampered().act(4_500, TAMPER, "shelve", { comment: "正在检修", duration_ms: 60_000 });
    const effects = play(newEngine(), journal.quiet(5_000, 70_000).inputs);
    expect(lines(effects).slice(1)).toEqual([
      "gate gate-tamper unacknowledged → shelved",
      "gate gate-tamper shelved → unacknowledged",
    ]);
    expect(transitionsOf(effects).at(-1)?.transition.at).toBe(BEGIN + 65_000);
  });

  test("rings again after its shelving as one that nobody has acknowledged, and can be acknowledged again", () => {
    const journal = tampered().act(4_500, TAMPER, "acknowledge");
    journal.act(4_600, TAMPER, "shelve", { comment: "正在检修", duration_ms: 60_000 }).quiet(5_000, 70_000);
    const engine = newEngine();
    play(engine, journal.inputs);
    expect([engine.alarm(TAMPER)?.state, engine.alarm(TAMPER)?.acknowledged]).toEqual([
      "unacknowledged",
      undefined,
    ]);
    const [again] = new Journal().act(71_000, TAMPER, "acknowledge").inputs;
    if (again !== undefined) play(engine, [again]);
    expect(engine.alarm(TAMPER)?.state).toBe("acknowledged");
  });

  test("shelved is normal afterwards when it has ended meanwhile", () => {
    const journal = tampered().act(4_500, TAMPER, "shelve", { comment: "正在检修", duration_ms: 60_000 });
    journal.set(10_000, GATE, "Door/Tamper", false).quiet(11_000, 70_000);
    expect(lines(play(newEngine(), journal.inputs)).at(-1)).toBe("gate gate-tamper shelved → normal");
  });

  test("is not shelved without a reason, nor for longer than eight hours, nor when it is life safety", () => {
    const journal = tampered()
      .act(4_500, TAMPER, "shelve", { duration_ms: HOUR })
      .act(4_500, TAMPER, "shelve", { comment: "检修" })
      .act(4_500, TAMPER, "shelve", { comment: "检修", duration_ms: SHELVE_MS_MAX + 1 })
      .set(5_000, PANIC, "Panic/Pressed", true)
      .act(5_500, PRESSED, "shelve", { comment: "误报", duration_ms: HOUR })
      .act(5_500, PRESSED, "remove-from-service", { comment: "误报" })
      .act(5_500, "0000000000000000", "acknowledge");
    const engine = newEngine();
    expect(refusals(play(engine, journal.inputs))).toEqual([
      "invalid-request",
      "invalid-request",
      "invalid-request",
      "no-such-transition",
      "no-such-transition",
      "unknown-alarm",
    ]);
    expect([TAMPER, PRESSED].map((id) => engine.alarm(id)?.state)).toEqual([
      "unacknowledged",
      "unacknowledged",
    ]);
  });

  test("of a panic button stays until a person resets it, however long ago it was let go", () => {
    const journal = begin()
      .set(1_000, PANIC, "Panic/Pressed", true)
      .set(2_000, PANIC, "Panic/Pressed", false);
    journal
      .act(3_000, PRESSED, "acknowledge")
      .clock(24 * HOUR)
      .act(24 * HOUR, PRESSED, "reset");
    expect(lines(play(newEngine(), journal.inputs))).toEqual([
      "panic panic-pressed normal → unacknowledged",
      "panic panic-pressed unacknowledged → latched",
      "panic panic-pressed latched → normal",
    ]);
  });

  test("stays when its reading turns bad, and says that nobody knows", () => {
    const journal = tampered().set(5_000, GATE, "Door/Tamper", false, {
      quality: { status: "bad", reason: "unreachable" },
    });
    const engine = newEngine();
    play(engine, journal.quiet(6_000, 120_000).inputs);
    const alarm = engine.alarm(TAMPER);
    expect(alarm?.state).toBe("unacknowledged");
    expect(alarm?.explanation.zh).toContain("目前状态未知：设备无法访问");
    expect(alarm?.evidence.at(-1)?.quality).toEqual({ status: "bad", reason: "unreachable" });
  });

  test("is raised on a sound reading whose time nobody can trust", () => {
    const journal = begin().set(1_000, PANIC, "Panic/Pressed", true, {
      quality: { status: "uncertain", reason: "edge-clock" },
      age_ms: 50 * 365 * 24 * HOUR,
    });
    const [raised] = transitionsOf(play(newEngine(), journal.inputs));
    expect([raised?.alarm.state, raised?.alarm.raisedAt]).toEqual(["unacknowledged", BEGIN + 1_000]);
  });

  test("given to a person says to whom and by whom, in whatever state, and is nobody's when it rings again", () => {
    const journal = tampered()
      .act(4_500, TAMPER, "assign", { assignee: " 电工 ", comment: "带钥匙" })
      .act(4_600, TAMPER, "acknowledge")
      .act(4_700, TAMPER, "shelve", { comment: "正在检修", duration_ms: 60_000 })
      .act(4_800, TAMPER, "assign", { assignee: null })
      .act(4_900, TAMPER, "assign", { assignee: "校医" });
    const engine = newEngine();
    const given = play(engine, journal.inputs).flatMap((effect) =>
      effect.kind === "transition" && effect.transition.event === "assign" ? [effect] : [],
    );
    expect(
      given.map(({ alarm, transition }) => [transition.to, transition.assignee, alarm.assigned]),
    ).toEqual([
      ["unacknowledged", "电工", { to: "电工", by: "desk-1", at: BEGIN + 4_500 }],
      ["shelved", null, undefined],
      ["shelved", "校医", { to: "校医", by: "desk-1", at: BEGIN + 4_900 }],
    ]);
    expect(given[0]?.transition).toMatchObject({ by: "desk-1", comment: "带钥匙", from: "unacknowledged" });
    expect(engine.alarm(TAMPER)).toMatchObject({ state: "shelved", assigned: { to: "校医" } });
    const over = new Journal().set(70_000, GATE, "Door/Tamper", false).set(71_000, GATE, "Door/Tamper", true);
    play(engine, over.quiet(72_000, 75_000).inputs);
    expect(engine.alarm(TAMPER)).toMatchObject({ state: "unacknowledged", occurrence: 2 });
    expect(engine.alarm(TAMPER)).not.toHaveProperty("assigned");
  });

  test("is not given to nobody, to a name too long, twice to the same, nor before it was ever raised", () => {
    const give = (journal: Journal, assignee?: string | null): Journal =>
      journal.act(4_500, TAMPER, "assign", assignee === undefined ? {} : { assignee });
    const early = new Journal().act(500, TAMPER, "assign", { assignee: "电工" }).inputs;
    const journal = tampered();
    for (const each of [undefined, " ", "工".repeat(ASSIGNEE_CHARACTERS_MAX + 1), null, "电工", "电工"])
      give(journal, each);
    const engine = newEngine();
    play(engine, begin().inputs);
    expect(refusals(play(engine, early))).toEqual(["no-such-transition"]);
    expect(refusals(play(newEngine(), journal.inputs))).toEqual([
      "invalid-request",
      "invalid-request",
      "invalid-request",
      "no-such-transition",
      "no-such-transition",
    ]);
  });

  test("out of service is quiet until it is returned to service", () => {
    const journal = begin().act(500, TAMPER, "remove-from-service", { comment: "更换" });
    journal
      .set(1_000, GATE, "Door/Tamper", true)
      .quiet(2_000, 10_000)
      .act(10_500, TAMPER, "return-to-service");
    expect(lines(play(newEngine(), journal.inputs))).toEqual([
      "gate gate-tamper normal → out-of-service",
      "gate gate-tamper out-of-service → unacknowledged",
    ]);
  });
});

describe("what comes late", () => {
  test("is written down and raises nothing, where the rule does not ask for it", () => {
    const journal = begin().birth(0, `${BOX}/camera`, "camera", { "Video/Loss": false });
    journal.clock(600_000).set(600_500, `${BOX}/camera`, "Video/Loss", false);
    journal.set(601_000, `${BOX}/camera`, "Video/Loss", true, { historical: true, age_ms: 300_000 });
    const engine = newEngine();
    const effects = play(engine, journal.quiet(602_000, 640_000).inputs);
    expect(lines(effects)).toEqual([]);
    expect(effects).toMatchObject([{ kind: "late", rule: "video-loss", eventTime: BEGIN + 301_000 }]);
    expect(engine.counters.late).toBe(1);
  });

  test("of a panic button is shown, latched and marked as late, once for all readings of one press", () => {
    const journal = begin().clock(600_000).set(600_500, PANIC, "Panic/Pressed", false);
    for (const age_ms of [300_000, 299_000, 298_000]) {
      journal.set(601_000, PANIC, "Panic/Pressed", true, { historical: true, age_ms });
    }
    const engine = newEngine();
    play(engine, journal.inputs);
    expect(engine.alarm(PRESSED)).toMatchObject({
      state: "latched",
      occurrence: 1,
      late: true,
      raisedAt: BEGIN + 301_000,
    });
    expect(engine.alarm(PRESSED)?.explanation.zh).toBe("一键报警“已按下”曾为“是”（离线期间发生，补报）");
  });

  test("by a clock that was a day ahead does not undo what was told after it was set right", () => {
    const ahead = { historical: true, age_ms: -86_400_000 };
    const tampering = (more: typeof ahead | undefined): Journal =>
      begin().set(1_000, GATE, "Door/Tamper", false, more).set(2_000, GATE, "Door/Tamper", true, ahead);
    const raised = (journal: Journal): readonly string[] => {
      const effects = play(newEngine(), journal.quiet(3_000, 5_000).inputs);
      return transitionsOf(effects).map(({ transition }) => transition.to);
    };
    expect(raised(tampering(undefined))).toEqual(["unacknowledged", "returned-unacknowledged"]);
    // As long as the clock is ahead, what it says is in the order in which it says it.
    expect(raised(tampering({ ...ahead, historical: false }))).toEqual(["unacknowledged"]);
  });
});

test("an identity is FNV-1a of rule, asset and instance, and differs with each", () => {
  // FNV-1a 64 of "a\nb\n", from an independent implementation.
  expect(alarmId("a", "b", undefined)).toBe("78ed6781f136a14e");
  const ids = [
    alarmId("a", "b", undefined),
    alarmId("ab", "", undefined),
    alarmId("a", "b", "c"),
    alarmId("a", "bc", ""),
  ];
  expect(new Set(ids).size).toBe(4);
});
