import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backupName, isBackup, toRemove } from "./names.ts";

const day = (n: number): string => backupName(Date.UTC(2026, 0, n, 18, 30));

describe("backups", () => {
  test("bear the time they were begun", () => {
    expect(backupName(Date.UTC(2026, 10, 22, 18, 30, 5, 7))).toBe("campus-ops-20261122T183005Z.tar.zst.age");
  });

  test("of the last days are kept, and one a month of what is older", () => {
    const names = Array.from({ length: 90 }, (_, index) => day(index + 1));
    const gone = new Set(toRemove(names, { last: 3, months: 3 }));
    expect(names.filter((name) => !gone.has(name))).toEqual([day(31), day(59), day(88), day(89), day(90)]);
  });

  test("are all that is ever removed: other files are nobody's to touch", () => {
    expect(
      toRemove(["notes.txt", `${day(1)}.part`, "campus-ops-.tar.zst.age"], { last: 0, months: 0 }),
    ).toEqual([]);
  });

  test("whatever lies there, the newest is kept and removing again removes nothing", () => {
    const times = fc.array(fc.integer({ min: 0, max: 4e12 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        times,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 9 }),
        (found, last, months) => {
          const names = [...new Set(found.map(backupName))];
          const gone = new Set(toRemove(names, { last, months }));
          const left = names.filter((name) => !gone.has(name));
          expect(left).toContain(names.toSorted().at(-1));
          expect(toRemove(left, { last, months })).toEqual([]);
          expect(names.every(isBackup)).toBe(true);
        },
      ),
    );
  });
});
