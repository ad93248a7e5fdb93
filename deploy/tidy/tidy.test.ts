/** The architecture's guard. Each rule is first shown to catch what it is for, and then asked about the real tree. */
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { importCycles, importDirection, undeclaredImports } from "./import-rules.ts";
import { importsOf, type Project, readProject, type Violation } from "./project.ts";
import {
  FILE_LINES_MAX,
  filesTooLong,
  impatientWaits,
  impureCode,
  machinesOwn,
  missingExports,
  silencedTypes,
  skippedTests,
} from "./text-rules.ts";

type Rule = (project: Project) => readonly Violation[];

const PACKAGES = {
  "package.json": JSON.stringify({ name: "campus-ops", devDependencies: { vitest: "1" } }),
  "device-profiles/package.json": JSON.stringify({
    name: "@campus-ops/device-profiles",
    exports: { "./vocabulary": "./vocabulary/index.ts", "./codecs/*": "./codecs/*.ts" },
  }),
  "ingest/package.json": JSON.stringify({
    name: "@campus-ops/ingest",
    exports: { "./api": "./api.ts" },
    dependencies: { "@campus-ops/device-profiles": "1" },
  }),
  "rules/package.json": JSON.stringify({
    name: "@campus-ops/rules",
    dependencies: { "@campus-ops/ingest": "1" },
  }),
  "dashboards/package.json": JSON.stringify({ name: "d", dependencies: { "@campus-ops/ingest": "1" } }),
  "device-profiles/vocabulary/index.ts": "export const one = 1;\n",
  "device-profiles/codecs/text.ts": "export const two = 2;\n",
  "ingest/api.ts": "export interface View {}\n",
} as const;

/** A small house with one thing in it. */
const house = (planted: Readonly<Record<string, string>>): Project => ({
  files: new Map(Object.entries({ ...PACKAGES, ...planted })),
});

// Written in two parts, so that this file does not break the rule it tests.
const CAST = ["as", "any"].join(" ");
const IGNORE = ["@ts", "ignore"].join("-");
const SKIP = ["test", "skip"].join(".");
const WAIT = ["vi", "waitFor"].join(".");
const HOME = ["", "home", "somebody", "data"].join("/");

