import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "@campus-ops/edge-agent/configuration";
import { readSeed } from "@campus-ops/edge-agent/core/seed";
import { readEnvironment } from "@campus-ops/service";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { boxPlan, requireEnrolment } from "../pki/edge-configuration.ts";
import { type EnrolOptions, runEnrol } from "./enrol.ts";
import { readHubConfiguration } from "./hub-configuration.ts";
import { type InitOptions, runInit } from "./init.ts";
import { beginClearing, moveAside } from "./set-up/clearing.ts";

const top = mkdtempSync(join(tmpdir(), "campus-ops-init-"));
const folder = join(top, "hub");
const config = join(folder, "hub.yaml");
const environment = readEnvironment({ CAMPUS_OPS_DATA: join(top, "data"), CAMPUS_OPS_MQTT_PORT: "1999" });

const told: InitOptions = {
  folder,
  city: "990100:临澜市/Linlan",
  county: "990102:启云区",
  campus: ["qiyun-no1:启云一中/Qiyun No. 1"],
  name: ["10.0.0.5", "hub.example"],
  administrator: "admin",
  generate: true,
  mqttsPort: 8883,
  service: undefined,
  enrolmentPort: 8884,
};
const context = { environment, language: "en", ask: undefined, readPassword: async () => "unused" } as const;

beforeAll(async () => {
  await runInit(told, context);
});
afterAll(() => rmSync(top, { recursive: true }));

const enrol = (words: string, options: Partial<EnrolOptions> = {}) =>
  runEnrol(
    words.split(" "),
    { config, replace: false, campus: "qiyun-no1", node: "box-1", ...options },
    "en",
  );

