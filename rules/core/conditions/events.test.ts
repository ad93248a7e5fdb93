import { GOOD, type Quality } from "@campus-ops/device-profiles/vocabulary";
import { expect, test } from "vitest";
import { matches } from "./events.ts";

const swiped = (quality: Quality) => ({
  name: "Access/Swipe",
  id: "1",
  fields: { result: "refused" },
  quality,
  eventTime: 0,
  historical: false,
});
const refused = { event: "Access/Swipe", where: [{ field: "result", is: ["refused"] }] };

test("an event counts when its time is doubtful, and not when the event itself or its device is", () => {
  const counts = (quality: Quality): boolean => matches(refused, swiped(quality));
  expect(counts(GOOD)).toBe(true);
  expect(counts({ status: "uncertain", reason: "device-clock" })).toBe(true);
  expect(counts({ status: "bad", reason: "encoding" })).toBe(false);
  expect(counts({ status: "uncertain", reason: "commissioning" })).toBe(false);
});