const RULES: readonly {
  readonly title: string;
  readonly rule: Rule;
  readonly caught: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly allowed: Readonly<Record<string, Readonly<Record<string, string>>>>;
}[] = [
  {
    title: "imports go downward only",
    rule: importDirection,
    caught: {
      "rules importing ingest": { "rules/main.ts": 'import { serve } from "../ingest/main.ts";\n' },
      "a value from a file of types": {
        "dashboards/main.ts": 'import { x } from "@campus-ops/ingest/api";\n',
      },
      "a core importing its adapter": { "ingest/core/host.ts": 'import { open } from "../store/open.ts";\n' },
      "a core importing Node": { "rules/core/rule.ts": 'import { readFileSync } from "node:fs";\n' },
      "the vocabulary importing a codec": {
        "device-profiles/vocabulary/x.ts": 'export * from "../codecs/text.ts";\n',
      },
      "a file by dynamic import": { "rules/main.ts": 'const x = await import("../ingest/main.ts");\n' },
      "a folder of nobody's": { "utils/x.ts": "export const x = 1;\n" },
    },
    allowed: {
      "types of what a side serves": {
        "dashboards/main.ts": 'import type { View } from "@campus-ops/ingest/api";\n',
      },
      "types named one by one": {
        "dashboards/main.ts": 'import { type View } from "@campus-ops/ingest/api";\n',
      },
      "an adapter importing its core": { "ingest/main.ts": 'import { host } from "./core/host.ts";\n' },
      "the ground floor": {
        "ingest/core/x.ts": 'import { one } from "@campus-ops/device-profiles/vocabulary";\n',
      },
      "a test reading a fixture": { "ingest/core/x.test.ts": 'import { readFileSync } from "node:fs";\n' },
      "a core's test using what the workspace's tests share": {
        "ingest/core/x.test.ts": 'import { site } from "../testing/site.ts";\n',
      },
      "what a comment says": { "rules/main.ts": '// import { serve } from "../ingest/main.ts";\n' },
    },
  },
  {
    title: "no file imports itself in a ring",
    rule: importCycles,
    caught: {
      "three files": {
        "rules/a.ts": 'import { b } from "./b.ts";\n',
        "rules/b.ts": 'import { c } from "./c.ts";\n',
        "rules/c.ts": 'export { a } from "./a.ts";\n',
      },
    },
    allowed: {
      "types alone": {
        "rules/a.ts": 'import { b } from "./b.ts";\n',
        "rules/b.ts": 'import type { A } from "./a.ts";\n',
      },
    },
  },
  {
    title: "every package that is imported is declared where it is imported",
    rule: undeclaredImports,
    caught: {
      "a package that others brought": { "rules/x.ts": 'import fastify from "fastify";\n' },
      "a workspace that others declared": {
        "rules/x.ts": 'import type { A } from "@campus-ops/device-profiles/vocabulary";\n',
      },
      "a tool of the house, in what is shipped": { "rules/x.ts": 'import { test } from "vitest";\n' },
    },
    allowed: {
      "a tool of the house, in a test": { "rules/x.test.ts": 'import { test } from "vitest";\n' },
      "what is declared": { "ingest/x.ts": 'import "@campus-ops/device-profiles/vocabulary";\n' },
    },
  },
  {
    title: `no file is longer than ${FILE_LINES_MAX} lines`,
    rule: filesTooLong,
    caught: { "one line more": { "rules/x.ts": "\n".repeat(FILE_LINES_MAX + 1) } },
    allowed: { "as long as may be": { "rules/x.ts": "\n".repeat(FILE_LINES_MAX) } },
  },
  {
    title: "pure folders have no clock, no timer and no chance of their own",
    rule: impureCode,
    caught: {
      "a clock": { "rules/core/x.ts": "const now = Date.now();\n" },
      "a date of now": { "broker/sparkplug/x.ts": "const now = new Date();\n" },
      "a timer": { "ingest/core/x.ts": "setTimeout(run, 5);\n" },
      "the environment": { "edge-agent/core/x.ts": "const port = process.env.PORT;\n" },
    },
    allowed: {
      "a date of a given time": { "rules/core/x.ts": "const date = new Date(time);\n" },
      "an adapter": { "rules/main.ts": "const now = Date.now();\n" },
      "a word in a comment": { "rules/core/x.ts": "// never Date.now()\n" },
    },
  },
  {
    title: "no test is left out",
    rule: skippedTests,
    caught: { "one skipped": { "rules/x.test.ts": `${SKIP}("x", () => {});\n` } },
    allowed: { "one run": { "rules/x.test.ts": 'test("x", () => {});\n' } },
  },
  {
    title: "tests wait as long as a busy machine takes",
    rule: impatientWaits,
    caught: { "a second": { "rules/x.test.ts": `await ${WAIT}(() => {});\n` } },
    allowed: { "long enough": { "rules/x.test.ts": "await soon(() => {});\n" } },
  },
  {
    title: "types are not given up on",
    rule: silencedTypes,
    caught: {
      "a cast": { "rules/x.ts": `const x = y ${CAST};\n` },
      "a silenced line": { "rules/x.ts": `// ${IGNORE}\n` },
    },
    allowed: { "a word": { "rules/x.ts": "// as anybody would\n" } },
  },
  {
    title: "nothing tracked belongs to one machine",
    rule: machinesOwn,
    caught: {
      "somebody's home": { "docs/x.md": `see ${HOME}\n` },
      "where a package came from": { "package-lock.json": '"resolved": "http://127.0.0.1:4873/x.tgz"\n' },
    },
    allowed: {
      "a workspace": { "package-lock.json": '"resolved": "broker"\n' },
      "a path in a URL": { "docs/x.md": "https://example.org/work/item and ./home/x\n" },
    },
  },
  {
    title: "what a package exports is there",
    rule: missingExports,
    caught: {
      "a file": { "rules/package.json": JSON.stringify({ name: "r", exports: { "./api": "./gone.ts" } }) },
      "a folder": {
        "rules/package.json": JSON.stringify({ name: "r", exports: { "./x/*": "./gone/*.ts" } }),
      },
    },
    allowed: { "as it is": {} },
  },
];

test("imports are found however they are written", () => {
  const text = [
    'import a from "a";',
    'import type { B } from "b";',
    'import { type C, c } from "c";',
    'import {\n  type D,\n  type E,\n} from "d";',
    'import "e";',
    'export * from "f";',
    ["const g = await import", '("g");'].join(""),
    '/* import "h"; */ const text = "not // a comment"; import "i";',
  ].join("\n");
  expect(
    importsOf(text).map(({ specifier, typeOnly }) => (typeOnly ? `type ${specifier}` : specifier)),
  ).toEqual(["a", "type b", "c", "type d", "e", "f", "g"]);
});

describe.each(RULES)("$title", ({ rule, caught, allowed }) => {
  test.each(Object.keys(caught))("catches %s", (name) => {
    expect(rule(house(caught[name] ?? {}))).not.toEqual([]);
  });

  test.each(Object.keys(allowed))("lets %s be", (name) => {
    expect(rule(house(allowed[name] ?? {}))).toEqual([]);
  });

  test("holds in this repository", () => {
    expect(rule(repository).map(({ file, says }) => `${file} ${says}`)).toEqual([]);
  });
});

const repository = readProject(resolve(import.meta.dirname, "../.."));
