import { expect, test } from "vitest";
import { foundText, recordNumber } from "./value.ts";
import { STANDARD_WORDS } from "./words.ts";

const found = (low: number, high: number | undefined, evidence: string): string =>
  foundText({ low, evidence, ...(high !== undefined && { high }) }, STANDARD_WORDS.en, "en-GB");

test("what is known exactly is one number, a share in percent", () => {
  expect(found(0.953, 0.953, "intact")).toBe("95.3%");
  expect(found(180, 180, "retained")).toBe("180");
});

test("a share of links has links behind it, not shares", () => {
  expect(found(0.5, 0.8, "classLinks")).toBe("50% to 80%");
  expect(recordNumber(1_000, "classLinks", "en-GB")).toBe("1,000 Mbit/s");
  expect(recordNumber(1, "intact", "en-GB")).toBe("100%");
});

test("what is known in part is a range, so that nobody takes its low end for the finding", () => {
  expect(found(0.9, 1, "intact")).toBe("90% to 100%");
});

test("what could be anything is not known, whatever stands at its low end", () => {
  expect(found(0, undefined, "mean")).toBe("not known");
});

test("a share is rounded down: 89.99 % never reads as the 90 % that is asked", () => {
  expect(found(0.8999, 0.8999, "intact")).toBe("89.9%");
});
