/** A signed RAUC bundle around the image of a system. */
import { copyFileSync, linkSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "./command.ts";
import { certificateFile, keyFile } from "./keys.ts";
import { type BundleContent, bundleManifest, SYSTEM_IMAGE } from "./rauc-files.ts";

export interface BundleOptions extends BundleContent {
  /** Image of the system, a file. */
  readonly system: string;
  /** Folder with the keys of a release and the certificate of the intermediate. */
  readonly keys: string;
  /** The bundle that is written; there must be none. */
  readonly to: string;
}

export function writeBundle({ keys, system, to, ...content }: BundleOptions): void {
  const folder = mkdtempSync(join(dirname(to), ".bundle-"));
  try {
    place(system, join(folder, SYSTEM_IMAGE));
    writeFileSync(join(folder, "manifest.raucm"), bundleManifest(content));
    run("rauc", [
      `--cert=${certificateFile(keys, "release")}`,
      `--key=${keyFile(keys, "release")}`,
      // Boxes know the root alone, so that the way to it has to come along.
      `--intermediate=${certificateFile(keys, "intermediate")}`,
      "bundle",
      // What is in it is compressed already.
      "--mksquashfs-args=-noD -noF -no-progress -quiet",
      folder,
      to,
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Without a copy where both lie on one file system. */
function place(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
