/** From Debian and the agent's package to the files that people get: image of a disk, bundle, manifest. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Architecture } from "../packages/debian-package.ts";
import { buildEdgePackage } from "../packages/edge.ts";
import { debianBase, withGrubModules } from "./base.ts";
import { writeBundle } from "./bundle.ts";
import { Cache } from "./cache.ts";
import { writeDisk } from "./disk.ts";
import { certificateFile } from "./keys.ts";
import { builtFile, imageManifest } from "./manifest.ts";
import { compatibleOf } from "./rauc-files.ts";
import { writeStick } from "./stick-image.ts";
import { buildSystem } from "./system.ts";

export interface BuildOptions {
  readonly architecture: Architecture;
  readonly version: string;
  /** ISO 8601. */
  readonly built: string;
  /** A Node binary for that architecture. */
  readonly node: string;
  /** Folder with root, intermediate and release. */
  readonly keys: string;
  /** Folder that is written to. */
  readonly to: string;
  /** Folder of pieces that are made once; `cache` below `to` unless said. */
  readonly cache?: string;
  /** A folder laid over the system: what a trial adds. */
  readonly over?: string;
  /** Another text makes another Debian base, with what Debian has by then. */
  readonly refreshed?: string;
  /** Told of each step. */
  readonly onStep?: (step: string, milliseconds: number) => void;
}

export interface Built {
  /** The system alone, as a slot holds it. */
  readonly system: string;
  readonly bundle: string;
  /** Image of a box's disk. */
  readonly disk: string;
  /** Image of a stick that writes that disk. */
  readonly stick: string;
  readonly manifest: string;
}

export async function build(options: BuildOptions): Promise<Built> {
  const {
    architecture,
    built,
    cache = join(options.to, "cache"),
    keys,
    node,
    onStep,
    over,
    refreshed,
    to,
    version,
  } = options;
  mkdirSync(to, { recursive: true });
  const timed = async <T>(step: string, work: () => T | Promise<T>): Promise<T> => {
    const begun = performance.now();
    const result = await work();
    onStep?.(step, performance.now() - begun);
    return result;
  };
  const name = `${compatibleOf(architecture)}-${version}`;
  const [system, bundle, manifest] = ["squashfs", "raucb", "json"].map((end) =>
    join(to, `${name}.${end}`),
  ) as [string, string, string];
  for (const each of readdirSync(to)) if (each.startsWith(`${name}.`)) rmSync(join(to, each));
  const base = await timed("Debian", () => debianBase(architecture, new Cache(cache), refreshed));
  const folder = mkdtempSync(join(to, ".package-"));
  let packages: readonly string[];
  try {
    const file = await timed("agent", () =>
      buildEdgePackage({ architecture, node, to: folder, version, level: 1 }),
    );
    packages = await timed("system", () =>
      buildSystem({
        architecture,
        base,
        package: file,
        version,
        built,
        keyring: readFileSync(certificateFile(keys, "root"), "utf8"),
        to: system,
        ...(over === undefined ? {} : { over }),
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
  const content = { compatible: compatibleOf(architecture), version, built };
  await timed("bundle", () => writeBundle({ ...content, system, keys, to: bundle }));
  const [disk, stick] = [join(to, `${name}.img`), join(to, `${name}.stick.img`)];
  await timed("disk and stick", () =>
    withGrubModules(architecture, base, to, (modules) => {
      writeDisk(system, disk, { architecture, modules });
      writeStick({ content, disk, system }, stick, { architecture, modules });
    }),
  );
  const files = [system, bundle, disk, stick].map(builtFile);
  writeFileSync(manifest, `${JSON.stringify(imageManifest(content, files, packages), undefined, 2)}\n`);
  return { system, bundle, disk, stick, manifest };
}
