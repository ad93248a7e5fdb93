import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chosenLanguage } from "./language.ts";
import { checkProfiles } from "./profile-check.ts";

const EXAMPLE = resolve(import.meta.dirname, "../../examples/profiles/corridor-sensor.yaml");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-profiles-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("profile check", () => {
  test("says what a profile in order is, and that its testcases come out", () => {
    expect(checkProfiles([EXAMPLE], "zh")).toEqual({
      inOrder: true,
      lines: [
        `${EXAMPLE}：正确。environment-sensor/corridor-sensor（环境传感器），modbus，5 个量；2 个用例全部通过`,
      ],
    });
    expect(checkProfiles([EXAMPLE], "en").lines[0]).toContain("all of its 2 testcases come out");
  });

  test("explains a mistake by file, line and field, in the language asked for", () => {
    const file = join(folder, "a.yaml");
    writeFileSync(file, readFileSync(EXAMPLE, "utf8").replace("FFF6", "0019"));
    expect(checkProfiles([folder], "zh")).toEqual({
      inOrder: false,
      lines: [
        `${file}:51: testcases.0: “冬日走廊 · a winter day”：Environment/Temperature：应为 -1，实为 2.5`,
      ],
    });
    expect(checkProfiles([folder], "en").lines[0]).toContain("expected -1, found 2.5");
  });

  test("misses nothing: a file that is not there is said too", () => {
    const file = join(folder, "nowhere.yaml");
    expect(checkProfiles([file], "zh").lines).toEqual([`${file}: 没有这个文件`]);
    expect(() => checkProfiles([folder], "zh")).toThrow("name the profile to check");
  });
});

test("the language is the option's, else the locale's where that is English, else Chinese", () => {
  expect(chosenLanguage("en", { LANG: "zh_CN.UTF-8" })).toBe("en");
  expect(chosenLanguage(undefined, { LANG: "en_US.UTF-8" })).toBe("en");
  expect(chosenLanguage(undefined, { LC_ALL: "zh_CN.UTF-8", LANG: "en_US.UTF-8" })).toBe("zh");
  expect(chosenLanguage(undefined, { LANG: "C.UTF-8" })).toBe("zh");
  expect(() => chosenLanguage("fr", {})).toThrow("--lang is zh or en");
});
