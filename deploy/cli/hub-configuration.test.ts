import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readHubConfiguration } from "./hub-configuration.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-hub-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function hub(text: string): string {
  const file = join(folder, "hub.yaml");
  writeFileSync(file, text);
  return file;
}

test("edge agents' files are found beside the hub's own, and other sections are none of its business", () => {
  writeFileSync(join(folder, "edge.yaml"), "");
  expect(readHubConfiguration(hub("site: whatever\nedges: [edge.yaml]\n"))).toEqual({
    edges: [join(folder, "edge.yaml")],
    enrolment: false,
    https: false,
    broker: "here",
    brokerSecrets: [],
  });
  expect(readHubConfiguration(hub("site: whatever\n")).edges).toEqual([]);
  expect(readHubConfiguration(hub("broker: {listen: []}\n")).broker).toBe("told");
  expect(readHubConfiguration(hub("broker: external\n")).broker).toBe("external");
  expect(readHubConfiguration(hub("broker: {users: [{passwordFile: secrets/a}]}\n")).brokerSecrets).toEqual([
    join(folder, "secrets/a"),
  ]);
});

test("an edge agent whose file is missing is told with file, line and field", () => {
  const file = hub("site: {}\nedges:\n  - edge.yaml\n");
  expect(() => readHubConfiguration(file)).toThrow(
    `${file}:3: edges.0: there is no such file as ${join(folder, "edge.yaml")}`,
  );
});

test("a list that is none is refused", () => {
  expect(() => readHubConfiguration(hub("edges: edge.yaml\n"))).toThrow("edges: must be array");
});
