import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createLog, standardOutput } from "./log.ts";

function lines(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const said: string[] = [];
  write(createLog("ingest", "info", { write: (line) => said.push(line) }));
  return said.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("a line says when, who, how grave, and what", () => {
  const [line] = lines((log) => log.warn({ device: "a" }, "slow"));
  expect(line).toMatchObject({ level: "warn", process: "ingest", device: "a", msg: "slow" });
  expect(String(line?.time)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("secrets are censored, at the top and below", () => {
  const text = JSON.stringify(
    lines((log) =>
      log.info(
        { password: "p1", broker: { password: "p2" }, device: { snmp: { community: "p3" } }, token: "p4" },
        "x",
      ),
    ),
  );
  expect(text).not.toMatch(/p[1-4]/);
  expect(text.match(/\[secret\]/g)).toHaveLength(4);
});

test("what is below the level is not said", () => {
  expect(lines((log) => log.debug("quiet"))).toEqual([]);
});

test("a reader that is gone costs the line and nothing else", () => {
  const folder = mkdtempSync(join(tmpdir(), "campus-ops-log-"));
  const file = join(folder, "out");
  const descriptor = openSync(file, "w");
  const output = standardOutput(descriptor);
  output.write("一行\n");
  closeSync(descriptor);
  output.write("lost\n");
  expect(readFileSync(file, "utf8")).toBe("一行\n");
  rmSync(folder, { recursive: true });
});
