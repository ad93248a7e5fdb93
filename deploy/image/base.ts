/** The Debian below everything: a tar file of a root file system, by mmdebstrap. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Architecture } from "../packages/debian-package.ts";
import type { Cache } from "./cache.ts";
import { run } from "./command.ts";
import { keptOf, LEFT_OUT, packagesOf, SUITE } from "./packages.ts";

/** The path of the tar file. `refreshed` is any text: another one makes another base, with what Debian has by then. */
export function debianBase(architecture: Architecture, cache: Cache, refreshed = ""): string {
  const packages = packagesOf(architecture);
  const kept = keptOf(architecture);
  return cache.file(
    `base-${architecture}`,
    "tar",
    { packages, LEFT_OUT, KEPT: kept, SUITE, refreshed },
    (to) => {
      const words = [
        "--mode=root",
        "--variant=essential",
        "--format=tar",
        `--architectures=${architecture}`,
        `--include=${packages.join(",")}`,
        ...LEFT_OUT.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
        ...kept.map((pattern) => `--dpkgopt=path-include=${pattern}`),
        SUITE,
        to,
      ];
      // Its initial RAM file system is made once, when everything that belongs into it is there.
      run("mmdebstrap", words, { environment: { INITRD: "No" } });
    },
  );
}

/** This machine's own; GRUB for arm64 is in Debian for arm64 alone. */
const GRUB_MODULES = "/usr/lib/grub";

/** `work` with the folder that has GRUB's modules for what is built. */
export function withGrubModules<T>(
  architecture: Architecture,
  base: string,
  below: string,
  work: (modules: string) => T,
): T {
  if (architecture === "amd64") return work(GRUB_MODULES);
  const folder = mkdtempSync(join(below, ".grub-"));
  try {
    run("tar", ["-xf", base, "-C", folder, `.${GRUB_MODULES}`]);
    return work(join(folder, GRUB_MODULES));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
