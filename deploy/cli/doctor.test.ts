import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CheckResult, CheckStatus } from "@campus-ops/edge-agent/doctor";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EXIT_FAILED, EXIT_WARNING, exitOf, runDoctor } from "./doctor.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const EDGE = `campus: { id: qiyun-no1, path: 990100/990102/qiyun-no1 }
node: { id: box-1, title: { zh: 边缘盒, en: Edge box } }
broker: { url: "mqtt://127.0.0.1:1" }
devices:
  - { id: bus-1, profile: projector/generic-pjlink-class-1, title: { zh: 投影, en: Projector }, at: a/1/101, url: "pjlink://127.0.0.1:1" }
`;

async function doctor(text: string, more: { json?: boolean; language?: "zh" | "en" } = {}) {
  const file = join(folder, "edge.yaml");
  writeFileSync(file, text);
  const lines: string[] = [];
  const exit = await runDoctor(
    { file, dataFolder: folder, ntp: undefined, json: more.json ?? false, language: more.language ?? "zh" },
    (line) => lines.push(line),
  );
  return { exit, lines };
}

test("each check is one line, what to do stands below it, and the exit code says the worst", async () => {
  const { exit, lines } = await doctor(EDGE);
  expect(exit).toBe(EXIT_FAILED);
  expect(lines).toContainEqual("故障  消息服务器 mqtt://127.0.0.1:1  无法连接（ECONNREFUSED）");
  const device = lines.findIndex((line) => line.startsWith("故障  设备 bus-1  无法访问"));
  expect(lines[device + 1]).toBe("      → 检查电源与网线，再检查配置中的地址");
  expect(lines.at(-1)).toMatch(/^共 \d+ 项：正常 \d+，注意 \d+，故障 2，未查 \d+$/);
});

test("in English as well, and as JSON for machines", async () => {
  const english = await doctor(EDGE, { language: "en" });
  expect(english.lines).toContainEqual(
    "FAILED   broker mqtt://127.0.0.1:1  cannot be reached (ECONNREFUSED)",
  );
  const { exit, lines } = await doctor(EDGE, { json: true });
  const report = JSON.parse(lines.join("\n")) as { exit: number; results: readonly CheckResult[] };
  expect(report.exit).toBe(exit);
  expect(report.results.map(({ check }) => check)).toContain("device");
});

test("warnings alone are not failures", () => {
  const found = (...statuses: readonly CheckStatus[]): readonly CheckResult[] =>
    statuses.map((status) => ({ check: "disk", subject: "/", status, says: { zh: "", en: "" } }));
  expect(exitOf(found("ok", "skipped"))).toBe(0);
  expect(exitOf(found("ok", "warning"))).toBe(EXIT_WARNING);
  expect(exitOf(found("warning", "failed"))).toBe(EXIT_FAILED);
});
