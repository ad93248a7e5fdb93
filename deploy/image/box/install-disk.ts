/** A box that was started from a stick: chooses its disk, writes it, brings the seed over, and says on the stick what became of it. */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { chooseDisk, eraseName, INSTALL_FILE, type InstallPlan } from "./core/install-plan.ts";
import { REPORT_FILE, type Result, reportOf } from "./core/install-report.ts";
import { listDisks, partitionPath } from "./disks.ts";
import type { Places } from "./places.ts";
import { WriteError, writePieces } from "./write-disk.ts";

const STICK = "EDGESTICK";
const SYSTEM = "stick-system";
/** See `PARTITIONS` of the image's layout. */
const SEED_PARTITION = 3;
const SEED = /^edge\.(conf|conf\.txt|txt)$/i;
/** Where a mount may be slow to be known. */
const SETTLE_S = "30";
const PERCENT_STEP = 10;

/** Resolves with whether the disk is written. */
export async function installDisk(places: Places, say: (text: string) => void): Promise<boolean> {
  must("udevadm", "settle", `--timeout=${SETTLE_S}`);
  const partition = realpathSync(join(places.byLabel, STICK));
  mkdirSync(places.stick, { recursive: true });
  // Written at once: sticks are pulled.
  must("mount", "-o", "sync,nosuid,nodev,noexec,umask=0077", partition, places.stick);
  try {
    const result = await install(places, partition, say).catch((error: unknown): Result => {
      if (error instanceof WriteError) return { kind: error.code, why: error.message };
      return { kind: "failed", why: error instanceof Error ? error.message : String(error) };
    });
    const report = reportOf(result, new Date().toISOString());
    writeFileSync(join(places.stick, REPORT_FILE), report);
    say(report.slice(1));
    return result.kind === "done";
  } finally {
    must("umount", places.stick);
  }
}

async function install(places: Places, partition: string, say: (text: string) => void): Promise<Result> {
  const plan = JSON.parse(readFileSync(join(places.stick, INSTALL_FILE), "utf8")) as InstallPlan;
  const names = readdirSync(places.stick);
  const choice = chooseDisk(listDisks(partition), names);
  if (choice.kind === "none") return { kind: "no-disk", tooSmall: choice.tooSmall };
  if (choice.kind === "ask") return { kind: "asked", disks: choice.disks };
  const { disk } = choice;
  say(`writing ${plan.version} to ${disk.path} (${disk.model}, ${disk.id})`);
  await writePieces({
    pieces: plan.pieces,
    files: places.stick,
    system: realpathSync(join(places.byPartLabel, SYSTEM)),
    disk: disk.path,
    forget: () => must("blockdev", "--flushbufs", disk.path),
    onPercent: (percent) => {
      if (percent % PERCENT_STEP === 0) say(`${percent} %`);
    },
  });
  must("blockdev", "--rereadpt", disk.path);
  must("udevadm", "settle", `--timeout=${SETTLE_S}`);
  const seed = names.find((name) => SEED.test(name));
  if (seed !== undefined) bringSeed(places, seed, partitionPath(disk.path, SEED_PARTITION));
  for (const name of names)
    if (name.toUpperCase().startsWith(eraseName(disk).toUpperCase()))
      rmSync(join(places.stick, name), { recursive: true });
  return { kind: "done", disk, version: plan.version, hasSeed: seed !== undefined };
}

/** It moves: the next box would be told that its token is spent. */
function bringSeed(places: Places, seed: string, to: string): void {
  if (!existsSync(to)) throw new Error(`the kernel does not know ${to}`);
  mkdirSync(places.written, { recursive: true });
  must("mount", "-o", "sync,nosuid,nodev,noexec,umask=0077", to, places.written);
  try {
    copyFileSync(join(places.stick, seed), join(places.written, seed.toLowerCase()));
  } finally {
    must("umount", places.written);
  }
  rmSync(join(places.stick, seed));
}

function must(command: string, ...words: readonly string[]): void {
  const { error, status, stderr } = spawnSync(command, words, { encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${words.join(" ")}: ${stderr.trim()}`);
}
