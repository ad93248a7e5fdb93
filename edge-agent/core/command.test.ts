import { expect, test } from "vitest";
import { type CommandInput, type CommandState, readBackConfirms, refusal, stepCommand } from "./command.ts";

const INPUTS: readonly CommandInput[] = [
  "write-accepted",
  "write-refused",
  "write-uncertain",
  "read-back-matches",
  "read-back-differs",
  "deadline",
];

// Every cell; a dash is “no transition”.
test.each<[CommandState, readonly (CommandState | "-")[]]>([
  ["writing", ["reading-back", "refused", "reading-back", "-", "-", "unknown"]],
  ["reading-back", ["-", "-", "-", "confirmed", "-", "unknown"]],
  ["confirmed", ["-", "-", "-", "-", "-", "-"]],
  ["unknown", ["-", "-", "-", "-", "-", "-"]],
  ["refused", ["-", "-", "-", "-", "-", "-"]],
])("from %s", (state, row) => {
  expect(INPUTS.map((input) => stepCommand(state, input))).toEqual(
    row.map((cell) => (cell === "-" ? state : cell)),
  );
});

test("what cannot be tried says why", () => {
  expect(refusal("Door/Unlocked", true, true)).toBeUndefined();
  expect(refusal("Door/Unlocked", true, false)).toContain("has no");
  expect(refusal("Door/Open", true, true)).toContain("cannot be written");
  expect(refusal("Door/Nonsense", true, true)).toContain("dictionary");
  expect(refusal("Door/Unlocked", "yes", true)).toContain("can hold");
  expect(refusal("Projector/Power", "standby", true)).toContain("is not one of off, on");
});

test("a projector on its way obeyed", () => {
  expect(readBackConfirms("Projector/Power", "on", "warming")).toBe(true);
  expect(readBackConfirms("Projector/Power", "off", "warming")).toBe(false);
  expect(readBackConfirms("Door/Unlocked", true, null)).toBe(false);
});
