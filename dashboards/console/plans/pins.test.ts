import { expect, test } from "vitest";
import { keyed, placed } from "./pins.ts";

const pins = [{ device: "gate", x: 0.5, y: 0.5 }];

test("a pin is put where it is dropped, and never beyond its picture", () => {
  expect(placed(pins, "gate", 0.25, 0.75)).toEqual([{ device: "gate", x: 0.25, y: 0.75 }]);
  expect(placed(pins, "new", -1, 7)).toEqual([...pins, { device: "new", x: 0, y: 1 }]);
});

test("the arrow keys move it, Delete takes it off, any other key leaves it", () => {
  expect(keyed(pins, "gate", "ArrowLeft", false)).toEqual([{ device: "gate", x: 0.495, y: 0.5 }]);
  expect(keyed(pins, "gate", "ArrowDown", true)).toEqual([{ device: "gate", x: 0.5, y: 0.55 }]);
  expect(keyed(pins, "gate", "Delete", false)).toEqual([]);
  expect(keyed(pins, "gate", "a", false)).toBe(pins);
});
