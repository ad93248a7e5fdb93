import { expect, test } from "vitest";
import { Consequences } from "./consequences.ts";
import { CONSEQUENCES_MAX } from "./engine-bounds.ts";
import type { Monitor } from "./monitor.ts";

const monitor = (id: string, lookedAt = 0): Monitor => ({ id, lookedAt }) as Monitor;

test("who looks at an alarm that changed is looked at once, unless he was forgotten in between", () => {
  const [cause, looker, forgotten] = [monitor("cause", 7), monitor("looker", 3), monitor("forgotten")];
  const seen: unknown[] = [];
  const consequences = new Consequences({
    lookingAt: (changed) => (changed === cause ? [looker, forgotten] : []),
    isThere: (each) => each !== forgotten,
    evaluate: ({ id }, at) => seen.push([id, at]),
    failed: ({ id }) => seen.push(`${id} failed`),
  });
  consequences.of(cause);
  consequences.follow();
  consequences.follow();
  expect(seen).toEqual([["looker", 7]]);
});

test("alarms that follow from each other in a circle are stopped, and the next is told why", () => {
  const [one, other] = [monitor("one"), monitor("other")];
  let looks = 0;
  const failed: string[] = [];
  const consequences: Consequences = new Consequences({
    lookingAt: (changed) => [changed === one ? other : one],
    isThere: () => true,
    evaluate: (each) => {
      looks += 1;
      consequences.of(each);
    },
    failed: ({ id }, { message }) => failed.push(`${id}: ${message}`),
  });
  consequences.of(one);
  consequences.follow();
  expect(looks).toBe(CONSEQUENCES_MAX);
  expect(failed).toEqual(["other: alarms that follow from alarms went round in a circle"]);
  consequences.follow();
  expect(looks).toBe(CONSEQUENCES_MAX);
});
