import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ModbusProfile } from "@campus-ops/device-profiles/profiles/modbus-profile";
import { formatProblem, InvalidDocumentError } from "@campus-ops/service";
import { afterEach, describe, expect, test } from "vitest";
import { loadConfiguration } from "./configuration.ts";
import { changesBetween } from "./configuration-changes.ts";
import { loadProfiles, type ProfileSet } from "./profile-folder.ts";
import { ObservedSession, startDevice } from "./testing/observed-session.ts";
import { temporaryFolder } from "./testing/test-agent.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text);
  return folder.path;
}

const load = (files: Readonly<Record<string, string>>): ProfileSet => loadProfiles(folderWith(files));

/** `file:line: field: message` of everything that is wrong, without the folder. */
function problems(files: Readonly<Record<string, string>>, language: "zh" | "en" = "en"): readonly string[] {
  const folder = folderWith(files);
  try {
    loadProfiles(folder);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidDocumentError)) throw error;
    return error.problems.map((each) => formatProblem(each, language).replace(`${folder}/`, ""));
  }
}

const SENSOR = `id: environment-sensor/our-transmitter
protocol: modbus
vendor: 某厂
model: TH-1
title: { zh: 温湿度变送器, en: Temperature and humidity transmitter }
sources: ["TH-1 manual, page 7"]
poll: 5s
points:
  Environment/Temperature: { input: 1, type: int16, divisor: 10, sentinels: [32767] }
  Environment/Humidity: { input: 2, type: uint16, divisor: 10 }
  Environment/Leak: { discrete: 0 }
atRest: { Environment/Temperature: 20, Environment/Humidity: 50, Environment/Leak: false }
testcases:
  - title: a winter day
    exchanges:
      - ["04 0001 0002", "04 04 FF9C 01F4"]
      - ["02 0000 0001", "02 01 01"]
    samples: { Environment/Temperature: -10, Environment/Humidity: 50, Environment/Leak: true }
  - title: no probe
    exchanges: [["04 0001 0002", "04 04 7FFF 01F4"]]
    samples: { Environment/Temperature: { value: null, quality: { status: bad, reason: sentinel } } }
`;

describe("a user's profile", () => {
  test("is read by the same driver, and played by the same simulator, as those that ship", async () => {
    const profile = load({ "th.yaml": SENSOR }).find("environment-sensor/our-transmitter");
    expect(profile).toMatchObject({ class: "environment-sensor", proven: "vectors", pollInterval_ms: 5_000 });
    if (profile === undefined) return;
    const device = await startDevice(profile);
    closing.push(() => device.close());
    const observed = await ObservedSession.open(profile, device);
    closing.push(() => observed.close());
    device.set("Environment/Temperature", -7.5);
    await observed.look();
    expect(observed.latest.get("Environment/Temperature")).toMatchObject({
      value: -7.5,
      quality: { status: "good" },
    });
  });

  test("builds on another: it takes what it does not say, leaves out what it has not, and adds its own", () => {
    const set = load({
      "b.yaml": `id: environment-sensor/our-dry-transmitter
protocol: modbus
extends: environment-sensor/our-transmitter
without: [Environment/Leak]
model: TH-1D
points:
  Environment/Temperature: { holding: 100, type: float32, order: CDAB }
`,
      "a.yaml": SENSOR,
    });
    const profile = set.find("environment-sensor/our-dry-transmitter") as ModbusProfile;
    expect(Object.keys(profile.points)).toEqual(["Environment/Temperature", "Environment/Humidity"]);
    expect(profile.points["Environment/Temperature"]).toMatchObject({ table: "holding", pduAddress: 100 });
    expect([profile.vendor, profile.model]).toEqual(["某厂", "TH-1D"]);
    expect(profile.sources).toEqual(["TH-1 manual, page 7"]);
    expect(set.ids).toContain("projector/generic-pjlink-class-1");
  });

  test("can be a projector's inputs or a camera's topics", () => {
    const set = load({
      "p.yaml": `id: projector/our-hall
protocol: pjlink
extends: projector/generic-pjlink-class-2
inputs: { 31: stage, 32: desk }
testcases:
  - title: the desk's input
    lines: [["%2INPT ?", "%2INPT=32"]]
    samples: { Projector/Input: desk }
`,
      "c.yaml": `id: camera/our-dome
protocol: onvif
extends: camera/generic-onvif
without: [Video/Tamper]
topics: [{ topic: RuleEngine/Our/Motion, item: State, metric: Motion/Active }]
`,
    });
    expect(set.find("projector/our-hall")).toMatchObject({
      inputs: { 11: "rgb-1", 31: "stage", 32: "desk" },
    });
    const camera = set.find("camera/our-dome");
    expect(camera?.protocol === "onvif" && camera.topics.map(({ topic }) => topic)).toEqual([
      "RuleEngine/Our/Motion",
      "VideoSource/MotionAlarm",
      "RuleEngine/CellMotionDetector/Motion",
      "VideoSource/SignalLoss",
    ]);
  });
});