describe("init", () => {
  test("of a hub below another one names the seed that the one above made", async () => {
    const below = join(top, "below");
    await runInit({ ...told, folder: below, parent: "/media/stick/edge.conf" }, context);
    expect(parse(readFileSync(join(below, "hub.yaml"), "utf8")).parent).toEqual({
      seed: "/media/stick/edge.conf",
    });
  });

  test("of a school without a box has the hub's own machine read devices, which keeps those that it knows", async () => {
    const own = join(top, "own");
    const data = join(top, "own-data");
    const elsewhere = { ...context, environment: readEnvironment({ CAMPUS_OPS_DATA: data }) };
    const here = { ...told, folder: own, edgeRanges: "192.168.10.0/24" };
    await expect(runInit({ ...here, edgeRanges: "everywhere" }, elsewhere)).rejects.toThrow(
      "discovery.ranges",
    );
    await runInit(here, elsewhere);
    const { edges, brokerSecrets } = readHubConfiguration(join(own, "hub.yaml"));
    const [edge = ""] = edges;
    expect(brokerSecrets.map((file) => existsSync(file))).toEqual([true, true]);
    expect(loadConfiguration(edge)).toMatchObject({
      campus: "qiyun-no1",
      discovery: { ranges: "192.168.10.0/24" },
    });
    const broker = parse(readFileSync(join(own, "hub.yaml"), "utf8")).broker;
    expect(broker.users).toMatchObject([
      { role: "host" },
      { role: "edge", campus: "qiyun-no1", node: "hub-box" },
    ]);

    writeFileSync(edge, readFileSync(edge, "utf8").replace("devices: []", "devices: [{ id: air }]"));
    const again = runInit({ ...here, folder: join(top, "own-again") }, elsewhere);
    await expect(again).rejects.toThrow("knows devices");
    expect(readFileSync(edge, "utf8")).toContain("id: air");
  });

  test("of answers that cannot be leaves no account behind", async () => {
    const data = join(top, "refused-data");
    const elsewhere = { ...context, environment: readEnvironment({ CAMPUS_OPS_DATA: data }) };
    const refused = { ...told, folder: join(top, "refused"), campus: ["No 1:一中"] };
    await expect(runInit(refused, elsewhere)).rejects.toThrow("what was answered cannot be");
    expect(existsSync(join(top, "refused", "hub.yaml"))).toBe(false);
    expect(existsSync(join(data, "accounts.sqlite"))).toBe(false);
  });

  test("in a folder whose demonstration was being cleared finishes that first, and is not cleared itself", async () => {
    const data = join(top, "cleared-data");
    mkdirSync(join(data, "demo"), { recursive: true });
    beginClearing(data);
    const elsewhere = { ...context, environment: readEnvironment({ CAMPUS_OPS_DATA: data }) };
    await runInit({ ...told, folder: join(top, "cleared") }, elsewhere);
    moveAside(data);
    expect(existsSync(join(data, "demo"))).toBe(false);
    expect(existsSync(join(data, "pki", "ca.crt"))).toBe(true);
  });

  test("asks for what it was not told, and takes what it suggests for an answer", async () => {
    const asked: string[] = [];
    const answers = [
      "990100：临澜市",
      "990102:启云区",
      "no-1:一中，no-2:二中/No. 2",
      "hub.lan 10.0.0.5",
      "boss",
    ];
    const lines = await runInit(
      {
        ...told,
        folder: join(top, "asked"),
        city: undefined,
        county: undefined,
        campus: [],
        name: [],
        administrator: undefined,
      },
      {
        ...context,
        environment: readEnvironment({ CAMPUS_OPS_DATA: join(top, "asked-data") }),
        ask: async (question) => answers[asked.push(question) - 1] ?? "",
      },
    );
    expect(asked).toHaveLength(5);
    const hub = parse(readFileSync(join(top, "asked", "hub.yaml"), "utf8"));
    expect(hub.site.counties[0].campuses).toEqual([
      { id: "no-1", title: { zh: "一中", en: "一中" } },
      { id: "no-2", title: { zh: "二中", en: "No. 2" } },
    ]);
    expect(hub.enrolment).toMatchObject({
      names: ["hub.lan", "10.0.0.5", "localhost", "127.0.0.1"],
      broker: "mqtts://hub.lan:8883",
    });
    expect(lines.join("\n")).toMatch(/first password of boss: \S+/);
  });

  test("does not overwrite, and is not content with what cannot be", async () => {
    const before = readFileSync(config, "utf8");
    await expect(runInit(told, context)).rejects.toThrow("not overwritten");
    expect(readFileSync(config, "utf8")).toBe(before);
    const other = { ...told, folder: join(top, "other") };
    await expect(runInit({ ...other, city: undefined }, context)).rejects.toThrow("--city is missing");
    await expect(runInit({ ...other, county: "990102" }, context)).rejects.toThrow("reads code:title");
    await expect(runInit({ ...other, campus: ["Qiyun No 1:启云一中"] }, context)).rejects.toThrow(
      "cannot be",
    );
    expect(existsSync(join(top, "other", "hub.yaml"))).toBe(false);
    // What was made stays, and the next attempt uses it.
    await runInit(other, context);
    expect(existsSync(join(top, "other", "hub.yaml"))).toBe(true);
  });
});

