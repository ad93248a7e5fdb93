import { expect, test } from "vitest";
import { LiveFeed, RING_CHARACTERS_MAX } from "./live-feed.ts";

const SIZE = 100_000;

test("the ring is bounded by what its events hold, not by their number alone", () => {
  const feed = new LiveFeed(() => undefined);
  const data = "x".repeat(SIZE);
  const held = (): number => {
    // As far back as it reaches.
    for (let seq = 0; seq < feed.seq; seq += 1) {
      const events = feed.since(seq);
      if (events !== undefined) return events.reduce((sum, event) => sum + event.data.length, 0);
    }
    return 0;
  };
  for (let count = 0; count < (5 * RING_CHARACTERS_MAX) / SIZE; count += 1) {
    feed.publish("device", data);
    expect(held()).toBeLessThanOrEqual(2 * RING_CHARACTERS_MAX);
  }
  // And no less than is promised to those who come back.
  expect(held()).toBeGreaterThanOrEqual(RING_CHARACTERS_MAX - SIZE);
  expect(feed.since(0)).toBeUndefined();
});

test("an event that is larger than all of it is passed on, and kept by nobody", () => {
  const feed = new LiveFeed(() => undefined);
  const heard: number[] = [];
  feed.listen(({ seq }) => heard.push(seq));
  feed.publish("device", "x".repeat(2 * RING_CHARACTERS_MAX + 1));
  expect(heard).toEqual([1]);
  expect(feed.since(0)).toBeUndefined();
  feed.publish("device", "{}");
  expect(feed.since(1)?.map(({ seq }) => seq)).toEqual([2]);
});
