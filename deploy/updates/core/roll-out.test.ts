import type { RollOut, RollOutAct } from "@campus-ops/dashboards/updates";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SimulatedFleet } from "../testing/simulated-fleet.ts";
import {
  act,
  begunOf,
  candidatesOf,
  countedOf,
  freshBox,
  IN_FLIGHT_MAX,
  isInFlight,
  isOver,
  jobOf,
  look,
  RETURN_MS_MAX,
  SETTLE_MS,
  STALL_MS_MAX,
  TELL_AGAIN_MS,
  TOLD_MAX,
  WATCHED_MS_MAX,
} from "./roll-out.ts";
import { compareVersions, isVersion } from "./version.ts";
import { allowedIn } from "./waves.ts";

const START = Date.UTC(2026, 10, 22, 14);
const TURN_MS = 30_000;
const COMPATIBLE = "campus-ops-edge-amd64";

const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `school-${index}/box`);

const rollOutOf = (boxes: readonly string[]): RollOut => ({
  id: "r1",
  bundle: "ab".repeat(32),
  version: "0.2.0",
  compatible: COMPATIBLE,
  state: "running",
  wave: 0,
  urgent: false,
  forgiven: 0,
  boxes: boxes.map((box) => freshBox(box)),
  beganAt: START,
  by: "tester",
  lookedAt: START,
});

/** A roll-out over boxes of which each does what it is told, unless a test says otherwise. */
class Running {
  rollOut: RollOut;
  readonly fleet: SimulatedFleet;
  schoolIsOut = true;
  bundleIsHere = true;
  at = START;

  constructor(boxes: readonly string[]) {
    this.rollOut = rollOutOf(boxes);
    this.fleet = new SimulatedFleet(boxes);
  }

  turn(by_ms = TURN_MS): { readonly told: readonly string[]; readonly recalled: readonly string[] } {
    this.at += by_ms;
    this.fleet.pass(by_ms);
    const sights = {
      of: (box: string) => this.fleet.sight(box),
      schoolIsOut: this.schoolIsOut,
      bundleIsHere: this.bundleIsHere,
    };
    // What is stored is all that a restart of the hub leaves.
    const outcome = look(JSON.parse(JSON.stringify(this.rollOut)), sights, this.at);
    this.rollOut = outcome.rollOut;
    for (const box of outcome.tell) this.fleet.tell(box, jobOf(this.rollOut, this.box(box)), "0.2.0");
    for (const box of outcome.recall) this.fleet.recall(box);
    return { told: outcome.tell, recalled: outcome.recall };
  }

  turns(for_ms: number): void {
    for (let passed = 0; passed < for_ms; passed += TURN_MS) this.turn();
  }

  act(what: RollOutAct): boolean {
    const after = act(this.rollOut, what);
    if (after !== undefined) this.rollOut = after;
    return after !== undefined;
  }

