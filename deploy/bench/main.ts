/** `npm run bench -- <name>`: measures, and prints one JSON line a result. Nothing else is printed on standard output. */
import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";
import { footprint } from "./footprint.ts";
import { latency } from "./latency.ts";

/** One figure or a few that belong together; times in milliseconds, sizes in bytes, as the names say. */
export type Result = Readonly<Record<string, string | number | boolean | null>>;

type Bench = (report: (result: Result) => void) => Promise<void>;

const BENCHES: Readonly<Record<string, Bench>> = { latency, footprint };

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

const name = process.argv[2] ?? "";
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (bench === undefined) {
  console.error(`npm run bench -- <name>, where the name is one of: ${Object.keys(BENCHES).join(", ")}`);
  process.exitCode = 1;
} else {
  const circumstances = {
    commit: commit(),
    node: process.versions.node,
    kernel: release(),
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? "unknown",
    memory_GiB: Math.round(totalmem() / 2 ** 30),
  };
  await bench((result) => console.log(JSON.stringify({ bench: name, ...result, ...circumstances })));
}