describe("a token", () => {
  test("is in a seed file that a box understands, for its owner alone, and is shown nowhere", async () => {
    const stick = mkdtempSync(join(top, "stick-"));
    const lines = await enrol("token", { out: stick, title: "一号盒/Box 1" });
    const file = join(stick, "edge.conf");
    const { problems, seed } = readSeed(readFileSync(file));
    expect(problems).toEqual([]);
    expect(seed).toMatchObject({ host: "10.0.0.5", port: 8884, campus: "qiyun-no1", node: "box-1" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(lines.join().replaceAll("-", "")).not.toContain(seed?.token);
    expect(lines.join()).toContain(seed?.pin);
    await expect(enrol("token", { out: stick })).rejects.toThrow("is there already");
  });

  test.each<[string, Partial<EnrolOptions>, RegExp]>([
    ["for a campus nobody knows", { campus: "qiyun-n01" }, /no campus qiyun-n01; did you mean qiyun-no1/],
    ["for no box", { node: undefined }, /say which box/],
    ["for a box that cannot be", { node: "Box 1" }, /lower-case/],
    ["without a hub", { config: join(top, "none.yaml") }, /campus-ops init/],
  ])("%s is not made", async (_, options, message) => {
    const out = join(top, "never.conf");
    await expect(enrol("token", { out, ...options })).rejects.toThrow(message);
    expect(existsSync(out)).toBe(false);
  });
});

test("a county's hub enrols at its city's under the county's code, and has no campus of its own", async () => {
  const enrolment = requireEnrolment(config);
  const { configuration } = boxPlan(config, enrolment, { campus: "990102", node: "hub" });
  expect(configuration).toMatchObject({ campus: { id: "990102", path: "990100/990102" } });
});

describe("by a stick", () => {
  test("a request is made on the box, signed at the hub, and installed on the box, whose key never left it", async () => {
    const [stick, box] = [mkdtempSync(join(top, "stick-")), mkdtempSync(join(top, "box-"))];
    const edge = join(box, "edge.yaml");
    const node = "box-2";
    await enrol("request", { config: edge, out: stick });
    const [request = ""] = readdirSync(stick);
    expect(readFileSync(join(stick, request), "utf8")).not.toContain("PRIVATE KEY");
    const [wrote = ""] = await enrol(`sign ${join(stick, request)}`, { node, out: stick });
    const signed = join(stick, "qiyun-no1.box-2.enrolment.json");
    expect(wrote).toContain(signed);

    await expect(enrol(`install ${signed}`, { config: edge, "ca-sha256": "0".repeat(64) })).rejects.toThrow(
      "another one",
    );
    const elsewhere = join(top, "elsewhere", "edge.yaml");
    await expect(enrol(`install ${signed}`, { config: elsewhere })).rejects.toThrow("no key waits here");
    await enrol("request", { config: elsewhere, out: join(top, "elsewhere.pem") });
    await expect(enrol(`install ${signed}`, { config: elsewhere })).rejects.toThrow("not for this box's key");
    expect(existsSync(elsewhere)).toBe(false);

    await enrol(`install ${signed}`, { config: edge });
    expect(loadConfiguration(edge)).toMatchObject({ node, brokers: [{ url: "mqtts://10.0.0.5:8883" }] });
    expect((await enrol("list")).join()).toMatch(/qiyun-no1\/box-2 {2}89 days left/);
    await enrol("revoke", { node, why: "stolen" });
    expect((await enrol("list")).join()).toContain("qiyun-no1/box-2  revoked");
    expect((await enrol("audit"))[0]).toContain("revoke  qiyun-no1/box-2  done");
    await expect(enrol("approve", { node })).rejects.toThrow("no box asks");
  });
});

test("Mosquitto's files are written out of the hub's configuration, and kept up", async () => {
  const place = join(top, "mosquitto");
  mkdirSync(place);
  const hub = parse(readFileSync(config, "utf8"));
  const other = join(folder, "mosquitto.yaml");
  writeFileSync(
    other,
    stringify({ ...hub, broker: "external", enrolment: { ...hub.enrolment, mosquitto: { folder: place } } }),
  );
  await enrol("broker-files", { config: other });
  const read = (name: string): string => readFileSync(join(place, name), "utf8");
  expect(read("mosquitto.conf")).toMatch(/listener 1999 127\.0\.0\.1[\s\S]*listener 8883/);
  expect(read("passwords")).toMatch(/^ingest:\$7\$\d+\$[\w+/=]+\$[\w+/=]+\n$/);
  expect(statSync(join(place, "passwords")).mode & 0o777).toBe(0o600);
  const stick = mkdtempSync(join(top, "stick-"));
  await enrol("request", { config: join(stick, "edge.yaml"), out: join(stick, "request.pem") });
  await enrol(`sign ${join(stick, "request.pem")}`, { config: other, node: "box-3", out: stick });
  expect(read("boxes.acl")).toContain("user qiyun-no1.box-3\ntopic write spBv1.0/qiyun-no1/NBIRTH/box-3\n");
  await enrol("revoke", { config: other, node: "box-3" });
  expect(read("boxes.acl")).not.toContain("box-3");
  await expect(enrol("broker-files")).rejects.toThrow("enrolment.mosquitto says where");
});