  box(name: string) {
    const found = this.rollOut.boxes.find(({ box }) => box === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  }

  steps(): Readonly<Record<string, number>> {
    const groups = Map.groupBy(this.rollOut.boxes, ({ step }) => step);
    return Object.fromEntries([...groups].map(([step, boxes]) => [step, boxes.length]));
  }
}

const HOUR_MS = 3_600_000;

describe("waves", () => {
  test.each([
    [1, [1, 1, 1]],
    [3, [1, 1, 3]],
    [10, [1, 1, 10]],
    [30, [1, 3, 30]],
    [100, [1, 10, 100]],
    [1_200, [12, 120, 1_200]],
  ])("of %i boxes begin %j", (boxes, expected) => {
    expect([0, 1, 2].map((wave) => allowedIn(wave, boxes))).toEqual(expected);
  });

  test("one box goes first, and the others only when it has run the new version for the settle time", () => {
    const running = new Running(names(30));
    expect(running.turn().told).toEqual(["school-0/box"]);
    running.turns(SETTLE_MS - 2 * TURN_MS);
    expect(running.steps()).toEqual({ settling: 1, waiting: 29 });
    running.turns(SETTLE_MS);
    expect(begunOf(running.rollOut.boxes)).toBe(3);
    running.turns(3 * HOUR_MS);
    expect(running.steps()).toEqual({ good: 30 });
    expect(running.rollOut.state).toBe("done");
  });

  test("a failure in the first wave stops it, and the others are never told", () => {
    const running = new Running(names(10));
    running.fleet.set("school-0/box", { fate: "rolled-back" });
    running.turns(2 * HOUR_MS);
    expect(running.rollOut).toMatchObject({
      state: "stopped",
      reason: { en: expect.stringContaining("stopped by itself") },
    });
    expect(running.steps()).toEqual({ failed: 1, waiting: 9 });
    expect(running.box("school-0/box").reason?.en).toBe("the agent did not run");
  });

  test("once many have begun, one failure in twenty is let pass, and one more is not", () => {
    const running = new Running(names(100));
    running.fleet.set("school-20/box", { fate: "rolled-back" });
    running.turns(6 * HOUR_MS);
    expect(running.rollOut.state).toBe("done");
    expect(running.steps()).toEqual({ good: 99, failed: 1 });
  });

  test("no more are in flight than one line to the hub bears, whatever the wave allows", () => {
    const running = new Running(names(1_000));
    let most = 0;
    for (let turn = 0; turn < 200; turn += 1) {
      running.turn(60_000);
      most = Math.max(most, running.rollOut.boxes.filter(isInFlight).length);
    }
    expect(most).toBe(IN_FLIGHT_MAX);
  });
});

describe("a box", () => {
  test("that does not come back is lost, and that stops the roll-out", () => {
    const running = new Running(names(5));
    running.turn();
    running.fleet.set("school-0/box", { online: false });
    running.turns(RETURN_MS_MAX - TURN_MS);
    expect(running.rollOut.state).toBe("running");
    running.turns(2 * TURN_MS);
    expect(running.rollOut.state).toBe("stopped");
    expect(running.box("school-0/box").reason?.en).toContain("did not come back");
  });

  test("is not lost because the hub itself was away for a day", () => {
    const running = new Running(names(5));
    running.turn();
    running.fleet.set("school-0/box", { online: false });
    running.turns(TELL_AGAIN_MS);
    running.turn(24 * HOUR_MS);
    expect(running.rollOut.state).toBe("running");
    running.fleet.set("school-0/box", { online: true });
    running.turns(2 * HOUR_MS);
    expect(running.box("school-0/box").step).toBe("good");
  });

  test("that is offline is taken up when it is back, even days later", () => {
    const running = new Running(names(3));
    running.fleet.set("school-1/box", { online: false });
    running.turns(24 * HOUR_MS);
    expect(running.steps()).toEqual({ good: 2, waiting: 1 });
    expect(running.rollOut.state).toBe("running");
    running.fleet.set("school-1/box", { online: true });
    running.turns(HOUR_MS);
    expect(running.rollOut.state).toBe("done");
  });

  test("that did not hear is told again, and given up when it never answers", () => {
    const running = new Running(names(1));
    running.fleet.set("school-0/box", { deaf: true });
    let told = 0;
    for (let turn = 0; turn < 60; turn += 1) told += running.turn().told.length;
    expect(told).toBe(TOLD_MAX);
    expect(running.box("school-0/box").reason?.en).toContain("did not take it up");
  });

  test("that moves no more has failed after an hour", () => {
    const running = new Running(names(1));
    running.fleet.set("school-0/box", { fate: "stuck" });
    running.turns(STALL_MS_MAX);
    expect(running.rollOut.state).toBe("running");
    running.turns(10 * TURN_MS);
    expect(running.box("school-0/box").reason?.en).toContain("nothing moved");
  });

  test.each([
    ["pinned", { pinned: true }, "pinned"],
    ["of other hardware", { compatible: "campus-ops-edge-arm64" }, "other hardware"],
    ["that runs this version already", { version: "0.2.0" }, "already"],
    ["that runs a newer version", { version: "0.10.0" }, "newer"],
    ["without an image", { offers: false }, "package manager"],
  ])("%s is left out and told nothing", (_, changes, reason) => {
    const running = new Running(names(2));
    running.fleet.set("school-0/box", changes);
    running.turns(2 * HOUR_MS);
    expect(running.box("school-0/box")).toMatchObject({ step: "left-out", told: 0 });
    expect(running.box("school-0/box").reason?.en).toContain(reason);
    expect(running.box("school-1/box").step).toBe("good");
  });

  test("that says done and runs something else has failed", () => {
    const running = new Running(names(1));
    running.fleet.set("school-0/box", { fate: "other-version" });
    running.turns(HOUR_MS);
    expect(running.box("school-0/box").reason?.en).toContain("runs another version");
  });

  test("that goes away while it settles begins to settle anew", () => {
    const running = new Running(names(1));
    running.turns(SETTLE_MS - 2 * TURN_MS);
    expect(running.box("school-0/box").step).toBe("settling");
    running.fleet.set("school-0/box", { online: false });
    running.turn();
    running.fleet.set("school-0/box", { online: true });
    running.turns(SETTLE_MS);
    expect(running.box("school-0/box").step).toBe("settling");
    running.turns(2 * TURN_MS);
    expect(running.box("school-0/box").step).toBe("good");
  });
});

describe("a person", () => {
  test("nobody begins in school hours, unless a person says that it need not wait", () => {
    const running = new Running(names(2));
    running.schoolIsOut = false;
    running.turns(HOUR_MS);
    expect(running.steps()).toEqual({ waiting: 2 });
    expect(running.act("hurry")).toBe(true);
    expect(running.turn().told).toEqual(["school-0/box"]);
  });

  test("pauses: nobody more begins, and who has begun goes on to the end", () => {
    const running = new Running(names(5));
    running.turn();
    running.act("pause");
    running.turns(HOUR_MS);
    expect(running.steps()).toEqual({ good: 1, waiting: 4 });
    running.act("resume");
    running.turns(2 * HOUR_MS);
    expect(running.rollOut.state).toBe("done");
  });

  test("cancels: who only fetches is called back, who installs goes on, and nobody is left in between", () => {
    const running = new Running(names(20));
    running.turns(2 * SETTLE_MS + 10 * TURN_MS);
    running.act("cancel");
    running.turns(2 * HOUR_MS);
    expect(isOver(running.rollOut)).toBe(true);
    expect(running.rollOut.boxes.every(({ step }) => step === "good" || step === "left-out")).toBe(true);
    expect(running.act("resume")).toBe(false);
  });

  test("resumes after failures, and the next one stops it again", () => {
    const running = new Running(names(5));
    running.fleet.set("school-0/box", { fate: "rolled-back" });
    running.fleet.set("school-1/box", { fate: "rolled-back" });
    running.turns(HOUR_MS);
    running.act("resume");
    running.turns(HOUR_MS);
    expect(running.rollOut.state).toBe("stopped");
    expect(running.steps()).toEqual({ failed: 2, waiting: 3 });
  });

  test("retries what failed, as a new job", () => {
    const running = new Running(names(2));
    running.fleet.set("school-0/box", { fate: "rolled-back" });
    running.turns(HOUR_MS);
    running.fleet.set("school-0/box", { fate: "well" });
    expect(running.act("retry")).toBe(true);
    running.turns(3 * HOUR_MS);
    expect(running.steps()).toEqual({ good: 2 });
    expect(running.box("school-0/box").attempt).toBe(2);
  });

  test("a bundle that is not there any more stops it at once, before anybody is told to fetch it", () => {
    const running = new Running(names(2));
    running.bundleIsHere = false;
    expect(running.turn().told).toEqual([]);
    expect(running.rollOut.reason?.en).toContain("upload it again");
  });
});

describe("whatever happens, in whatever order", () => {
  const happening = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("turn" as const),
        by_ms: fc.integer({ min: 1_000, max: 1_200_000 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("act" as const),
        what: fc.constantFrom<RollOutAct>("pause", "resume", "cancel", "retry", "hurry"),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("box" as const),
        index: fc.nat(),
        changes: fc.oneof(
          fc.record({ online: fc.boolean() }),
          fc.record({ fate: fc.constantFrom("well", "rolled-back", "stuck", "other-version", "refused") }),
          fc.record({ pinned: fc.boolean() }),
          fc.record({ deaf: fc.boolean() }),
          fc.record({ forgetful: fc.boolean() }),
        ),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("school" as const), out: fc.boolean() }) },
  );

