import { expect, test } from "vitest";
import { warmUp } from "./warm-up.ts";

/** Of a machine that has much else to do. */
const PATIENCE_MS = 60_000;

test("carries messages of every QoS and size, and ends", { timeout: PATIENCE_MS }, async () => {
  expect(await warmUp(PATIENCE_MS)).toBe(10_240);
});

test("does without on a machine that takes too long", async () => {
  expect(await warmUp(0)).toBe(0);
});
