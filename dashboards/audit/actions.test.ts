import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { SETTING_NAMES } from "@campus-ops/service";
import { expect, test } from "vitest";
import { ROLL_OUT_ACTS } from "../updates/api.ts";
import { WORK_ORDER_ACTIONS } from "../work-orders/core/life-cycle.ts";
import { ACTIONS, actionText, codesMeant } from "./core/actions.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** Whoever writes into the trail: the API, the command line, enrolment, updates. */
const WRITERS = ["dashboards/**/*.ts", "deploy/{cli,pki,updates,backup}/**/*.ts", "rules/node-red/**/*.ts"];

test("every action that is written down has a name in both languages", () => {
  const files = WRITERS.flatMap((pattern) =>
    globSync(pattern, {
      cwd: ROOT,
      exclude: ["**/*.test.ts", "**/testing/**", "**/node_modules/**", "**/console/**"],
    }),
  );
  const literals = files.flatMap((file) => [
    ...readFileSync(resolve(ROOT, file), "utf8").matchAll(/\baction: "([a-z-]+(?:\.[a-z-]+)+)"/g),
  ]);
  const written = [
    ...literals.map(([, code]) => code ?? ""),
    ...SETTING_NAMES.map((name) => `setting.${name}`),
    ...WORK_ORDER_ACTIONS.map((name) => `work-order.${name}`),
    ...ROLL_OUT_ACTS.map((name) => `update.${name}`),
  ];
  expect(literals.length).toBeGreaterThan(40);
  expect([...new Set(written)].filter((code) => !Object.hasOwn(ACTIONS, code))).toEqual([]);
  for (const { en, zh } of Object.values(ACTIONS)) {
    expect(zh).toMatch(/\p{Script=Han}/u);
    expect(en).toMatch(/^[A-Z]/);
  }
});

test("an action is looked for by its words in either language, by its code, or by its subject", () => {
  expect(codesMeant("确认报警")).toEqual(["alarm.acknowledge"]);
  expect(codesMeant("Work Order")).toContain("work-order.verify");
  expect(codesMeant(" 平面图 ")).toEqual(["plan.add", "plan.pins", "plan.remove"]);
  expect(codesMeant("alarm.shelve")).toEqual(["alarm.shelve"]);
  expect(codesMeant("alarm")).toEqual(["alarm"]);
  expect(codesMeant("al")).toEqual(["al"]);
});

test("an action that has no name, nor a name like one of an object, is shown by its code", () => {
  expect(actionText("sign-in").zh).toBe("登录");
  expect(actionText("of.tomorrow")).toEqual({ zh: "of.tomorrow", en: "of.tomorrow" });
  expect(actionText("constructor").en).toBe("constructor");
});
