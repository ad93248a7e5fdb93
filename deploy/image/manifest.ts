/** What was built: the list that goes beside an image, so that anybody can say what is on a box. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { basename } from "node:path";
import { DATA, extentOf, PARTITIONS, SECTOR_BYTES } from "./layout.ts";
import type { BundleContent } from "./rauc-files.ts";

const BLOCK_BYTES = 4 * 1024 * 1024;

export interface BuiltFile {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface ImageManifest extends BundleContent {
  readonly files: readonly BuiltFile[];
  readonly partitions: readonly {
    readonly name: string;
    readonly type: string;
    readonly firstByte?: number;
    readonly bytes?: number;
  }[];
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

/** `packages` are lines of name, tab and version. */
export function imageManifest(
  content: BundleContent,
  files: readonly BuiltFile[],
  packages: readonly string[],
): ImageManifest {
  return {
    compatible: content.compatible,
    version: content.version,
    built: content.built,
    files,
    partitions: [
      ...PARTITIONS.map(({ name, type }) => {
        const { firstSector, sectors } = extentOf(name);
        return { name, type, firstByte: firstSector * SECTOR_BYTES, bytes: sectors * SECTOR_BYTES };
      }),
      DATA,
    ],
    packages: packages.map((line) => {
      const [name = "", version = ""] = line.split("\t");
      return { name, version };
    }),
  };
}

export function builtFile(path: string): BuiltFile {
  const hash = createHash("sha256");
  const file = openSync(path, "r");
  try {
    const block = Buffer.alloc(BLOCK_BYTES);
    for (;;) {
      const length = readSync(file, block);
      if (length === 0) break;
      hash.update(block.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
  return { name: basename(path), bytes: statSync(path).size, sha256: hash.digest("hex") };
}
