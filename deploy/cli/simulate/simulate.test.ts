import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { loadConfiguration } from "@campus-ops/edge-agent/configuration";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { typedValue } from "./console.ts";
import { type SimulateOptions, simulate } from "./simulate.ts";

const EXAMPLE = resolve(import.meta.dirname, "../../../examples/profiles/corridor-sensor.yaml");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-simulate-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Types `lines` and collects what was printed. */
async function rehearse(
  options: Partial<SimulateOptions>,
  lines: readonly string[],
): Promise<readonly string[]> {
  const printed: string[] = [];
  const input = new PassThrough();
  input.write([...lines, "quit", ""].join("\n"));
  await simulate(
    { profiles: [], site: undefined, port: 0, language: "zh", ...options },
    { input, print: (text) => printed.push(text), signal: new AbortController().signal },
  );
  return printed;
}

describe("profiles, shipped and of one's own", () => {
  test("are played, and the lines for an edge agent printed", async () => {
    const profiles = [EXAMPLE, "projector/generic-pjlink-class-1", "projector/generic-pjlink-class-1"];
    const [yaml] = await rehearse({ profiles }, []);
    expect(yaml).toContain("  - id: corridor-sensor\n    profile: environment-sensor/corridor-sensor\n");
    expect(yaml).toContain("  - id: generic-pjlink-class-1-2\n");
    expect(yaml).toMatch(/url: modbus:\/\/127\.0\.0\.1:\d+\?unit=1/);
  });

  test("are moved, broken and mended by what is typed; what is mistyped is explained", async () => {
    const printed = await rehearse({ profiles: [EXAMPLE, "access-gate/generic-modbus-controller"] }, [
      "set corridor-sensor Environment/Temperature 35.5",
      "get corridor-sensor Environment/Leak",
      "fault corridor-sensor down",
      "list",
      "mend corridor-sensor",
      "raise generic-modbus-controller Access/Swipe credential=04112233 result=refused reason=revoked direction=in",
      "fault corridor-sensor flood",
      "fault corridor-sensor stale-nonce",
      "set nobody X 1",
      "set corridor-sensor Environment/Nothing 1",
      "faults corridor-sensor",
      "nonsense",
    ]);
    const text = printed.join("\n");
    expect(text).toContain("corridor-sensor Environment/Temperature = 35.5");
    expect(text).toContain("corridor-sensor Environment/Leak = false");
    expect(text).toMatch(/corridor-sensor {2}environment-sensor\/corridor-sensor {2}modbus:\S+ {2}down/);
    expect(text).toContain("generic-modbus-controller: Access/Swipe");
    expect(text).toContain('there is no fault "flood"');
    expect(text).toContain("cannot play the fault “stale-nonce”");
    expect(text).toContain("there is no simulated device nobody");
    expect(text).toContain("has no Environment/Nothing");
    expect(text).toContain("half-open: connections that stand go silent");
    expect(text).toContain("制造故障");
  });

  test("that do not exist are refused with those that do", async () => {
    await expect(rehearse({ profiles: ["switch/nonsense"] }, [])).rejects.toThrow("there are:\n  ");
    await expect(rehearse({}, [])).rejects.toThrow("name a profile to play");
    await expect(rehearse({ profiles: [join(folder, "nowhere.yaml")] }, [])).rejects.toThrow("no such file");
  });
});

test("a site is played whole: its own profiles, logins and places stay, only addresses become loopback", async () => {
  mkdirSync(join(folder, "profiles"));
  writeFileSync(join(folder, "profiles/corridor-sensor.yaml"), readFileSync(EXAMPLE));
  writeFileSync(join(folder, "projector.secret"), "lamp\n", { mode: 0o600 });
  const file = join(folder, "edge.yaml");
  writeFileSync(
    file,
    `# 第一中学
campus: { id: qiyun-no1, path: 990100/990102/qiyun-no1 }
node: { id: box-1, title: { zh: 边缘盒, en: Edge box } }
broker: { url: "mqtt://127.0.0.1:1883" }
profilesFolder: profiles
devices:
  - { id: switch-1, profile: switch/generic-poe, title: { zh: 交换机, en: Switch }, at: a/1/101, url: "snmp://10.0.0.2" }
  # 走廊
  - { id: th-1, profile: environment-sensor/corridor-sensor, title: { zh: 温湿, en: TH }, at: a/1/102, url: "modbus://10.0.0.5", dependsOn: switch-1 }
  - { id: pj-1, profile: projector/generic-pjlink-class-2, title: { zh: 投影, en: PJ }, at: a/1/103, url: "pjlink://10.0.0.6", secretFile: projector.secret }
`,
  );
  const printed = await rehearse({ site: file }, ["fault switch-1 down", "list"]);
  // What hangs from the switch is gone with it.
  expect(printed.join("\n")).toMatch(/th-1 {2}environment-sensor\/corridor-sensor {2}\S+ {2}down/);
  const rehearsal = join(folder, "edge.rehearsal.yaml");
  expect(printed.join("\n")).toContain(`已写入 ${rehearsal}`);
  expect(readFileSync(rehearsal, "utf8")).toContain("# 走廊");
  const { devices } = loadConfiguration(rehearsal);
  expect(devices.map(({ id, target }) => [id, target.url.hostname, target.secret])).toEqual([
    ["switch-1", "127.0.0.1", undefined],
    ["th-1", "127.0.0.1", undefined],
    ["pj-1", "127.0.0.1", "lamp"],
  ]);
  expect(loadConfiguration(file).devices.map(({ target }) => target.url.hostname)).toEqual([
    "10.0.0.2",
    "10.0.0.5",
    "10.0.0.6",
  ]);
});

test("values are what they look like, and texts where they stand in quotes", () => {
  expect(["true", "21.5", "-3", "null", "on", '"12"', "04a1"].map(typedValue)).toEqual([
    true,
    21.5,
    -3,
    null,
    "on",
    "12",
    "04a1",
  ]);
});
