import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { loadConfiguration } from "@campus-ops/edge-agent/configuration";
import { afterEach, expect, test } from "vitest";
import { type DiscoverOptions, runDiscover } from "./discover.ts";
import type { FoundDevice } from "./stanza.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function port(id: string): Promise<number> {
  const profile = findProfile(id);
  if (profile === undefined) throw new Error(`no profile ${id}`);
  const device = await startSimulator(profile);
  closing.push(() => device.close());
  return Number(new URL(device.url).port);
}

async function run(options: DiscoverOptions): Promise<{ text: string; progress: readonly string[] }> {
  const lines: string[] = [];
  const progress: string[] = [];
  const output = {
    print: (text: string) => lines.push(text),
    progress: (text: string) => progress.push(text),
  };
  await runDiscover({ timeout: "1000", ...options }, "zh", output, new AbortController().signal);
  return { text: lines.join("\n"), progress };
}

test("a search tells what it finds as it goes, and writes it where it is told", async () => {
  const modbus = await port("environment-sensor/generic-room-monitor");
  const projector = await port("projector/generic-pjlink-class-2");
  const folder = mkdtempSync(join(tmpdir(), "campus-ops-discover-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "edge.yaml");
  writeFileSync(
    file,
    `campus: { id: qiyun-no1, path: 990100/990102/qiyun-no1 }
node: { id: box-1, title: { zh: 边缘盒, en: Edge box } }
broker: { url: "mqtt://127.0.0.1:1883" }
devices: []
`,
  );
  const { progress, text } = await run({
    range: "127.0.0.1",
    protocols: "modbus,pjlink",
    ports: `modbus=${modbus},pjlink=${projector}`,
    write: file,
  });
  expect(text).toContain(`pjlink://127.0.0.1:${projector}`);
  expect(text).toContain("projector/generic-pjlink-class-2 80%（设备自称 PJLink 2 类）");
  expect(text).toContain("新增 2 个，已有 0 个");
  expect(progress).toEqual(["1/2", "2/2"]);
  expect(readFileSync(file, "utf8")).toContain("设备自称 PJLink 2 类");
  expect(loadConfiguration(file).devices.map(({ profile }) => profile.id)).toContain(
    "projector/generic-pjlink-class-2",
  );
});

test("as JSON it is whole, with every match and its reason", async () => {
  const projector = await port("projector/generic-pjlink-class-1");
  const { text } = await run({
    range: "127.0.0.1",
    protocols: "pjlink",
    ports: `pjlink=${projector}`,
    json: true,
  });
  const [found] = JSON.parse(text) as readonly FoundDevice[];
  expect(found?.finding.protocol).toBe("pjlink");
  expect(found?.matches[0]).toMatchObject({ profile: "projector/generic-pjlink-class-1", confidence: 0.8 });
  expect(found?.matches.every(({ why }) => why.zh !== "" && why.en !== "")).toBe(true);
});

test.each([
  [{}, "say where to look"],
  [{ range: "10.0.0" }, "--range: "],
  [{ range: "127.0.0.1", protocols: "telepathy" }, "telepathy is none of onvif, snmp"],
  [{ range: "127.0.0.1", rate: "0" }, "--rate is"],
  [{ range: "127.0.0.1", units: "0-300" }, "--units"],
  [{ range: "127.0.0.1", ports: "modbus=x" }, "--ports modbus"],
  [{ range: "127.0.0.1", "community-file": ["/nonexistent"] }, "--community-file"],
] satisfies readonly [DiscoverOptions, string][])("%j is refused", async (options, says) => {
  await expect(run(options)).rejects.toThrow(says);
});
