import { InvalidDocumentError, OperatorError } from "@campus-ops/service";
import { expect, test } from "vitest";
import { languageOfErrors } from "./language.ts";
import { toldIn } from "./operator-errors.ts";

test.each([
  [[], { LANG: "zh_CN.UTF-8" }, "zh"],
  [[], { LANG: "zh_CN.UTF-8", LC_ALL: "en_GB.UTF-8" }, "en"],
  [[], { LANG: "C.UTF-8" }, "en"],
  [[], {}, "en"],
  [["--lang", "zh"], { LANG: "en_GB.UTF-8" }, "zh"],
  [["--lang"], { LANG: "zh_CN.UTF-8" }, "en"],
] as const)(
  "an error of a command given %j in the locale %j is told in %s",
  (args, environment, language) => {
    expect(languageOfErrors(args, environment)).toBe(language);
  },
);

test("what is wrong in a configuration, and what an operator has to know, is told in Chinese where there is Chinese", () => {
  const problem = {
    file: "hub.yaml",
    line: 4,
    field: "edges.0",
    message: "there is no such file",
    zh: "没有这个文件",
  };
  const wrong = new InvalidDocumentError([problem]);
  expect([toldIn("zh", wrong), toldIn("en", wrong)]).toEqual([
    "hub.yaml:4: edges.0: 没有这个文件",
    "hub.yaml:4: edges.0: there is no such file",
  ]);
  expect(toldIn("zh", new OperatorError("it is full", { zh: "已满" }))).toBe("已满");
  expect(toldIn("zh", new OperatorError("it is full"))).toBe("it is full");
});
