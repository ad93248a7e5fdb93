import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Priority } from "../../api.ts";
import {
  allowedAt,
  DIGEST_MAX,
  DIGEST_MIN,
  nextMessage,
  refill,
  retryAfter_ms,
  type WaitingDelivery,
} from "./delivery.ts";

const delivery = (id: number, priority: Priority, more: Partial<WaitingDelivery> = {}): WaitingDelivery => ({
  id,
  priority,
  createdAt: id,
  attempts: 0,
  nextAt: 0,
  ...more,
});
const ids = (deliveries: readonly WaitingDelivery[]) => deliveries.map(({ id }) => id);

describe("the next message of a channel", () => {
  test("is the most urgent, and of one urgency the oldest", () => {
    const waiting = [delivery(1, 4), delivery(2, 1), delivery(3, 1)];
    expect(ids(nextMessage(waiting, 10))).toEqual([2]);
  });

  test("leaves out what waits after a failure", () => {
    expect(ids(nextMessage([delivery(1, 1, { nextAt: 11 }), delivery(2, 3)], 10))).toEqual([2]);
    expect(nextMessage([delivery(1, 1, { nextAt: 11 })], 10)).toEqual([]);
  });

  test("holds everything that is not urgent when there is much of it, and never red or orange", () => {
    const many = Array.from({ length: 80 }, (_, index) => delivery(index, index % 2 === 0 ? 3 : 4));
    expect(nextMessage(many, 100)).toHaveLength(DIGEST_MAX);
    expect(ids(nextMessage([...many, delivery(200, 2)], 300))).toEqual([200]);
    expect(nextMessage(many.slice(0, DIGEST_MIN - 1), 100)).toHaveLength(1);
    expect(nextMessage(many.slice(0, DIGEST_MIN), 100)).toHaveLength(DIGEST_MIN);
  });
});

test("pauses after failures double from seconds to minutes, spread by half", () => {
  expect(retryAfter_ms(1, 0)).toBe(2_500);
  expect(retryAfter_ms(2, 0.999)).toBeGreaterThan(9_900);
  expect(retryAfter_ms(50, 0)).toBe(150_000);
});

test("a channel never sends more in a minute than it may, after one burst of as many", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 120 }),
      fc.array(fc.integer({ min: 0, max: 5_000 })),
      (perMinute, gaps) => {
        let allowance = { tokens: perMinute, at: 0 };
        let now = 0;
        const sent: number[] = [];
        for (const gap of gaps) {
          now += gap;
          allowance = refill(allowance, perMinute, now);
          now = Math.max(now, allowedAt(allowance, perMinute));
          allowance = refill(allowance, perMinute, now);
          allowance = { ...allowance, tokens: allowance.tokens - 1 };
          sent.push(now);
        }
        const last = sent.at(-1) ?? 0;
        expect(sent.length).toBeLessThanOrEqual(perMinute + (last * perMinute) / 60_000 + 1);
      },
    ),
  );
});
