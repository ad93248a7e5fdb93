/**
 * A file system so small that a test can fill it: ext4 in a file, mounted over a loop device. Mounting needs root, or sudo. Where
 * the machine gives no loop device (some containers), a tmpfs stands in, and that is said.
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CHUNK_BYTES = 64 * 1024;
const USER = process.getuid?.() ?? 0;
const GROUP = process.getgid?.() ?? 0;
const SUDO = USER === 0 ? [] : ["sudo", "--non-interactive"];

export class SmallDisk {
  /** The mounted folder. */
  readonly folder: string;
  readonly #home = mkdtempSync(join(tmpdir(), "small-disk-"));

  constructor(bytes: number) {
    this.folder = join(this.#home, "disk");
    mkdirSync(this.folder);
    const image = join(this.#home, "image");
    closeSync(openSync(image, "w"));
    truncateSync(image, bytes);
    run("mkfs.ext4", "-q", "-m", "0", "-E", `root_owner=${USER}:${GROUP}`, image);
    if (attempt(...SUDO, "mount", "-o", "loop", image, this.folder) === undefined) return;
    console.warn("no loop device can be mounted here; a tmpfs stands in for the small disk");
    const options = `size=${bytes},uid=${USER},gid=${GROUP}`;
    run(...SUDO, "mount", "-t", "tmpfs", "-o", options, "tmpfs", this.folder);
  }

  /** Fills it up until only about `leftBytes` are free; returns how to make the room again. */
  fill(leftBytes: number, freeBytes: () => number): () => void {
    const path = join(this.folder, "filling");
    const file = openSync(path, "a");
    try {
      const chunk = new Uint8Array(CHUNK_BYTES).fill(1);
      while (freeBytes() > leftBytes) writeSync(file, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    } finally {
      closeSync(file);
    }
    return () => rmSync(path);
  }

  remove(): void {
    // A test that failed may still hold files open there.
    run(...SUDO, "umount", "--lazy", this.folder);
    rmSync(this.#home, { recursive: true });
  }
}

function attempt(...line: readonly string[]): string | undefined {
  const [command = "", ...args] = line;
  const { status, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  return status === 0 ? undefined : `${line.join(" ")}: ${error?.message ?? stderr}`;
}

function run(...line: readonly string[]): void {
  const problem = attempt(...line);
  if (problem !== undefined)
    throw new Error(`${problem} (a small disk for this test is mounted as root, or with sudo)`);
}
