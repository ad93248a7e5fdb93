import { expect, test } from "vitest";
import { type Seen, STEPS, stateOf } from "./steps.ts";

const NOTHING: Seen = {
  me: undefined,
  campuses: undefined,
  calendar: undefined,
  desks: undefined,
  channels: undefined,
  boxesOnline: undefined,
  devicesWorking: undefined,
  backups: undefined,
};
const EMPTY: Seen = {
  me: {},
  campuses: 1,
  calendar: { value: null },
  desks: [{ channels: [] }],
  channels: [],
  boxesOnline: 0,
  devicesWorking: 0,
  backups: {},
};

test("what cannot be seen is neither done nor to do", () => {
  expect(STEPS.map((step) => stateOf(step, NOTHING))).toEqual(STEPS.map(() => undefined));
});

test("an empty hub has its school and everything else before it", () => {
  expect(STEPS.filter((step) => stateOf(step, EMPTY) === true)).toEqual(["school"]);
  expect(STEPS.filter((step) => stateOf(step, EMPTY) === undefined)).toEqual([]);
});

test("a desk is reached when one of its channels has taken a message, and not by a channel of nobody's", () => {
  const desks = [{ channels: ["mail"] }];
  const channel = { id: "mail", alive: true, detail: "250 ok" };
  const state = (channels: Seen["channels"]) => stateOf("desk", { ...EMPTY, desks, channels });
  expect(state([channel])).toBe(true);
  expect(state([{ ...channel, id: "sms" }])).toBe(false);
  expect(state([{ ...channel, alive: false }])).toBe(false);
  expect(state([{ ...channel, detail: "" }])).toBe(false);
});