describe("a switch of one's own", () => {
  const UPS = `id: ups/our-ups
protocol: snmp
extends: switch/generic-if-mib
vendor: 某厂
model: UPS-3K
title: { zh: 机房电源, en: UPS of the server room }
scalars:
  System/Temperature: { oid: 1.3.6.1.4.1.99999.1.1.0, type: integer, scale: 0.1, sentinels: [-1] }
columns:
  Port/*/Oper: { oid: 1.3.6.1.4.1.99999.2.1, type: enum, values: { 1: up, 2: down } }
numbering: { ports: [1, 2] }
testcases:
  - title: warm, one port down
    varbinds:
      - { oid: 1.3.6.1.4.1.99999.1.1.0, type: integer, value: 235 }
      - { oid: 1.3.6.1.4.1.99999.2.1.2, type: integer, value: 2 }
      - { oid: 1.3.6.1.2.1.1.5.0, type: text, value: 机房 }
    samples: { System/Temperature: 23.5, Port/2/Oper: down, System/Name: 机房 }
`;

  test("says its vendor's objects by numeric OID, and takes the rest from the standard MIBs", async () => {
    const profile = load({ "u.yaml": UPS }).find("ups/our-ups");
    if (profile === undefined) throw new Error("no profile");
    const device = await startDevice(profile);
    closing.push(() => device.close());
    const observed = await ObservedSession.open(profile, device);
    closing.push(() => observed.close());
    device.set("Port/2/Oper", "down");
    await observed.look();
    expect(observed.latest.get("Port/2/Oper")).toMatchObject({ value: "down", quality: { status: "good" } });
    expect([...observed.latest.keys()]).toContain("Port/1/InOctets");
  });

  test("is told what is wrong with it", () => {
    expect(problems({ "u.yaml": UPS.replace("{ 1: up, 2: down }", "{ 1: open }") })).toEqual([
      expect.stringContaining("columns.Port/*/Oper.values.1: it cannot be open"),
    ]);
    expect(problems({ "u.yaml": UPS.replace("Port/*/Oper:", "Channel/*/Motion:") })[0]).toContain(
      "a column is named Port/*/… or PoE/*/…",
    );
    expect(problems({ "u.yaml": UPS.replace("value: 235", "value: 240") })).toEqual([
      expect.stringContaining("System/Temperature: expected 23.5, found 24"),
    ]);
  });
});

