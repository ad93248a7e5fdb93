/** `npm run faults -- <name>`: the black-box proofs of docs/reliability.md, for longer than a test run has time for. */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { installPeers } from "./install-peers.ts";

const ROOT = resolve(import.meta.dirname, "../..");

const FAULTS = {
  kill: {
    files: ["e2e/kill-under-load"],
    environment: { CAMPUS_OPS_KILL_SECONDS: "300" },
  },
  network: {
    files: ["e2e/bad-network"],
    environment: { CAMPUS_OPS_FAULT_SECONDS: "90" },
  },
  cable: { files: ["e2e/cut-cable"], environment: { CAMPUS_OPS_CUTS: "5" } },
  federation: { files: ["e2e/federation"], environment: { CAMPUS_OPS_CUTS: "5" } },
  fuzz: { files: ["fuzz/fuzz"], environment: { CAMPUS_OPS_FUZZ_CASES: "1000000" } },
  return: {
    files: ["e2e/return", "e2e/returning-edges"],
    environment: { CAMPUS_OPS_OFFLINE_RECORDS: "500000", CAMPUS_OPS_EDGE_RECORDS: "1500" },
  },
} as const;

const name = process.argv[2] ?? "";
if (!Object.hasOwn(FAULTS, name)) {
  console.error(`npm run faults -- <name>, where the name is one of: ${Object.keys(FAULTS).join(", ")}`);
  process.exitCode = 1;
} else {
  installPeers();
  const { environment, files } = FAULTS[name as keyof typeof FAULTS];
  // What is set already wins: a longer run still, or the seed of one that failed.
  const env = { ...environment, ...process.env };
  const args = [
    join(ROOT, "node_modules/vitest/vitest.mjs"),
    "run",
    ...files.map((file) => `deploy/${file}.test.ts`),
  ];
  process.exitCode = spawnSync(process.execPath, args, { cwd: ROOT, env, stdio: "inherit" }).status ?? 1;
}
