import { expect, test } from "vitest";
import { random } from "../testing/random.ts";
import { mutant } from "./mutate.ts";

const EXAMPLES = [Buffer.from("CONNECT somebody"), Buffer.from("PUBLISH something")];
const draw = (seed: number): readonly string[] => {
  const chance = random(seed);
  return Array.from({ length: 200 }, () => mutant(EXAMPLES, chance).toString("hex"));
};

test("the same seed draws the same inputs, another seed others", () => {
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test("most inputs are nearly right, none goes on being the example, and they are not all alike", () => {
  const all = draw(1);
  expect(new Set(all).size).toBeGreaterThan(190);
  const near = all.filter((each) => /^(434f4e|505542)/.test(each));
  expect(near.length).toBeGreaterThan(all.length / 3);
});

test("an example of no bytes is mutated as well", () => {
  const chance = random(3);
  for (let each = 0; each < 200; each += 1) expect(() => mutant([Buffer.alloc(0)], chance)).not.toThrow();
});
