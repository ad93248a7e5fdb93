import { expect, test } from "vitest";
import { EPOCHS_PER_NODE_MAX, ReceivedRanges, RUNS_PER_EPOCH_MAX } from "./received-ranges.ts";

test("ranges are known by node and epoch, and as a whole only", () => {
  const received = new ReceivedRanges();
  received.add("a/box", { epoch: 1, first: 1, last: 10 });
  expect(received.has("a/box", { epoch: 1, first: 3, last: 10 })).toBe(true);
  expect(received.has("a/box", { epoch: 1, first: 10, last: 11 })).toBe(false);
  expect(received.has("a/box", { epoch: 2, first: 1, last: 10 })).toBe(false);
  expect(received.has("b/box", { epoch: 1, first: 1, last: 10 })).toBe(false);
});

test("beyond its bound the oldest runs are forgotten and counted, never the newest", () => {
  const received = new ReceivedRanges();
  for (let index = 1; index <= RUNS_PER_EPOCH_MAX + 1; index += 1)
    received.add("a/box", { epoch: 1, first: index * 2, last: index * 2 });
  expect(received.forgotten).toBe(RUNS_PER_EPOCH_MAX / 8);
  expect(received.runsOf("a/box", 1)).toHaveLength(RUNS_PER_EPOCH_MAX + 1 - RUNS_PER_EPOCH_MAX / 8);
  const newest = (RUNS_PER_EPOCH_MAX + 1) * 2;
  expect(received.has("a/box", { epoch: 1, first: newest, last: newest })).toBe(true);
  expect(received.has("a/box", { epoch: 1, first: 2, last: 2 })).toBe(false);
});

test("of too many epochs the one seen first is forgotten", () => {
  const received = new ReceivedRanges();
  for (let epoch = 1; epoch <= EPOCHS_PER_NODE_MAX + 1; epoch += 1)
    received.add("a/box", { epoch, first: 1, last: 1 });
  expect(received.has("a/box", { epoch: 1, first: 1, last: 1 })).toBe(false);
  expect(received.has("a/box", { epoch: 2, first: 1, last: 1 })).toBe(true);
});
