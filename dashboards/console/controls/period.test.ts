import { describe, expect, test } from "vitest";
import { dayInput, dayOf, periodFromAddress } from "./period.ts";

const NOW = new Date(2026, 10, 22, 9, 7, 31).getTime();
const at = (query: string) => periodFromAddress(new URLSearchParams(query), NOW);

describe("the period of a report", () => {
  test("ends at the last whole five minutes, so that it is not asked for anew every second", () => {
    const { from, to, name } = at("period=week");
    expect(new Date(to)).toEqual(new Date(2026, 10, 22, 9, 5));
    expect(to - from).toBe(7 * 86_400_000);
    expect(name).toBe("week");
  });

  test("is two whole local days when dates are chosen, the last one included", () => {
    expect(at("from=2026-09-01&to=2026-09-01")).toEqual({
      from: new Date(2026, 8, 1).getTime(),
      to: new Date(2026, 8, 2).getTime(),
    });
  });

  test("never reaches into the future, which would count as unknown", () => {
    expect(at("from=2026-11-01&to=2026-12-31").to).toBe(new Date(2026, 10, 22, 9, 5).getTime());
  });

  test.each([
    "from=2026-11-05&to=2026-11-01",
    "from=2026-02-30&to=2026-03-01",
    "from=2027-01-01&to=2027-01-02",
    "",
  ])("is thirty days where “%s” makes no sense", (query) => {
    expect(at(query).name).toBe("month");
  });

  test("a date is written as a date field reads it", () => {
    expect(dayOf(dayInput(NOW))).toBe(new Date(2026, 10, 22).getTime());
  });
});
