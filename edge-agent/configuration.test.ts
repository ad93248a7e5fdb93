import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InvalidDocumentError } from "@campus-ops/service";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { deviceProperties } from "./births.ts";
import { loadConfiguration } from "./configuration.ts";
import { cyclesOf } from "./core/configuration-checks.ts";
import { temporaryFolder } from "./testing/test-agent.ts";

const GATE = "access-gate/generic-modbus-controller";
const SWITCH = "switch/generic-poe";
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const HEAD = `campus: { id: qiyun-no1, path: 990100/990102/qiyun-no1 }
node: { id: box-1, title: { zh: 边缘盒, en: Edge box } }
broker: { url: "mqtt://127.0.0.1:1883" }
`;

const device = (id: string, more = "", profile = GATE, url = "modbus://127.0.0.1:15020?unit=1"): string =>
  `  - { id: ${id}, profile: ${profile}, title: { zh: 南门, en: South gate }, at: a/1/south-gate, url: "${url}"${more} }\n`;

function written(text: string): { file: string; folder: string } {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const file = join(folder.path, "edge.yaml");
  writeFileSync(file, text);
  return { file, folder: folder.path };
}

/** `line: field: message` of everything that is wrong. */
function problems(file: string): string[] {
  try {
    loadConfiguration(file);
  } catch (error) {
    if (!(error instanceof InvalidDocumentError)) throw error;
    return error.problems.map(({ field, line, message }) => `${line}: ${field}: ${message}`);
  }
  return [];
}

