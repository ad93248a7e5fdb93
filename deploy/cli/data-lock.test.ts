import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockData } from "./data-lock.ts";

const holders: ChildProcess[] = [];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-lock-"));
});
afterEach(() => {
  for (const holder of holders.splice(0)) holder.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

test("a second hub on the same data is refused, and told who holds it", async () => {
  const holder = await holdInAnotherProcess(folder);
  expect(() => lockData(folder)).toThrow(
    `another campus-ops (process ${holder.pid}) already runs on ${folder}`,
  );
  holder.kill("SIGKILL");
  await once(holder, "exit");
  lockData(folder).release();
});

test("a lock that was given back can be taken again", () => {
  lockData(folder).release();
  lockData(folder).release();
});

async function holdInAnotherProcess(data: string) {
  const script = `import { lockData } from ${JSON.stringify(join(import.meta.dirname, "data-lock.ts"))};
    lockData(${JSON.stringify(data)}); console.log("held"); setInterval(() => undefined, 60_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  holders.push(child);
  await once(child.stdout, "data");
  return child;
}
