import { expect, test, vi } from "vitest";
import { Doorbell } from "./doorbell.ts";

test("any number of rings are one", async () => {
  const bell = new Doorbell(1);
  for (let ring = 0; ring < 100; ring++) bell.ring();
  expect(await bell.rung(new AbortController().signal)).toBe(true);
  const ending = new AbortController();
  const again = bell.rung(ending.signal);
  ending.abort();
  expect(await again).toBe(false);
});

test("a ring while somebody is at the door is heard afterwards, not before the interval is over", async () => {
  vi.useFakeTimers();
  try {
    const bell = new Doorbell(1_000);
    const { signal } = new AbortController();
    bell.ring();
    await bell.rung(signal);
    bell.ring();
    let answered = false;
    const second = bell.rung(signal).then(() => {
      answered = true;
    });
    await vi.advanceTimersByTimeAsync(999);
    expect(answered).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await second;
    expect(answered).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

test("an aborted wait leaves no listener behind", async () => {
  const bell = new Doorbell(0);
  const aborted = AbortSignal.abort();
  expect(await bell.rung(aborted)).toBe(false);
});
