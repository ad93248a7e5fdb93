/** `npm run image -- trial`: scenario after scenario, kept after each, so that a trial that was broken off goes on where it was. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BOX_SCENARIOS } from "./scenarios.ts";
import type { Found } from "./steps.ts";
import { Trial } from "./trial.ts";
import { TrialHub } from "./trial-hub.ts";
import { trialImages } from "./trial-images.ts";

interface Outcome extends Found {
  readonly passed: boolean;
  readonly commit: string;
  readonly seconds_total: number;
}
type Outcomes = Readonly<Record<string, Outcome>>;

/** Resolves with true when all of them have passed. `named`: these alone, whatever became of them before. */
export async function campaign(folder: string, named: readonly string[]): Promise<boolean> {
  const unknown = named.filter((name) => !Object.hasOwn(BOX_SCENARIOS, name));
  if (unknown.length > 0)
    throw new Error(`there is no scenario ${unknown.join(", ")}: ${Object.keys(BOX_SCENARIOS).join(", ")}`);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "outcomes.json");
  let outcomes: Outcomes = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Outcomes) : {};
  const images = await trialImages(folder, say);
  const files = [
    ...Object.values(images.bundles),
    ...Object.values(images.refused),
    images.disk.replace(/\.img$/, ".raucb"),
  ];
  const hub = await TrialHub.start(join(folder, "hub"), images.root);
  const trial = new Trial(folder, images, hub);
  trial.fillDepot(files);
  // A trial that is called off leaves no hub behind that the next one would find at its data.
  const calledOff = (): void => {
    void trial
      .cutPower()
      .then(() => hub.stop())
      .finally(() => process.exit(1));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, calledOff);
  try {
    for (const [name, { run, title }] of Object.entries(BOX_SCENARIOS)) {
      if (named.length > 0 ? !named.includes(name) : outcomes[name]?.passed === true) continue;
      say(`${name}: ${title}`);
      const begun = performance.now();
      const found = await run(trial).then(
        (each) => ({ ...each, passed: true }),
        (error: unknown) => ({ became: String(error), passed: false }),
      );
      const seconds_total = Math.round((performance.now() - begun) / 1_000);
      const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], {
        encoding: "utf8",
        cwd: import.meta.dirname,
      });
      outcomes = { ...outcomes, [name]: { ...found, commit: commit.trim(), seconds_total } };
      writeFileSync(file, `${JSON.stringify(outcomes, undefined, 2)}\n`);
      say(`${name}: ${found.passed ? "held" : "FAILED"} in ${seconds_total} s: ${found.became}`);
    }
  } finally {
    await trial.cutPower();
    await hub.stop();
  }
  console.log(`\n${matrix(outcomes)}`);
  return Object.keys(BOX_SCENARIOS).every((name) => outcomes[name]?.passed === true);
}

export function matrix(outcomes: Outcomes): string {
  const rows = Object.entries(BOX_SCENARIOS).map(([name, { title }]) => {
    const found = outcomes[name];
    if (found === undefined) return `| ${title} | not run | | |`;
    const seconds = Object.entries(found.seconds ?? {}).map(([what, value]) => `${what} ${value} s`);
    return `| ${title} | ${found.passed ? "" : "**failed**: "}${found.became} | ${seconds.join(", ")} | ${found.commit} |`;
  });
  return [
    "| what is done to it | what becomes of it | after | commit |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function say(text: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
}
