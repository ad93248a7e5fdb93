import fc from "fast-check";
import { expect, test } from "vitest";
import { planShares } from "./shares.ts";

const CAMPUSES = Array.from({ length: 12 }, (_, index) => `campus-${index}`);

/** Every living worker does what it planned, one after the other; `true` when nobody wants anything any more. */
function round(held: Map<string, string>, workers: readonly string[]): boolean {
  let quiet = true;
  for (const own of workers) {
    const { take, handOver } = planShares({ campuses: CAMPUSES, workers, held, own });
    for (const campus of take) held.set(campus, own);
    for (const campus of handOver) held.delete(campus);
    if (take.length + handOver.length > 0) quiet = false;
  }
  return quiet;
}

test("whoever comes and goes, all campuses are soon held, by living workers, each with its share", () => {
  const crews = fc.array(fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1 }), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(crews, (history) => {
      const held = new Map<string, string>();
      for (const crew of history) {
        const workers: readonly string[] = crew.toSorted();
        for (const [campus, holder] of held) if (!workers.includes(holder)) held.delete(campus);
        const rounds = Array.from({ length: CAMPUSES.length + 3 }, () => round(held, workers));
        expect(rounds.at(-1)).toBe(true);
        const counts = workers.map(
          (worker) => [...held.values()].filter((holder) => holder === worker).length,
        );
        expect(held.size).toBe(CAMPUSES.length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test("workers that start together look at different campuses first", () => {
  const plans = ["a", "b"].map((own) =>
    planShares({ campuses: CAMPUSES, workers: ["a", "b"], held: new Map(), own }),
  );
  expect(plans.map(({ take }) => take.length)).toEqual([6, 6]);
  expect(new Set(plans.flatMap(({ take }) => take)).size).toBe(12);
});

test("a worker alone takes all, and one more gets its half by and by", () => {
  const alone = planShares({ campuses: CAMPUSES, workers: ["a"], held: new Map(), own: "a" });
  expect(alone.take).toEqual(CAMPUSES);
  const held = new Map(CAMPUSES.map((campus) => [campus, "a"]));
  expect(planShares({ campuses: CAMPUSES, workers: ["a", "b"], held, own: "a" }).handOver).toEqual([
    "campus-11",
  ]);
  expect(planShares({ campuses: CAMPUSES, workers: ["a", "b"], held, own: "b" })).toEqual({
    take: [],
    handOver: [],
  });
});
