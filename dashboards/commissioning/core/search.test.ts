import type { EventView } from "@campus-ops/ingest/api";
import { describe, expect, test } from "vitest";
import { deviceIdOf, lastSearch } from "./search.ts";

const BOX = "first/box";

function told(event: string, at: number, fields: EventView["fields"], asset = BOX): EventView {
  return { asset, event, id: `${event} ${at} ${fields.url}`, eventTime: at, receivedAt: at, fields };
}
const progress = (search: string, state: string, at: number, asked: number, asset = BOX) =>
  told("Discovery/Progress", at, { search, state, asked, of: 10, found: 1, detail: "" }, asset);
const found = (search: string, url: string, more: EventView["fields"] = {}) =>
  told("Discovery/Found", 5, {
    search,
    url,
    protocol: "modbus",
    address: "127.0.0.5",
    facts: '{"vendor":"ACME","nested":{"a":1}}',
    matches: '[{"profile":"meter/x","confidence":0.9,"why":{"zh":"甲","en":"a"}},{"profile":3}]',
    device: "",
    ...more,
  });

test("the newest search of this box is shown, with what it found once each", () => {
  const view = lastSearch(
    BOX,
    [
      progress("s1", "done", 3, 10),
      progress("s2", "running", 4, 0),
      progress("s2", "running", 9, 4),
      progress("s2", "done", 9, 10),
      progress("s9", "done", 99, 10, "second/box"),
    ],
    [found("s1", "modbus://127.0.0.4"), found("s2", "modbus://127.0.0.5"), found("s2", "modbus://127.0.0.5")],
    () => false,
  );
  expect(view).toEqual({
    id: "s2",
    state: "done",
    startedAt: 4,
    asked: 10,
    of: 10,
    detail: "",
    findings: [
      {
        protocol: "modbus",
        address: "127.0.0.5",
        url: "modbus://127.0.0.5",
        facts: { vendor: "ACME" },
        matches: [{ profile: "meter/x", confidence: 0.9, why: { zh: "甲", en: "a" } }],
      },
    ],
  });
});

test("a box that has never searched has no search", () => {
  expect(lastSearch(BOX, [progress("s", "done", 1, 1, "second/box")], [], () => true)).toBeUndefined();
});

test("a finding is the device that the box named, or the one that was taken in under its usual id", () => {
  const of = (device: string, there: string) =>
    lastSearch(
      BOX,
      [progress("s", "done", 1, 1)],
      [found("s", "modbus://127.0.0.5", { device })],
      (key) => key === there,
    )?.findings[0]?.device;
  expect(of("gate-1", `${BOX}/gate-1`)).toBe(`${BOX}/gate-1`);
  expect(of("", `${BOX}/modbus-127-0-0-5`)).toBe(`${BOX}/modbus-127-0-0-5`);
  expect(of("", `${BOX}/gate-1`)).toBeUndefined();
});

test("what a box could not say in JSON is left out, and the device is still shown", () => {
  const [finding] =
    lastSearch(
      BOX,
      [progress("s", "done", 1, 1)],
      [found("s", "x", { facts: "{", matches: "null" })],
      () => false,
    )?.findings ?? [];
  expect(finding).toMatchObject({ facts: {}, matches: [] });
});

describe("the id of a device that nobody named", () => {
  test.each([
    ["modbus://10.1.0.5:502?unit=1", "modbus-10-1-0-5"],
    ["modbus://10.1.0.5:1502?unit=7", "modbus-10-1-0-5-1502-u7"],
    ["snmp://10.1.0.5:161", "snmp-10-1-0-5"],
    ["http://10.1.0.9/onvif/device_service", "onvif-10-1-0-9"],
    ["no url", ""],
  ])("%s → %s", (url, id) => {
    expect(deviceIdOf(url)).toBe(id);
  });
});
