import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "@campus-ops/edge-agent/configuration";
import { isConfigured } from "@campus-ops/edge-agent/enrolment";
import { InvalidDocumentError, OperatorError, readEnvironment } from "@campus-ops/service";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { prepareParent } from "./parent.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-parent-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const title = { zh: "测试", en: "Test" };
const ENVIRONMENT = () =>
  readEnvironment({ CAMPUS_OPS_DATA: join(folder, "data"), CAMPUS_OPS_RUN: join(folder, "run") });

function configured(campuses: readonly string[], parent: object | undefined) {
  const file = join(folder, "hub.yaml");
  const site = {
    city: { code: "990100", title },
    counties: [{ code: "990102", title, campuses: campuses.map((id) => ({ id, title })) }],
  };
  writeFileSync(join(folder, "secret"), "s3cret\n", { mode: 0o600 });
  writeFileSync(file, JSON.stringify({ site, ...(parent === undefined ? {} : { parent }) }));
  return prepareParent(file, ENVIRONMENT());
}

test("a hub without a parent has no agent for one", () => {
  expect(configured(["first"], undefined)).toBeUndefined();
});

test("the agent of a county's hub is named after the county, and has each campus as a device", () => {
  const made = configured(["first", "second"], {
    broker: "mqtts://city:8883",
    username: "990102-hub",
    passwordFile: "secret",
  });
  const { brokers, campus, campusPath, devices, node } = loadConfiguration(made?.file ?? "");
  expect([campus, campusPath, node]).toEqual(["990102", "990100/990102", "hub"]);
  expect(brokers).toEqual([{ url: "mqtts://city:8883", username: "990102-hub", password: "s3cret" }]);
  expect(devices.map(({ path, target }) => [path, target.url.searchParams.get("campus")])).toEqual([
    ["990100/990102/first", "first"],
    ["990100/990102/second", "second"],
  ]);
});

test("a campus that was added in the console is told without a start, and what has not changed is left alone", () => {
  const made = configured(["first", "second"], { broker: "mqtts://city:8883" });
  const file = made?.file ?? "";
  const { ino } = statSync(file);
  prepareParent(join(folder, "hub.yaml"), ENVIRONMENT());
  expect(statSync(file).ino).toBe(ino);
  const campuses = ["first", "second", "third"].map((id) => ({ id, title }));
  const site = { city: { code: "990100", title }, counties: [{ code: "990102", title, campuses }] };
  mkdirSync(join(folder, "data", "settings"), { recursive: true });
  writeFileSync(join(folder, "data", "settings", "site.yaml"), JSON.stringify({ by: "chief", value: site }));
  prepareParent(join(folder, "hub.yaml"), ENVIRONMENT());
  expect(loadConfiguration(file).devices.map(({ id }) => id)).toEqual(["first", "second", "third"]);
});

test("the agent of a campus's hub is named after the campus", () => {
  const made = configured(["first"], { broker: "mqtt://county:1883" });
  const { campus, campusPath, devices } = loadConfiguration(made?.file ?? "");
  expect([campus, campusPath, devices.map(({ id }) => id)]).toEqual([
    "first",
    "990100/990102/first",
    ["first"],
  ]);
});

test("with a seed the agent enrols itself, and what enrolment has written stays", () => {
  const parent = join(folder, "data", "parent");
  mkdirSync(parent, { recursive: true });
  const enrolled = {
    campus: { id: "first", path: "990100/990102/first" },
    broker: { url: "mqtts://county:8883" },
  };
  writeFileSync(join(parent, "parent.yaml"), JSON.stringify({ ...enrolled, devices: [] }));
  const made = configured(["first"], { seed: "edge.conf" });
  expect(made?.seed).toBe(join(folder, "edge.conf"));
  const document = parse(readFileSync(made?.file ?? "", "utf8"));
  expect(document).toMatchObject(enrolled);
  expect(document.devices).toHaveLength(1);
  expect(isConfigured(made?.file ?? "")).toBe(true);
});

test("until it is enrolled, the file is there for enrolment to complete and not to go on with", () => {
  const made = configured(["first"], { seed: "edge.conf" });
  expect(parse(readFileSync(made?.file ?? "", "utf8")).devices).toHaveLength(1);
  expect(isConfigured(made?.file ?? "")).toBe(false);
});

test("a parent that says neither where its broker is nor has a seed, or both, is refused with what to do", () => {
  expect(() => configured(["first"], {})).toThrow(OperatorError);
  expect(() => configured(["first"], { broker: "mqtt://county", seed: "edge.conf" })).toThrow(
    /either a broker or a seed/,
  );
  expect(() => configured(["first"], { broker: "http://county" })).toThrow(InvalidDocumentError);
});
