import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { InvalidDocumentError, loadDocument } from "./document.ts";
import type { Overlay } from "./overlay.ts";
import { readSettings, SettingChangedError, SettingsDesk } from "./settings.ts";

interface Hub {
  readonly notify?: { readonly channels?: Readonly<Record<string, { readonly passwordFile?: string }>> };
  readonly rules?: { readonly grace?: string; readonly calendar?: { readonly terms: readonly string[] } };
}

const SCHEMA = {
  type: "object",
  properties: {
    notify: {
      type: "object",
      properties: {
        channels: {
          type: "object",
          required: [],
          additionalProperties: {
            type: "object",
            additionalProperties: false,
            properties: { passwordFile: { type: "string" } },
          },
        },
      },
    },
    rules: {
      type: "object",
      properties: {
        grace: { type: "string" },
        calendar: { type: "object", properties: { terms: { type: "array", items: { type: "string" } } } },
      },
    },
  },
} as const;

let folder: string;
let desk: SettingsDesk;
const load = (overlays: readonly Overlay[]): Hub =>
  loadDocument<Hub>(join(folder, "hub.yaml"), SCHEMA, overlays).value;
const inForce = (): Hub => load(readSettings(join(folder, "data")));
const files = (): readonly string[] => readdirSync(join(folder, "data", "settings", "files"));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "settings-"));
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "hub.yaml"), "notify: { channels: { mail: {} } }\nrules: { grace: 1m }\n");
  desk = new SettingsDesk({
    data: join(folder, "data"),
    config: join(folder, "hub.yaml"),
    names: ["notify", "calendar"],
    check: load,
    now: () => 1_000,
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: "notify" | "calendar", value: unknown, more: object = {}) =>
  desk.write(name, { value, version: desk.view(name).version, by: "wang", ...more });

test("a setting stands in the place of its section, says who wrote it, and without it hub.yaml counts again", () => {
  expect(desk.view("notify")).toMatchObject({ source: "hub.yaml", value: { channels: { mail: {} } } });
  expect(desk.view("calendar")).toMatchObject({ source: "hub.yaml", value: null });
  expect(write("calendar", { terms: ["2026-09-01"] })).toMatchObject({
    saved: true,
    setting: { source: "console", by: "wang", at: 1_000, value: { terms: ["2026-09-01"] } },
  });
  // What is beside it in the section above stays.
  expect(inForce().rules).toEqual({ grace: "1m", calendar: { terms: ["2026-09-01"] } });
  expect(desk.reset("calendar", desk.view("calendar").version).saved).toBe(true);
  expect(inForce().rules).toEqual({ grace: "1m" });
  expect(readFileSync(join(folder, "hub.yaml"), "utf8")).toContain("mail: {}");
});

test("what is wrong is told by field, and nothing is written", () => {
  const answer = write("notify", { channels: { mail: { pasword: 1 } } });
  expect(answer).toMatchObject({
    saved: false,
    problems: [{ field: "channels.mail.pasword", zh: expect.stringContaining("拼写") }],
    setting: { source: "hub.yaml" },
  });
  expect(readSettings(join(folder, "data"))).toEqual([]);
  expect(write("notify", { channels: {} }, { check: true })).toMatchObject({ saved: false, problems: [] });
  expect(desk.view("notify").source).toBe("hub.yaml");
});

test("a broken overlay is told of with its own file and line", () => {
  write("calendar", { terms: ["2026-09-01", "2027-02-01"] });
  const file = join(folder, "data", "settings", "calendar.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace("2027-02-01", "[7]"));
  try {
    inForce();
    expect.unreachable();
  } catch (error) {
    const [problem] = error instanceof InvalidDocumentError ? error.problems : [];
    expect(problem).toMatchObject({ file, line: 7, field: "rules.calendar.terms.1" });
  }
});

test("a secret is a file of mode 0600, which a new one replaces only when it is taken", () => {
  const value = { channels: { mail: { passwordFile: "settings:mail-password" } } };
  write("notify", value, { files: { "settings:mail-password": "one" } });
  const [first = ""] = files();
  const place = join(folder, "data", "settings", "files", first);
  expect(inForce().notify?.channels?.mail?.passwordFile).toBe(place);
  expect([readFileSync(place, "utf8"), statSync(place).mode & 0o777]).toEqual(["one", 0o600]);
  expect(JSON.stringify(desk.view("notify"))).not.toContain("one");
  const wrong = { ...value, desks: 7, channels: { ...value.channels, sms: 7 } };
  expect(write("notify", wrong, { files: { "settings:mail-password": "two" } }).saved).toBe(false);
  expect(files()).toEqual([first]);
  write("notify", value, { files: { "settings:mail-password": "three" } });
  expect(
    files().map((name) => readFileSync(join(folder, "data", "settings", "files", name), "utf8")),
  ).toEqual(["three"]);
});

test("of two who change the same, the second is told, and no name leads out of the folder", () => {
  const { version } = desk.view("notify");
  write("notify", { channels: {} });
  expect(() => desk.write("notify", { value: {}, version, by: "li" })).toThrow(SettingChangedError);
  write("notify", { channels: { mail: { passwordFile: "x" } } }, { files: { "settings:../../x": "y" } });
  expect(readdirSync(join(folder, "data"))).toEqual(["settings"]);
});
