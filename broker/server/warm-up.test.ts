import { expect, test } from "vitest";
import { warmUp } from "./warm-up.ts";

test("carries messages of every QoS and size, and ends", async () => {
  expect(await warmUp()).toBeGreaterThan(1_000);
});

test("does without on a machine that takes too long", async () => {
  expect(await warmUp(0)).toBe(0);
});