describe("the configuration", () => {
  test("is read with its defaults, secrets and places", () => {
    const text = `${HEAD}primaryHost: hub\ndevices:\n${device("gate-1", ", secretFile: gate.secret, dependsOn: switch-1, poll: 250ms, sees: [switch-1, a/3/301]")}${device("switch-1", "", SWITCH, "snmp://127.0.0.1:1161")}`;
    const { file, folder } = written(text);
    writeFileSync(join(folder, "gate.secret"), "s3cret\n", { mode: 0o600 });
    const { devices, handoff, outbox, primaryHost } = loadConfiguration(file);
    expect({ handoff, outbox, primaryHost }).toEqual({
      handoff: "acknowledged",
      outbox: { file: "outbox.sqlite", maxBytes: 1_073_741_824, maxDays: 90, keepHours: 36 },
      primaryHost: "hub",
    });
    expect(devices[0]).toMatchObject({
      path: "990100/990102/qiyun-no1/a/1/south-gate",
      target: { secret: "s3cret" },
      dependsOn: "switch-1",
      sees: ["switch-1", "990100/990102/qiyun-no1/a/3/301"],
      pollInterval_ms: 250,
    });
    const nowhere = written(`${HEAD}devices:\n${device("gate-1", ", sees: [Room 301]")}`);
    expect(problems(nowhere.file)).toEqual([expect.stringContaining("devices.0.sees.0: asset path")]);
  });

  test("takes which port of a switch serves which room, and by which MAC address a device is found", () => {
    const serving = (more: string) =>
      written(`${HEAD}devices:\n${device("switch-1", more, SWITCH, "snmp://127.0.0.1:1161")}`).file;
    const [device1] = loadConfiguration(
      serving(', mac: "02:00:00:00:00:01", serves: { "3": a/3/301, "10101": a/3/302 }'),
    ).devices;
    const told = device1 === undefined ? [] : deviceProperties(device1, 1);
    const propertyOf = (name: string) => told.find(({ metric }) => metric === `Properties/${name}`)?.value;
    expect(propertyOf("Serves")).toBe(
      "3=990100/990102/qiyun-no1/a/3/301,10101=990100/990102/qiyun-no1/a/3/302",
    );
    expect(propertyOf("Mac")).toBe("02:00:00:00:00:01");
    expect(problems(serving(', serves: { "3": a/3, "4": Room 4 }'))).toEqual([
      expect.stringContaining("devices.0.serves.3: a/3 is no room"),
      expect.stringContaining("devices.0.serves.4: asset path"),
    ]);
    expect(problems(serving(", mac: 0200.0000.0001"))).toHaveLength(1);
  });

  test("takes who records a camera, whose clips are then that recorder's", () => {
    const onvif = "http://127.0.0.1:8080/onvif/device_service";
    const nvr = device("nvr", ", username: admin, secretFile: nvr.secret", "recorder/generic-onvif", onvif);
    const camera = (more: string) =>
      device("camera-1", `, recordedBy: ${more}`, "camera/generic-rtsp", "rtsp://127.0.0.1/1");
    const { file, folder } = written(`${HEAD}devices:\n${camera("{ device: nvr, channel: 3 }")}${nvr}`);
    writeFileSync(join(folder, "nvr.secret"), "s3cret\n", { mode: 0o600 });
    const [recorded] = loadConfiguration(file).devices;
    expect(recorded?.recordedBy).toEqual({
      device: "nvr",
      channel: 3,
      target: { url: new URL(onvif), username: "admin", secret: "s3cret" },
    });
    const told = recorded === undefined ? [] : deviceProperties(recorded, 1);
    expect(told.find(({ metric }) => metric === "Properties/Clips")?.value).toBe("-5…+10 s");
    const wrong = `${camera("{ device: nvr-1 }")}${device("gate-1", ", recordedBy: { device: nvr }")}${device("nvr", ", recordedBy: { device: gate-1 }", "camera/generic-rtsp", "rtsp://127.0.0.1/2")}`;
    expect(problems(written(`${HEAD}devices:\n${wrong}`).file)).toEqual([
      "5: devices.0.recordedBy.device: there is no device nvr-1 in this file; did you mean nvr?",
      `6: devices.1.recordedBy: is of cameras alone, and ${GATE} is none`,
      `7: devices.2.recordedBy.device: gate-1 cannot play what it recorded: its profile ${GATE} is none of ONVIF Profile G`,
    ]);
  });

  test("takes several brokers in their order, and wants either one or several", () => {
    const several = HEAD.replace(
      'url: "mqtt://127.0.0.1:1883"',
      'urls: ["mqtt://127.0.0.1:1883", "mqtts://127.0.0.2:8883"], username: box-1',
    );
    const { file } = written(`${several}devices: []\n`);
    expect(loadConfiguration(file).brokers).toEqual([
      { url: "mqtt://127.0.0.1:1883", username: "box-1" },
      { url: "mqtts://127.0.0.2:8883", username: "box-1" },
    ]);
    const both = written(`${several.replace("{ urls", '{ url: "mqtt://127.0.0.1", urls')}devices: []\n`);
    expect(problems(both.file)).toEqual([
      "3: broker.urls: stands beside broker.url; one of the two says where the servers are",
    ]);
    const none = written(`${HEAD.replace('url: "mqtt://127.0.0.1:1883"', "username: box-1")}devices: []\n`);
    expect(problems(none.file)).toEqual([
      "3: broker: must have a url, or urls when there are several servers",
    ]);
  });

  test("names the line of an unknown profile and what may have been meant", () => {
    const { file } = written(
      `${HEAD}devices:\n${device("gate-1")}${device("gate-2", "", "access-gate/generic-modbus-controler")}`,
    );
    expect(problems(file)).toEqual([
      `6: devices.1.profile: there is no profile access-gate/generic-modbus-controler; did you mean ${GATE}?`,
    ]);
  });

  test("tells everything that is wrong at once", () => {
    const { file } = written(
      `${HEAD}devices:\n${device("gate-1", ", dependsOn: gate-2")}${device("gate-2", ", dependsOn: gate-1")}${device("gate-2", ", dependsOn: gate-9")}${device("gate-4", "", GATE, "snmp://127.0.0.1")}${device("gate-5", ", secretFile: nowhere")}`,
    );
    const found = problems(file);
    expect(found).toContainEqual("7: devices.2.id: gate-2 is the id of devices.1 already");
    expect(found).toContainEqual(
      expect.stringMatching(
        /^7: devices\.2\.dependsOn: there is no device gate-9 in this file; did you mean/,
      ),
    );
    expect(found).toContainEqual(
      `8: devices.3.url: ${GATE} is spoken to over modbus:// or modbus+rtu://, not snmp://`,
    );
    expect(found).toContainEqual(
      expect.stringMatching(/^9: devices\.4\.secretFile: .*nowhere cannot be read \(ENOENT\)/),
    );
  });

  test("refuses devices that depend on each other in a ring", () => {
    const { file } = written(
      `${HEAD}devices:\n${device("gate-1", ", dependsOn: gate-2")}${device("gate-2", ", dependsOn: gate-1")}`,
    );
    expect(problems(file)).toEqual(["5: devices.0.dependsOn: depends on itself: gate-1 → gate-2 → gate-1"]);
  });

  test("refuses a secret that others can read, and one that stands in the URL", () => {
    const { file, folder } = written(
      `${HEAD}devices:\n${device("gate-1", ", secretFile: gate.secret")}${device("gate-2", "", GATE, "modbus://user:pass@127.0.0.1")}`,
    );
    writeFileSync(join(folder, "gate.secret"), "s3cret");
    chmodSync(join(folder, "gate.secret"), 0o644);
    const found = problems(file).join("\n");
    expect(found).toContain("can be read by others; run chmod 600");
    expect(found).toContain("holds a password");
    expect(found).not.toContain("s3cret");
  });

  test("refuses a campus path that is another campus's, and places that are none", () => {
    const { file } = written(
      `${HEAD.replace("path: 990100/990102/qiyun-no1", "path: 990100/990102/other")}devices:\n${device("gate-1").replace("a/1/south-gate", "A/1")}`,
    );
    const found = problems(file).join("\n");
    expect(found).toContain("1: campus.path: must be city/county/campus and end in qiyun-no1");
    expect(found).toContain("5: devices.0.at:");
  });
});

test("a chain has no cycle and a closed chain has one, whole", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), (length) => {
      const chain = Array.from({ length }, (_, index) => ({ id: `d${index}`, dependsOn: `d${index + 1}` }));
      expect(cyclesOf(chain)).toEqual([]);
      const ring = chain.map((each, index) => (index === length - 1 ? { ...each, dependsOn: "d0" } : each));
      expect(cyclesOf(ring)).toEqual([ring.map(({ id }) => id)]);
    }),
  );
});