  test("never more have begun than the wave allows, stops hold until a person acts, every end is an end, and rest brings everybody to one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.array(happening, { maxLength: 60 }), (count, story) => {
        const running = new Running(names(count));
        for (const each of story) {
          if (each.kind === "act") running.act(each.what);
          else if (each.kind === "school") running.schoolIsOut = each.out;
          else if (each.kind === "box")
            running.fleet.set(names(count)[each.index % count] ?? "", each.changes);
          else {
            const before = running.rollOut;
            const { told } = running.turn(each.by_ms);
            const { boxes, state, wave, urgent } = running.rollOut;
            if (told.length > 0) {
              expect(state).toBe("running");
              expect(countedOf(running.rollOut)).toBeLessThanOrEqual(
                Math.max(allowedIn(wave, candidatesOf(boxes)), countedOf(before)),
              );
            }
            const isNew = (box: string): boolean =>
              before.boxes.some((other) => other.box === box && other.step === "waiting");
            if (!running.schoolIsOut && !urgent) expect(told.filter(isNew)).toEqual([]);
            if (before.state !== "running") expect(state).toBe(before.state);
            expect(wave).toBeGreaterThanOrEqual(before.wave);
            for (const [index, { box, step }] of before.boxes.entries()) {
              expect(boxes[index]?.box).toBe(box);
              if (step === "good" || step === "failed" || step === "left-out")
                expect(boxes[index]?.step).toBe(step);
            }
          }
        }
        // Everybody is switched on and well again, and a person goes on wherever it stopped.
        running.schoolIsOut = true;
        for (const name of names(count)) running.fleet.heal(name);
        for (let turn = 0; turn < 4_000 && !isOver(running.rollOut); turn += 1) {
          if (running.rollOut.state === "stopped" || running.rollOut.state === "paused")
            running.act("resume");
          running.turn(WATCHED_MS_MAX);
        }
        expect(isOver(running.rollOut)).toBe(true);
        expect(
          running.rollOut.boxes.every(
            ({ step }) => step === "good" || step === "failed" || step === "left-out",
          ),
        ).toBe(true);
        for (const { box, step } of running.rollOut.boxes)
          if (step === "good") expect(running.fleet.sight(box)).toMatchObject({ version: "0.2.0" });
      }),
      { numRuns: 60 },
    );
  });
});

test("versions are compared by their numbers", () => {
  expect(compareVersions("0.10.0", "0.9.1")).toBeGreaterThan(0);
  expect(compareVersions("1.2", "1.2.0")).toBe(0);
  expect(compareVersions("0.1.0", "0.1.1")).toBeLessThan(0);
  expect(compareVersions("0.1.0", "unknown")).toBeUndefined();
  expect(["1", "1.2.3.4", "1.2.3.4.5", "1.a", "", "1.", "1.2.0+deb"].map(isVersion)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
