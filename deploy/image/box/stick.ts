/** A stick that was plugged in: a seed on it is taken over, a bundle on it is installed, and what came of it is written back. */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { follow, inBoth, lineOf, offer } from "./client.ts";
import { bundleInfo, compareVersions } from "./core/bundle.ts";
import type { Places } from "./places.ts";
import type { Rauc } from "./rauc.ts";

const SEED = /^edge\.(conf|conf\.txt|txt)$/i;
const BUNDLE = /\.raucb$/i;
/** A stick is not a library. */
const BUNDLES_MAX = 16;
const STATUS = "升级-UPDATE.txt";

export interface StickParts {
  readonly places: Places;
  readonly rauc: Rauc;
  /** Has the agent look for its seed again. */
  readonly lookAgain: () => void;
  readonly say: (text: string) => void;
}

/** Mounts `device` for as long as it takes. Throws where it has no file system that can be read. */
export async function readStick(device: string, parts: StickParts): Promise<void> {
  const { places } = parts;
  mkdirSync(places.stick, { recursive: true });
  // Written at once: sticks are pulled.
  must("mount", "-o", "sync,nosuid,nodev,noexec,uid=0,umask=0077", device, places.stick);
  try {
    await takeOver(parts);
  } finally {
    spawnSync("umount", [places.stick]);
  }
}

export async function takeOver({ lookAgain, places, rauc, say }: StickParts): Promise<void> {
  const names = readdirSync(places.stick).filter((name) => statSync(join(places.stick, name)).isFile());
  const seed = names.find((name) => SEED.test(name));
  if (seed !== undefined && existsSync(places.seed)) {
    for (const old of readdirSync(places.seed).filter((name) => SEED.test(name)))
      rmSync(join(places.seed, old));
    copyFileSync(join(places.stick, seed), join(places.seed, seed.toLowerCase()));
    say(`${seed} is taken over from the stick`);
    lookAgain();
  }
  const bundle = newest(names.filter((name) => BUNDLE.test(name)).slice(0, BUNDLES_MAX), places, rauc);
  if (bundle === undefined) return;
  const tell = (text: string): void => {
    say(`${bundle}: ${text}`);
    writeFileSync(join(places.stick, STATUS), `\ufeff${bundle}\r\n${text}\r\n`);
  };
  const answer = await offer(places, { install: join(places.stick, bundle) });
  // A stick that stays in is looked at again while its own system is on trial: what it says is right as it is.
  if (!answer.accepted && answer.code === "busy") return say(`${bundle}: ${answer.code}`);
  if (!answer.accepted) return tell(`${answer.code}${inBoth(answer.message)}`);
  await follow(places, (update) => tell(lineOf(update)));
}

/** Of several bundles the newest one that RAUC can open; where it opens none, the first, so that somebody is told why. */
function newest(names: readonly string[], places: Places, rauc: Rauc): string | undefined {
  const versions = names.flatMap((name) => {
    const { isDone, text } = rauc.info(join(places.stick, name), ["--no-check-time"]);
    return isDone ? [{ name, version: bundleInfo(text).version }] : [];
  });
  return versions.sort((a, b) => compareVersions(b.version, a.version))[0]?.name ?? names[0];
}

function must(command: string, ...words: readonly string[]): void {
  const { status, stderr } = spawnSync(command, words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${words.join(" ")}: ${stderr}`);
}
