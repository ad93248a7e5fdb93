import { expect, test } from "vitest";
import { Clockwork } from "./clockwork.ts";
import { type Act, timeline } from "./scenario/timeline.ts";

/** A clock that stands until it is moved. */
class ManualClock {
  time = 5_000;
  #calls: { at: number; call: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(milliseconds: number, call: () => void): () => void {
    const entry = { at: this.time + milliseconds, call };
    this.#calls.push(entry);
    return () => {
      this.#calls = this.#calls.filter((each) => each !== entry);
    };
  }

  /** Moves to a time; timers that are due by then fire there and then: late, as real ones do. */
  moveTo(time: number): void {
    this.time = time;
    for (;;) {
      const due = this.#calls.find(({ at }) => at <= time);
      if (due === undefined) return;
      this.#calls = this.#calls.filter((each) => each !== due);
      due.call();
    }
  }
}

const DAY = timeline(
  1_000,
  [100, 300, 600].map((at_ms) => ({
    at_ms,
    act: { do: "set", device: "d", metric: "m", value: at_ms } as const,
  })),
);

function play() {
  const clock = new ManualClock();
  const seen: unknown[] = [];
  const clockwork = new Clockwork(DAY, clock, (act: Act) => seen.push(act.do === "set" ? act.value : act));
  return { clock, seen, clockwork };
}

test("does each act once, at its time, loop after loop", () => {
  const { clock, seen, clockwork } = play();
  clockwork.start();
  clock.moveTo(5_099);
  expect(seen).toEqual([]);
  for (const time of [5_100, 5_300, 5_600, 6_100]) clock.moveTo(time);
  expect(seen).toEqual([100, 300, 600, 100]);
});

test("catches up in order when the machine was busy", () => {
  const { clock, seen, clockwork } = play();
  clockwork.start();
  clock.moveTo(6_350);
  expect(seen).toEqual([100, 300, 600, 100, 300]);
});

test("stands still when stopped, and goes on from there", () => {
  const { clock, seen, clockwork } = play();
  clockwork.start();
  clock.moveTo(5_150);
  clockwork.stop();
  clock.moveTo(50_000);
  expect(seen).toEqual([100]);
  expect(clockwork.position_ms).toBe(150);
  clockwork.start();
  clock.moveTo(50_150);
  expect(seen).toEqual([100, 300]);
});