describe("what is wrong with a profile is told by file, line and field", () => {
  const broken = (from: string, to: string): Record<string, string> => ({
    "a.yaml": SENSOR.replace(from, to),
  });

  test.each([
    {
      title: "a metric nobody knows",
      files: broken("Environment/Leak: { discrete: 0 }", "Environment/Leek: { discrete: 0 }"),
      says: "a.yaml:11: points.Environment/Leek: the capability dictionary has no metric Environment/Leek",
    },
    {
      title: "a field nobody knows",
      files: broken("divisor: 10, sentinels", "factor: 10, sentinels"),
      says: "a.yaml:9: points.Environment/Temperature.factor: is not a field that belongs here",
    },
    {
      title: "a number from a coil",
      files: broken("{ input: 2, type: uint16, divisor: 10 }", "{ coil: 2 }"),
      says: "a.yaml:10: points.Environment/Humidity: Environment/Humidity is a number",
    },
    {
      title: "a value that lies in two places",
      files: broken("{ discrete: 0 }", "{ discrete: 0, coil: 0 }"),
      says: "a.yaml:11: points.Environment/Leak: must say where it lies",
    },
    {
      title: "a testcase that comes out otherwise",
      files: broken("FF9C", "0064"),
      says: "a.yaml:14: testcases.0: “a winter day”: Environment/Temperature: expected -10, found 10",
    },
    {
      title: "frames that are none",
      files: broken("04 04 FF9C 01F4", "84 02"),
      says: "a.yaml:14: testcases.0: “a winter day”: the frames make no sense: 84 02 brings no cells",
    },
    {
      title: "nothing it extends",
      files: {
        "a.yaml": "id: switch/ours\nprotocol: modbus\nextends: environment-sensor/generic-room-monitr\n",
      },
      says: "a.yaml:3: extends: there is no profile environment-sensor/generic-room-monitr (environment-sensor/generic-room-monitor",
    },
    {
      title: "another protocol's profile",
      files: { "a.yaml": "id: switch/ours\nprotocol: modbus\nextends: camera/generic-onvif\n" },
      says: "a.yaml:3: extends: camera/generic-onvif speaks onvif, not modbus",
    },
    {
      title: "a ring of extensions",
      files: {
        "a.yaml": "id: switch/a\nprotocol: modbus\nextends: switch/b\n",
        "b.yaml": "id: switch/b\nprotocol: modbus\nextends: switch/a\n",
      },
      says: "a.yaml:3: extends: extends itself, by way of others",
    },
    {
      title: "the id of a profile that ships",
      files: broken("environment-sensor/our-transmitter", "camera/generic-onvif"),
      says: "a.yaml:1: id: camera/generic-onvif is a profile that ships; choose another id",
    },
    {
      title: "an id that is taken",
      files: { "a.yaml": SENSOR, "b.yaml": SENSOR },
      says: "b.yaml:1: id: is the id of",
    },
    {
      title: "a protocol nobody speaks",
      files: { "a.yaml": "id: switch/a\nprotocol: carrier-pigeon\n" },
      says: 'a.yaml:2: protocol: must be one of "chirpstack"',
    },
  ])("$title", ({ files, says }) => {
    expect(
      problems(files).some((each) => each.startsWith(says)),
      problems(files).join("\n"),
    ).toBe(true);
  });

  test("in Chinese too", () => {
    expect(problems(broken("{ discrete: 0 }", "{ discrete: 0, coil: 0 }"), "zh")).toEqual([
      "a.yaml:11: points.Environment/Leak: 须写明在何处：input、holding、coil、discrete 之一，或 makes 与 breaks 一对",
    ]);
  });

  test("a folder that is not there", () => {
    expect(() => loadProfiles("/nonexistent/profiles")).toThrow("cannot be read (ENOENT)");
  });
});

describe("in an edge agent's configuration", () => {
  function configured() {
    const folder = folderWith({
      "edge.yaml": `campus: { id: qiyun-no1, path: 990100/990102/qiyun-no1 }
node: { id: box-1, title: { zh: 边缘盒, en: Edge box } }
broker: { url: "mqtt://127.0.0.1:1883" }
profilesFolder: profiles
devices:
  - { id: th-1, profile: environment-sensor/our-transmitter, title: { zh: 温湿度, en: TH }, at: a/1/101, url: "modbus://127.0.0.1:1502" }
  - { id: th-2, profile: environment-sensor/generic-room-monitor, title: { zh: 温湿度, en: TH }, at: a/1/102, url: "modbus://127.0.0.1:1503" }
`,
    });
    mkdirSync(join(folder, "profiles"));
    const write = (text: string): void => {
      writeFileSync(join(folder, "profiles/th.yaml.new"), text);
      renameSync(join(folder, "profiles/th.yaml.new"), join(folder, "profiles/th.yaml"));
    };
    write(SENSOR);
    return { file: join(folder, "edge.yaml"), write };
  }

  test("a changed profile changes its devices, and no others", () => {
    const { file, write } = configured();
    const before = loadConfiguration(file);
    expect(changesBetween(before, loadConfiguration(file)).changed).toEqual([]);
    write(SENSOR.replace("poll: 5s", "poll: 6s"));
    const changes = changesBetween(before, loadConfiguration(file));
    expect(changes.changed.map(({ id, pollInterval_ms }) => [id, pollInterval_ms])).toEqual([
      ["th-1", 6_000],
    ]);
    expect(changes.needRestart).toEqual([]);
  });

  test("an invalid profile refuses the configuration as a whole", () => {
    const { file, write } = configured();
    write(SENSOR.replace("int16", "int17"));
    expect(() => loadConfiguration(file)).toThrow(
      'points.Environment/Temperature.type: must be one of "uint16"',
    );
  });
});
