import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings } from "@campus-ops/service";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkConfiguration } from "./check-config.ts";

const HUB = `site:
  city: { code: "990100", title: { zh: 示范市, en: City } }
  counties:
    - code: "990102"
      title: { zh: 东县, en: East }
      campuses: [{ id: first, title: { zh: 第一中学, en: First } }]
`;

let folder: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "check-config-"));
  config = join(folder, "hub.yaml");
  mkdirSync(join(folder, "data", "settings"), { recursive: true });
  writeFileSync(config, HUB);
});
afterEach(() => rmSync(folder, { recursive: true }));

const settings = () => readSettings(join(folder, "data"));
const setting = (name: string, value: string): string => {
  const file = join(folder, "data", "settings", `${name}.yaml`);
  writeFileSync(file, `by: wang\nat: "2026-11-22T00:00:00Z"\nvalue:\n  ${value}\n`);
  return file;
};

test("what was changed in the console is looked at with hub.yaml, and named where it is in order", () => {
  const file = setting("retention", "{ pointDays: 60 }");
  expect(checkConfiguration(config, settings())).toBe(`${config}: in order\n${file}: in order`);
});

test.each([
  ["retention", "{ pointDays: never }", /retention\.yaml:4.*ingest\.retention\.pointDays/],
  ["notify", "{ desks: 7 }", /notify\.yaml:4.*notify\.desks/],
  ["backup", "{ to: [], recipients: [] }", /backup\.yaml:4.*backup\.to/],
] as const)("a mistake in %s is told with its own file, line and field", (name, value, message) => {
  setting(name, value);
  expect(() => checkConfiguration(config, settings())).toThrow(message);
  // What all processes read is told once, in Chinese as well.
  expect(() => checkConfiguration(config, settings())).toThrow(
    expect.objectContaining({ zh: expect.stringMatching(new RegExp(`${message.source}[^\\n]*[一-龥]`)) }),
  );
  // Without what the console changed, hub.yaml is in order.
  expect(checkConfiguration(config)).toContain("in order");
});
