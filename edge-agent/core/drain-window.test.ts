import { describe, expect, test } from "vitest";
import { DRAIN_RECORDS_MIN, DRAIN_RECORDS_START, DrainWindow, toleratedDelay_ms } from "./drain-window.ts";

const RECORDS_MAX = 1_024;

describe("the window", () => {
  test("doubles while acknowledgements come in time, until the first that does not", () => {
    const window = new DrainWindow(RECORDS_MAX);
    for (let each = 0; each < DRAIN_RECORDS_START; each += 1) window.acknowledged(10, true);
    expect(window.records).toBe(2 * DRAIN_RECORDS_START);
    window.acknowledged(toleratedDelay_ms(window.records) + 1, true);
    const met = window.records;
    for (let each = 0; each < met; each += 1) window.acknowledged(10, true);
    expect(window.records - met).toBeLessThan(DRAIN_RECORDS_START / 2);
  });

  test("shrinks when acknowledgements take long, and never to nothing", () => {
    const window = new DrainWindow(RECORDS_MAX);
    for (let each = 0; each < 1_000; each += 1) window.acknowledged(10_000, true);
    expect(window.records).toBe(DRAIN_RECORDS_MIN);
  });

  test("puts up with less the larger it is", () => {
    expect(toleratedDelay_ms(DRAIN_RECORDS_START)).toBeGreaterThan(toleratedDelay_ms(RECORDS_MAX));
  });

  test("is bounded, and does not grow when it is not what holds the backlog back", () => {
    const window = new DrainWindow(RECORDS_MAX);
    for (let each = 0; each < 10_000; each += 1) window.acknowledged(10, false);
    expect(window.records).toBe(DRAIN_RECORDS_START);
    for (let each = 0; each < 10_000; each += 1) window.acknowledged(10, true);
    expect(window.records).toBe(RECORDS_MAX);
  });
});

interface Flow {
  readonly window: DrainWindow;
  readonly startsAt_ms: number;
  inFlight: number;
  served: number;
}

/** A hub that takes so many records a millisecond, in the order in which they come. */
function share(flows: readonly Flow[], perMs: number, until_ms: number, countFrom_ms: number) {
  const queue: { readonly flow: Flow; readonly sentAt_ms: number }[] = [];
  let head = 0;
  let longest_ms = 0;
  for (let now = 0; now < until_ms; now += 1) {
    if (now % 50 === 0) {
      for (const flow of flows) {
        if (now < flow.startsAt_ms) continue;
        for (; flow.inFlight < flow.window.records; flow.inFlight += 1) queue.push({ flow, sentAt_ms: now });
      }
    }
    for (let each = 0; each < perMs && head < queue.length; each += 1, head += 1) {
      const record = queue[head];
      if (record === undefined) break;
      const { flow, sentAt_ms } = record;
      const wasFull = 2 * flow.inFlight >= flow.window.records;
      flow.inFlight -= 1;
      flow.window.acknowledged(now - sentAt_ms, wasFull);
      if (now < countFrom_ms) continue;
      flow.served += 1;
      longest_ms = Math.max(longest_ms, now - sentAt_ms);
    }
  }
  return longest_ms;
}

const flow = (startsAt_ms: number): Flow => ({
  window: new DrainWindow(RECORDS_MAX),
  startsAt_ms,
  inFlight: 0,
  served: 0,
});

/** Jain's index: 1 when all get the same. */
function fairness(flows: readonly Flow[]): number {
  const sum = flows.reduce((total, { served }) => total + served, 0);
  const squares = flows.reduce((total, { served }) => total + served ** 2, 0);
  return sum ** 2 / (flows.length * squares);
}

describe("flows that share one hub", () => {
  test.each([2, 20, 200])("share it evenly, and keep its queue short: %i of them", (count) => {
    const flows = Array.from({ length: count }, () => flow(0));
    const longest_ms = share(flows, 20, 60_000, 20_000);
    expect(fairness(flows)).toBeGreaterThan(0.95);
    expect(longest_ms).toBeLessThan(1_000);
  });

  test("let one in that comes when the others have long had it to themselves", () => {
    const flows = [flow(0), flow(0), flow(0), flow(20_000)];
    share(flows, 2, 120_000, 60_000);
    expect(fairness(flows)).toBeGreaterThan(0.9);
  });

  test("leave nothing of a fast hub unused", () => {
    const flows = [flow(0)];
    share(flows, 2, 30_000, 10_000);
    expect(flows[0]?.served).toBeGreaterThan(0.95 * 2 * 20_000);
  });
});
