import { expect, test } from "vitest";
import { Clockwork } from "./clockwork.ts";
import { type Act, timeline } from "./scenario/timeline.ts";

/** A clock that stands until it is moved. */
class ManualClock {
  time = 0;
  #calls: { at: number; call: () => void }[] = [];

  position_ms(): number {
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
  clock.moveTo(99);
  expect(seen).toEqual([]);
  for (const time of [100, 300, 600, 1_100]) clock.moveTo(time);
  expect(seen).toEqual([100, 300, 600, 100]);
});

test("catches up in order when the machine was busy", () => {
  const { clock, seen, clockwork } = play();
  clockwork.start();
  clock.moveTo(1_350);
  expect(seen).toEqual([100, 300, 600, 100, 300]);
});

test("joins the day where it is, and what was missed did not happen", () => {
  const { clock, seen, clockwork } = play();
  clock.moveTo(7_250);
  clockwork.start();
  clock.moveTo(7_300);
  clockwork.stop();
  clock.moveTo(9_550);
  expect(seen).toEqual([300]);
  expect(clockwork.position_ms).toBe(550);
  clockwork.start();
  clock.moveTo(9_600);
  expect(seen).toEqual([300, 600]);
});

test("before the first day begins, it is the end of the day before", () => {
  const { clock, seen, clockwork } = play();
  clock.moveTo(-500);
  clockwork.start();
  expect(clockwork.position_ms).toBe(500);
  clock.moveTo(-400);
  expect(seen).toEqual([600]);
});
