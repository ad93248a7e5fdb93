/** Other people's programs, run to their end. */
import { spawnSync } from "node:child_process";

/** Debian keeps what only root needs in folders that a user's PATH lacks. */
const PATH = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

export interface CommandOptions {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** What it wrote to its output. Throws with its last words, and where it is missing with the package that has it. */
export function run(
  command: string,
  words: readonly string[],
  { environment = {}, input = "" }: CommandOptions = {},
): string {
  const { error, status, stderr, stdout } = spawnSync(command, words, {
    encoding: "utf8",
    env: { ...process.env, PATH, ...environment },
    input,
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  if (error !== undefined) throw new Error(`${command}: ${error.message}; ${PACKAGES}`);
  if (status !== 0) throw new Error(`${command} ${words.join(" ")} ended with ${status}:\n${lastOf(stderr)}`);
  return stdout;
}

const PACKAGES =
  "on Debian: apt install mmdebstrap squashfs-tools dosfstools mtools fdisk e2fsprogs grub-pc-bin grub-efi-amd64-bin grub-common rauc";
const LAST_CHARACTERS = 4_000;
const lastOf = (text: string): string => text.slice(-LAST_CHARACTERS);
