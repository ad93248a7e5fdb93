/**
 * `npm run bench -- <name> …`: measures, and prints one JSON line a result. Nothing else is printed on standard output.
 * With `--write` the results are kept in `docs/benchmarks.json`, and `docs/benchmarks.md` is made of it anew.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { resolve } from "node:path";
import { agent } from "./agent.ts";
import { backTest } from "./back-test.ts";
import { broker } from "./broker.ts";
import { bus } from "./bus.ts";
import { city } from "./city.ts";
import { codec } from "./codec.ts";
import { desks } from "./console.ts";
import { consolePage } from "./console-page.ts";
import { footprint } from "./footprint.ts";
import { handoff } from "./handoff.ts";
import { hub } from "./hub.ts";
import { ingest } from "./ingest.ts";
import { latency } from "./latency.ts";
import { outbox } from "./outbox.ts";
import { type Circumstances, type Kept, page } from "./page.ts";
import type { Report, Result } from "./result.ts";
import { rules } from "./rules.ts";
import { soak } from "./soak.ts";
import { store } from "./store.ts";

const BENCHES: Readonly<Record<string, (report: Report) => Promise<void>>> = {
  broker,
  agent,
  bus,
  latency,
  footprint,
  codec,
  outbox,
  handoff,
  rules,
  "back-test": backTest,
  store,
  ingest,
  city,
  console: async (report) => {
    await desks(report);
    await consolePage(report);
  },
  hub,
  soak,
};

const ROOT = resolve(import.meta.dirname, "../..");
const KEPT = resolve(ROOT, "docs/benchmarks.json");
const PAGE = resolve(ROOT, "docs/benchmarks.md");

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

function circumstances(): Circumstances {
  return {
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    kernel: release(),
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? "unknown",
    memory_GiB: Math.round(totalmem() / 2 ** 30),
  };
}

function keep(name: string, results: readonly Result[], measured: Circumstances): void {
  const kept: Kept = existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, "utf8")) : {};
  const all: Kept = { ...kept, [name]: { measured, results } };
  writeFileSync(KEPT, `${JSON.stringify(all, undefined, 2)}\n`);
  writeFileSync(PAGE, page(all));
}

const write = process.argv.includes("--write");
const names = process.argv.slice(2).filter((each) => each !== "--write");
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
if (names.length === 0 || unknown.length > 0) {
  console.error(
    `npm run bench -- [--write] <name> …, where each name is one of: ${Object.keys(BENCHES).join(", ")}`,
  );
  process.exitCode = 1;
} else {
  for (const name of names) {
    const measured = circumstances();
    const results: Result[] = [];
    await BENCHES[name]?.((result) => {
      results.push(result);
      console.log(JSON.stringify({ bench: name, ...result, ...measured }));
    });
    if (write) keep(name, results, measured);
  }
}
