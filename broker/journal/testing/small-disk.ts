/**
 * A file system so small that a test can fill it: ext4 in a file, mounted over a loop device. Mounting needs root. Where
 * the machine gives no loop device (some containers), a tmpfs stands in, and that is said.
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CHUNK_BYTES = 64 * 1024;

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
    run("mkfs.ext4", "-q", "-m", "0", image);
    if (attempt("mount", "-o", "loop", image, this.folder) === undefined) return;
    console.warn("no loop device can be mounted here; a tmpfs stands in for the small disk");
    run("mount", "-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", this.folder);
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
    run("umount", this.folder);
    rmSync(this.#home, { recursive: true });
  }
}

function attempt(command: string, ...args: string[]): string | undefined {
  const { status, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  return status === 0 ? undefined : `${command} ${args.join(" ")}: ${error?.message ?? stderr}`;
}

function run(command: string, ...args: string[]): void {
  const problem = attempt(command, ...args);
  if (problem !== undefined) throw new Error(`${problem} (a small disk for this test is mounted as root)`);
}
