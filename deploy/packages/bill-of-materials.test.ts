import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { billOfMaterials, importedFrom, packageOf } from "./bill-of-materials.ts";
import { bundle } from "./bundle.ts";
import { manifestOf } from "./modules.ts";

const root = resolve(import.meta.dirname, "../..");

interface Bill {
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly licenses?: readonly { readonly expression: string }[];
    readonly hashes?: readonly { readonly content: string }[];
  }[];
}
const billOf = (packages: Iterable<string>): Bill =>
  JSON.parse(billOfMaterials({ root, name: "x", version: "1", packages, node: "24.0.0" })) as Bill;

let folder: string;
beforeEach(() => {
  // Below the repository, whose packages the program finds.
  mkdirSync(join(root, "dist"), { recursive: true });
  folder = mkdtempSync(join(root, "dist/bill-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("names what is in a bundle, with the versions that are installed, and nothing that was left out of it", async () => {
  writeFileSync(
    join(folder, "main.ts"),
    `import { Ajv } from "ajv"; import fastify from "fastify";
     export const validate = new Ajv().compile({});`,
  );
  const to = mkdtempSync(join(tmpdir(), "bill-"));
  try {
    const packages = await bundle({ from: folder, programs: ["main.ts"], external: [], to });
    const { components } = billOf(packages);
    const names = components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["ajv", "json-schema-traverse", "node"]));
    expect(names).toHaveLength(packages.size + 1);
    for (const place of packages) {
      const { version } = manifestOf(place);
      const name = place.slice(place.lastIndexOf("/node_modules/") + "/node_modules/".length);
      expect(components).toContainEqual(
        expect.objectContaining({ name, version, licenses: [{ expression: expect.any(String) }] }),
      );
    }
    // The program does not use it: whether the bundler has taken it all the same, the program's text says.
    const text = readFileSync(join(to, "main.js"), "utf8");
    expect(names.includes("fastify")).toBe(text.includes("FST_ERR_"));
  } finally {
    rmSync(to, { recursive: true });
  }
});

test("of the console's sources it takes what they import, with what that depends on, types left out", () => {
  const packages = importedFrom(root, "dashboards/console");
  expect(packages).toContain("node_modules/react-dom");
  // Nobody imports it but react-dom.
  expect(packages).toContain("node_modules/scheduler");
  // Types, what is ours, and what builds it are no part of it.
  expect([...packages].filter((each) => /@types|campus-ops|vite|rolldown/.test(each))).toEqual([]);
  const scoped = billOf(["node_modules/@tanstack/react-query"]).components[1];
  expect(scoped?.purl).toMatch(/^pkg:npm\/%40tanstack\/react-query@5\./);
  expect(scoped?.hashes?.[0]?.content).toMatch(/^[0-9a-f]{128}$/);
});

test("a package that no lock file knows is not delivered", () => {
  expect(() => billOf(["node_modules/left-pad-of-nobody"])).toThrow("not in package-lock.json");
});

test.each([
  ["/r/node_modules/a/lib/b.js", "/r/node_modules/a"],
  ["/r/node_modules/a/node_modules/@s/b/c.js", "/r/node_modules/a/node_modules/@s/b"],
  ["/r/rules/core/engine.ts", undefined],
])("the module %s is of the package %s", (module, folderOfIt) => {
  expect(packageOf(module)).toBe(folderOfIt);
});
