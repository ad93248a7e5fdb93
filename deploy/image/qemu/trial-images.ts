/** What a campaign installs: one good system after another, one whose kernel is none, one whose agent ends at once, and bundles that are to be refused. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "../build.ts";
import { writeBundle } from "../bundle.ts";
import { run } from "../command.ts";
import { certificateFile, makeIntermediate, makeRelease, makeRoot } from "../keys.ts";
import { compatibleOf } from "../rauc-files.ts";
import { compress } from "../system.ts";

const DAY_MS = 86_400_000;
const TRIAL = join(import.meta.dirname, "trial");
/** Systems are older than the certificates: a box without a clock is to find that out. */
const BUILT_DAYS_AGO = 30;
/** Of gzip. */
const QUICK = 1;

export const VERSIONS = {
  first: "0.1.0",
  good: "0.2.0",
  "bad-kernel": "0.3.0",
  "bad-agent": "0.4.0",
  stick: "0.5.0",
  "roll-out": "0.6.0",
} as const;
export type TrialSystem = keyof typeof VERSIONS;

export interface TrialImages {
  /** Image of a whole disk with the first system. */
  readonly disk: string;
  /** Image of a stick that installs it. */
  readonly stick: string;
  /** Bundles of the others. */
  readonly bundles: Readonly<Record<Exclude<TrialSystem, "first">, string>>;
  /** Certificate of the root that all of them are signed below. */
  readonly root: string;
  /** Bundles that no box may take, by what is wrong with them. */
  readonly refused: Readonly<Record<Refused, string>>;
}
export type Refused = "changed" | "expired" | "foreign" | "other-hardware" | "cut-short" | "damaged";

/** Goes on with what an earlier campaign has built below `to`. Needs root. */
export async function trialImages(to: string, onStep: (step: string) => void): Promise<TrialImages> {
  mkdirSync(to, { recursive: true });
  const now = Date.now();
  const keys = await keysOf(join(to, "keys"), now);
  const built = new Date(now - BUILT_DAYS_AGO * DAY_MS).toISOString();
  const first = await once(join(to, "first.json"), async () => {
    onStep(`the first system (${VERSIONS.first}) is built`);
    const cache = join(to, "..", "cache");
    return await build({
      ...{ architecture: "amd64", version: VERSIONS.first, built, node: process.execPath },
      ...{ keys, to: join(to, "first"), cache, over: TRIAL },
    });
  });
  const bundles: Record<string, string> = {};
  for (const [name, version] of Object.entries(VERSIONS) as [TrialSystem, string][]) {
    if (name === "first") continue;
    bundles[name] = await once(join(to, `${name}.json`), async () => {
      onStep(`${name} (${version}) is made of it`);
      return another(first.system, name, { keys, built, to });
    });
  }
  const refused = await refusedBundles(to, join(to, "good.raucb"), now);
  return {
    disk: first.disk,
    stick: first.stick,
    bundles: bundles as TrialImages["bundles"],
    root: certificateFile(keys, "root"),
    refused,
  };
}

/** The first system with another number, and what is to be wrong with it. */
function another(
  first: string,
  name: TrialSystem,
  { built, keys, to }: { readonly built: string; readonly keys: string; readonly to: string },
): string {
  const [tree, system, bundle] = [
    join(to, `.${name}`),
    join(to, `${name}.squashfs`),
    join(to, `${name}.raucb`),
  ];
  for (const each of [tree, system, bundle]) rmSync(each, { recursive: true, force: true });
  run("unsquashfs", ["-quiet", "-no-progress", "-dest", tree, first]);
  const version = VERSIONS[name];
  const content = { compatible: compatibleOf("amd64"), version, built };
  writeFileSync(join(tree, "usr/lib/campus-ops/image.json"), JSON.stringify(content));
  const agent = join(tree, "usr/lib/campus-ops-edge");
  const about = JSON.stringify({ name: "campus-ops-edge", version, type: "module" });
  writeFileSync(join(agent, "package.json"), about);
  if (name === "bad-kernel") {
    rmSync(join(tree, "boot/vmlinuz"));
    writeFileSync(join(tree, "boot/vmlinuz"), "no kernel\n".repeat(1_000));
  }
  if (name === "bad-agent") writeFileSync(join(agent, "main.js"), "process.exit(1);\n");
  compress(tree, system, built, QUICK);
  writeBundle({ ...content, system, keys, to: bundle });
  for (const each of [tree, system]) rmSync(each, { recursive: true });
  return bundle;
}

async function refusedBundles(to: string, good: string, now: number): Promise<TrialImages["refused"]> {
  const place = join(to, "refused");
  mkdirSync(place, { recursive: true });
  const path = (name: Refused): string => join(place, `${name}.raucb`);
  const small = join(place, "small.img");
  writeFileSync(small, Buffer.alloc(65_536, 7));
  const write = (name: Refused, keys: string, compatible = compatibleOf("amd64")): void => {
    rmSync(path(name), { force: true });
    writeBundle({
      compatible,
      version: VERSIONS.good,
      built: new Date(now).toISOString(),
      system: small,
      keys,
      to: path(name),
    });
  };
  const ours = join(to, "keys");
  write("other-hardware", ours, compatibleOf("arm64"));
  write("foreign", await keysOf(join(to, "foreign-keys"), now));
  const expired = join(to, "expired-keys");
  if (!existsSync(expired)) {
    mkdirSync(expired);
    for (const each of ["intermediate.crt", "intermediate.key"])
      copyFileSync(join(ours, each), join(expired, each));
    await makeRelease(expired, { name: "Release of yesteryear", now: now - 9 * DAY_MS, days: 2 });
  }
  write("expired", expired);
  const bytes = readFileSync(path("other-hardware"));
  const at = bytes.lastIndexOf(`version=${VERSIONS.good}`);
  const changed = Buffer.from(bytes);
  changed.write("version=9.9.9", at);
  writeFileSync(path("changed"), changed);
  writeFileSync(path("cut-short"), bytes.subarray(0, -1_000));
  // In the middle of what is written to the slot: the signature does not see it, the blocks do.
  const damaged = readFileSync(good);
  const middle = Math.floor(damaged.length / 2);
  damaged[middle] = (damaged[middle] ?? 0) ^ 0xff;
  writeFileSync(path("damaged"), damaged);
  return Object.fromEntries(
    (["changed", "expired", "foreign", "other-hardware", "cut-short", "damaged"] as const).map((name) => [
      name,
      path(name),
    ]),
  ) as TrialImages["refused"];
}

async function keysOf(folder: string, now: number): Promise<string> {
  if (existsSync(folder)) return folder;
  await makeRoot(folder, { name: "Root of a trial", now: now - 10 * DAY_MS });
  await makeIntermediate(folder, { name: "Intermediate of a trial", now: now - 10 * DAY_MS });
  await makeRelease(folder, { name: "Release of a trial", now });
  return folder;
}

async function once<T>(file: string, make: () => Promise<T>): Promise<T> {
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as T;
  const made = await make();
  writeFileSync(file, JSON.stringify(made));
  return made;
}
