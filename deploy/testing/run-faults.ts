/** `npm run faults -- <name>`: the black-box proofs of docs/reliability.md, for longer than a test run has time for. */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { installPeers } from "./install-peers.ts";

const ROOT = resolve(import.meta.dirname, "../..");

const FAULTS = {
  kill: {
    file: "kill-under-load",
    environment: { CAMPUS_OPS_KILL_SECONDS: "300" },
  },
  network: {
    file: "bad-network",
    environment: { CAMPUS_OPS_FAULT_SECONDS: "90" },
  },
  cable: { file: "cut-cable", environment: { CAMPUS_OPS_CUTS: "5" } },
  return: {
    file: "return",
    environment: { CAMPUS_OPS_OFFLINE_RECORDS: "500000" },
  },
} as const;

const name = process.argv[2] ?? "";
if (!Object.hasOwn(FAULTS, name)) {
  console.error(`npm run faults -- <name>, where the name is one of: ${Object.keys(FAULTS).join(", ")}`);
  process.exitCode = 1;
} else {
  installPeers();
  const { environment, file } = FAULTS[name as keyof typeof FAULTS];
  // What is set already wins: a longer run still, or the seed of one that failed.
  const env = { ...environment, ...process.env };
  const args = [
    join(ROOT, "node_modules/vitest/vitest.mjs"),
    "run",
    "--project",
    "e2e",
    `deploy/e2e/${file}.test.ts`,
  ];
  process.exitCode = spawnSync(process.execPath, args, { cwd: ROOT, env, stdio: "inherit" }).status ?? 1;
}
