/** `npm run journeys`: every kind of person at the console, in both languages at four sizes of screen, each page looked at. */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { installPeers } from "./install-peers.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const WHAT = "people at the console";

installPeers();
const built = spawnSync("npm", ["run", "--silent", "build", "-w", "@campus-ops/dashboards"], {
  cwd: ROOT,
  stdio: "inherit",
});
const tests = [
  join(ROOT, "node_modules/vitest/vitest.mjs"),
  ...["run", "--project", "e2e-alone", "deploy/e2e/console.test.ts", "-t", WHAT],
];
const env = { ...process.env, CAMPUS_OPS_JOURNEYS: "all" };
process.exitCode =
  built.status === 0
    ? (spawnSync(process.execPath, tests, { cwd: ROOT, env, stdio: "inherit" }).status ?? 1)
    : 1;
