import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkDocument, formatProblem, InvalidDocumentError, loadDocument } from "./document.ts";

const SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["devices"],
  properties: {
    devices: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["id", "poll"],
        properties: { id: { type: "string", pattern: "^[a-z]+$" }, poll: { type: "integer" } },
      },
    },
    mode: { type: "string", enum: ["plain", "acknowledged"], default: "acknowledged" },
    target: {
      anyOf: [
        { type: "string" },
        { type: "object", required: ["url"], properties: { url: { type: "string" } } },
      ],
    },
  },
} as const;

function problems(text: string): readonly string[] {
  try {
    checkDocument("a.yaml", text, SCHEMA);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidDocumentError)) throw error;
    return error.problems.map((problem) => formatProblem(problem));
  }
}

describe("a checked document", () => {
  test("comes back with its defaults", () => {
    const { value } = checkDocument("a.yaml", "devices: [{id: a, poll: 1}]", SCHEMA);
    expect(value).toEqual({ devices: [{ id: "a", poll: 1 }], mode: "acknowledged" });
  });

  test("is refused with every problem it has, each with line and field", () => {
    const found = problems("mode: fast\ndevices:\n  - id: A1\n    poll: soon\n  - id: b\n    polls: 3\n");
    expect(found.toSorted()).toEqual([
      'a.yaml:1: mode: must be one of "plain", "acknowledged"',
      "a.yaml:3: devices.0.id: must look like ^[a-z]+$",
      "a.yaml:4: devices.0.poll: must be integer",
      'a.yaml:5: devices.1: lacks the field "poll"',
      "a.yaml:6: devices.1.polls: is not a field that belongs here; check its spelling",
    ]);
  });

  test("explains itself in Chinese as well", () => {
    try {
      checkDocument("a.yaml", "devices:\n  - poll: soon\n", SCHEMA);
      expect.unreachable("it was accepted");
    } catch (error) {
      const { problems: found } = error as InvalidDocumentError;
      expect(found.map((problem) => formatProblem(problem, "zh")).toSorted()).toEqual([
        "a.yaml:2: devices.0.poll: 类型须为 integer",
        'a.yaml:2: devices.0: 缺少字段 "id"',
      ]);
    }
  });

  test.each([
    { title: "a bracket that is never closed", text: "devices: [\n", says: /^a\.yaml:\d+: / },
    { title: "two keys of one name", text: "devices: []\ndevices: []\n", says: /^a\.yaml:2: .*unique/ },
    { title: "nothing at all", text: "", says: /must be object/ },
    { title: "a list where fields belong", text: "- a\n", says: /must be object/ },
  ])("is refused when it is $title", ({ text, says }) => {
    expect(problems(text).join("\n")).toMatch(says);
  });

  test("is refused unread when it is larger than any configuration", () => {
    const text = `devices: []\n${"#".repeat(4 * 1024 * 1024)}`;
    expect(problems(text)[0]).toMatch(/^a\.yaml: is larger than/);
  });

  test("does not unfold a bomb of aliases", () => {
    const lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (const [name, of] of [
      ["b", "a"],
      ["c", "b"],
      ["d", "c"],
      ["e", "d"],
    ] as const) {
      lines.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${of}`).join(", ")}]`);
    }
    expect(() => checkDocument("a.yaml", lines.join("\n"), SCHEMA)).toThrow(InvalidDocumentError);
  });

  test("tells the line of a field that is wrong for a reason the schema does not know", () => {
    const { locate } = checkDocument("a.yaml", "devices:\n  - id: a\n    poll: 1\n", SCHEMA);
    expect(formatProblem(locate("devices.0.poll", "is too fast", "太快"))).toBe(
      "a.yaml:3: devices.0.poll: is too fast",
    );
    expect(formatProblem(locate("devices.7", "is not there", "不存在"))).toBe(
      "a.yaml:2: devices.7: is not there",
    );
  });
});

test("what is wrong is told in Chinese too: the field, the bound, the syntax", () => {
  const inChinese = (text: string, schema: object): string => {
    try {
      checkDocument("a.yaml", text, schema);
      return "";
    } catch (error) {
      if (!(error instanceof InvalidDocumentError)) throw error;
      return error.problems.map((problem) => formatProblem(problem, "zh")).join("\n");
    }
  };
  const bounded = { type: "object", properties: { days: { type: "integer", minimum: 2 } } };
  expect(inChinese("days: 1\n", bounded)).toBe("a.yaml:1: days: 不能小于 2");
  expect(inChinese("days: 3\n\tmore: 1\n", bounded)).toContain("缩进不能用制表符");
  expect(inChinese("days: 3\ndays: 4\n", bounded)).toContain("字段重复");
});

describe("a document on disk", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "campus-ops-document-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("that is missing is named", () => {
    const file = join(folder, "hub.yaml");
    expect(() => loadDocument(file, SCHEMA)).toThrow(`${file}: there is no such file`);
  });

  test("that is a folder cannot be read", () => {
    expect(() => loadDocument(folder, SCHEMA)).toThrow(`${folder}: cannot be read (EISDIR)`);
  });

  test("is read", () => {
    const file = join(folder, "hub.yaml");
    writeFileSync(file, "devices: []\n");
    expect(loadDocument(file, SCHEMA).value).toEqual({ devices: [], mode: "acknowledged" });
  });
});
