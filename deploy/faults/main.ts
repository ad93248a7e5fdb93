/**
 * `npm run faults`: the campaign of docs/reliability.md. Without names: every scenario that has not passed yet, one after
 * the other; what was found is kept after each, so that a run that was broken off goes on where it was. `--again` begins
 * anew, a name asks for that scenario whatever became of it, `--list` names them, and `--write` puts what was found into
 * docs/reliability.md.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { installPeers } from "../testing/install-peers.ts";
import { seedOf } from "../testing/random.ts";
import { matrix, withMatrix } from "./matrix.ts";
import { OUTCOMES_FILE, outcomesIn } from "./outcome.ts";
import { type Finished, keepProgress, readProgress, remaining } from "./progress.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const STATE = join(ROOT, ".faults/progress.json");
const PAGE = join(ROOT, "docs/reliability.md");
const OPTIONS = ["--again", "--list", "--write"] as const;

function carryOut(name: string, scenario: Scenario): Finished {
  const seed = seedOf(process.env.CAMPUS_OPS_SEED);
  const folder = mkdtempSync(join(tmpdir(), "campus-ops-faults-"));
  const outcomes = join(folder, "outcomes");
  writeFileSync(outcomes, "");
  console.log(`\n── ${name}: ${scenario.title}\n── CAMPUS_OPS_SEED=${seed}`);
  const startedAt = performance.now();
  try {
    // What is set already wins: a longer run still, or the seed of one that failed.
    const env = {
      ...scenario.environment,
      ...process.env,
      CAMPUS_OPS_SEED: String(seed),
      [OUTCOMES_FILE]: outcomes,
    };
    const { run } = scenario;
    const passed = "bench" in run ? bench(run.bench, env) : tests(run.tests, env);
    const seconds = (performance.now() - startedAt) / 1_000;
    console.log(`── ${name}: ${passed ? "held" : "FAILED"}, ${seconds.toFixed(0)} s`);
    return {
      passed,
      commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8", cwd: ROOT }).trim(),
      date: new Date().toISOString().slice(0, 10),
      seconds: Math.round(seconds),
      seed,
      outcomes: outcomesIn(outcomes),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function tests(files: readonly string[], env: NodeJS.ProcessEnv): boolean {
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const { status } = spawnSync(process.execPath, [vitest, "run", ...files], {
    cwd: ROOT,
    env,
    stdio: "inherit",
  });
  return status === 0;
}

/** Held when it comes to its end; of what it says by then, nothing may be lost or doubled. */
function bench(name: string, env: NodeJS.ProcessEnv): boolean {
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, "deploy/bench/main.ts"), name], {
    cwd: ROOT,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  console.log(stdout);
  const results = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map(
      (line) =>
        JSON.parse(line) as { readonly met?: boolean; readonly lost?: number; readonly doubled?: number },
    );
  // Targets of speed are the benchmark's own business: a slow machine is no fault of the platform.
  return (
    status === 0 &&
    results.every(({ doubled, lost, met }) => met !== false || (lost === undefined && doubled === undefined))
  );
}

function main(args: readonly string[]): number {
  const named = args.filter((each) => !OPTIONS.some((option) => option === each));
  const unknown = named.filter((name) => !Object.hasOwn(SCENARIOS, name));
  if (unknown.length > 0 || args.includes("--list")) {
    for (const [name, { title }] of Object.entries(SCENARIOS)) console.log(`${name.padEnd(12)} ${title}`);
    if (unknown.length > 0) console.error(`there is no scenario ${unknown.join(", ")}`);
    return unknown.length > 0 ? 1 : 0;
  }
  let progress = readProgress(STATE);
  const isPageAlone = args.includes("--write") && named.length === 0 && !args.includes("--again");
  const todo = isPageAlone
    ? []
    : remaining(Object.keys(SCENARIOS), progress, { named, again: args.includes("--again") });
  if (todo.length > 0) installPeers();
  for (const name of todo) {
    const scenario = SCENARIOS[name];
    if (scenario === undefined) continue;
    progress = { ...progress, [name]: carryOut(name, scenario) };
    keepProgress(STATE, progress);
  }
  if (args.includes("--write")) writeFileSync(PAGE, withMatrix(readFileSync(PAGE, "utf8"), progress));
  console.log(`\n${matrix(progress)}`);
  return todo.every((name) => progress[name]?.passed === true) ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
