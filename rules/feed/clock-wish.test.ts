import { expect, test } from "vitest";
import { ClockWish, WISH_MS_MAX, WISH_MS_MIN } from "./clock-wish.ts";

const T = 1_790_000_000_000;

function wishing(answer: () => Promise<unknown> = async () => new Response()) {
  const asked: number[] = [];
  const wish = new ClockWish({
    fetch: ((_path: string, init: { body: string }) => {
      asked.push((JSON.parse(init.body) as { at: number }).at - T);
      return answer();
    }) as never,
  });
  return { asked, wish };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("what is due within a second is told once, and what is due later when it is nearer", async () => {
  const { asked, wish } = wishing();
  wish.tell(T + 3_000, T);
  wish.tell(T + 3_000, T + 3_000 - WISH_MS_MAX);
  await settled();
  wish.tell(T + 3_000, T + 2_500);
  await settled();
  wish.tell(T + 2_900, T + 2_600);
  expect(asked).toEqual([3_000, 2_900]);
});

test("what is due never, or at once, is not told", () => {
  const { asked, wish } = wishing();
  wish.tell(Number.POSITIVE_INFINITY, T);
  wish.tell(T + WISH_MS_MIN - 1, T);
  wish.tell(T - 1, T);
  expect(asked).toEqual([]);
});

test("an ingest that is away is asked again for the next delay", async () => {
  const { asked, wish } = wishing(() => Promise.reject(new Error("nobody listens")));
  wish.tell(T + 100, T);
  await settled();
  await settled();
  wish.tell(T + 200, T);
  expect(asked).toEqual([100, 200]);
});
