import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "@campus-ops/edge-agent/configuration";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addToConfiguration, type FoundDevice, formatStanzas, stanzaOf } from "./stanza.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-discover-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SWITCH: FoundDevice = {
  finding: {
    protocol: "snmp",
    address: "127.0.0.5",
    url: "snmp://127.0.0.5:161",
    facts: { vendor: "H3C", description: "H3C Comware", name: "sw-1" },
  },
  matches: [
    {
      profile: "switch/h3c-comware",
      confidence: 0.9,
      why: { zh: "厂商与型号相符", en: "vendor and model fit" },
    },
    { profile: "switch/generic-if-mib", confidence: 0.3, why: { zh: "通用", en: "generic" } },
  ],
};
const UNIT: FoundDevice = {
  finding: { protocol: "modbus", address: "127.0.0.6", url: "modbus://127.0.0.6:502?unit=3", facts: {} },
  matches: [
    { profile: "environment-sensor/generic-room-monitor", confidence: 0.1, why: { zh: "仅知", en: "all" } },
  ],
};
const PRINTER: FoundDevice = {
  finding: {
    protocol: "mdns",
    address: "127.0.0.7",
    url: "mdns://127.0.0.7",
    facts: { description: "_ipp._tcp" },
  },
  matches: [],
};

const EDGE = `# 本校边缘盒，不要删除这些注释
campus: { id: qiyun-no1, path: 990100/990102/qiyun-no1 }
node: { id: box-1, title: { zh: 边缘盒, en: Edge box } } # 机房
broker: { url: "mqtt://127.0.0.1:1883" }
devices:
  # 南门
  - id: gate-1
    profile: access-gate/generic-modbus-controller
    title: { zh: 南门, en: South gate }
    at: a/1/south-gate
    url: modbus://127.0.0.1:15020?unit=1 # 电工柜
`;

function written(text: string): string {
  const file = join(folder, "edge.yaml");
  writeFileSync(file, text, { mode: 0o640 });
  return file;
}

describe("what was found becomes lines of a configuration", () => {
  test("with an id and titles of its own, the likeliest profile, and commissioning", () => {
    expect(stanzaOf(SWITCH)).toEqual({
      id: "snmp-127-0-0-5",
      profile: "switch/h3c-comware",
      title: { zh: "sw-1", en: "sw-1" },
      at: "unplaced",
      url: "snmp://127.0.0.5:161",
      commissioning: "required",
    });
    expect(stanzaOf(UNIT)?.id).toBe("modbus-127-0-0-6-3");
    expect(stanzaOf(PRINTER)).toBeUndefined();
  });

  test("as text to paste, with what speaks for it", () => {
    const text = formatStanzas([SWITCH, PRINTER]);
    expect(text).toContain("  # 90% 厂商与型号相符 · vendor and model fit\n");
    expect(text).toContain("  # 或 · or switch/generic-if-mib 30%");
    expect(text).toContain("  - id: snmp-127-0-0-5\n    profile: switch/h3c-comware\n");
    expect(text).not.toContain("mdns");
    expect(text).not.toContain("choose its profile");
    expect(formatStanzas([UNIT])).toContain("  # 设备未说明型号，请自行选择 profile");
  });
});

describe("written into an edge agent's file", () => {
  test("they are added after what is there, and no comment is lost", () => {
    const file = written(EDGE);
    expect(addToConfiguration(file, [SWITCH, UNIT, PRINTER])).toEqual({
      added: ["snmp-127-0-0-5", "modbus-127-0-0-6-3"],
      known: [],
    });
    const text = readFileSync(file, "utf8");
    for (const comment of ["# 本校边缘盒，不要删除这些注释", "# 机房", "# 南门", "# 电工柜"]) {
      expect(text).toContain(comment);
    }
    expect(text).toContain("# 90% 厂商与型号相符");
    const { devices } = loadConfiguration(file);
    expect(devices.map(({ id, commissioning }) => [id, commissioning])).toEqual([
      ["gate-1", false],
      ["snmp-127-0-0-5", true],
      ["modbus-127-0-0-6-3", true],
    ]);
  });

  test("a second search adds nothing twice, and another device at a taken id gets a new one", () => {
    const file = written(EDGE.replace(/devices:[\s\S]*/, "devices: []\n"));
    addToConfiguration(file, [SWITCH]);
    const before = readFileSync(file, "utf8");
    expect(addToConfiguration(file, [SWITCH])).toEqual({ added: [], known: ["snmp://127.0.0.5:161"] });
    expect(readFileSync(file, "utf8")).toBe(before);
    const other = { ...SWITCH, finding: { ...SWITCH.finding, url: "snmp://127.0.0.5:1161" } };
    expect(addToConfiguration(file, [other]).added).toEqual(["snmp-127-0-0-5-2"]);
  });

  test("a file that is not right is refused and left as it is", () => {
    const file = written(EDGE.replace("devices:", "device:"));
    expect(() => addToConfiguration(file, [SWITCH])).toThrow("is not a field that belongs here");
    expect(readFileSync(file, "utf8")).toContain("device:\n");
  });
});
