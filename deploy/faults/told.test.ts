import { BUILT_IN_PACKS, loadPacks, packFiles } from "@campus-ops/rules/packs";
import { describe, expect, test } from "vitest";
import { en } from "../../dashboards/console/text/en.ts";
import { zh } from "../../dashboards/console/text/zh.ts";
import { KINDS } from "./scenarios.ts";
import { TELLINGS, TOLD_MS_MAX, tellingOf } from "./told.ts";

const WINDOWS = new Set(["arrival", "lesson", "departure", "closed"]);
const RULES = new Map(
  loadPacks(
    BUILT_IN_PACKS.flatMap((name) => packFiles(name, "")),
    {},
    WINDOWS,
  ).map((rule) => [rule.id, rule]),
);

describe("how the operator is told", () => {
  test("is written down for every kind of fault that is promised to be survived", () => {
    const told = new Set(TELLINGS.map(({ kind }) => kind));
    expect(Object.keys(KINDS).filter((kind) => !told.has(kind as keyof typeof KINDS))).toEqual([]);
  });

  test.each(
    TELLINGS.map((telling) => [`${telling.part}: ${telling.fault} (${telling.kind})`, telling] as const),
  )(
    "%s: within a minute, with what is wrong, what is safe and what to do, in both languages",
    (_, { by }) => {
      if ("nothing" in by) return expect(by.nothing).not.toBe("");
      if ("bar" in by) {
        for (const { connection } of [zh, en])
          expect(by.bar === "lost" ? connection.lostTitle : connection[by.bar]).not.toBe("");
        expect(by.noticed_ms).toBeLessThan(TOLD_MS_MAX);
        return;
      }
      const rule = RULES.get(by.rule);
      expect(rule, by.rule).toBeDefined();
      expect(by.noticed_ms + (rule?.onDelay_ms ?? Number.POSITIVE_INFINITY)).toBeLessThan(TOLD_MS_MAX);
      for (const text of [rule?.title, rule?.card.consequence, rule?.card.action]) {
        expect(text?.zh).toMatch(/[\u4e00-\u9fff]/);
        expect(text?.en).toMatch(/[a-z]/);
      }
    },
  );

  test("of a fault that nobody thought of is a mistake", () => {
    expect(() => tellingOf("sulks", "broker")).toThrow("not said");
  });
});
