/**
 * The first start on a machine: every process loads its modules once and ends, so that all of them start with compiled
 * code from then on, the first time included. TypeScript that is compiled anew costs a process a second to start and
 * 25 MB for as long as it lives, which an edge box has better uses for.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "@campus-ops/service";

/** Where compiled code is kept unless NODE_COMPILE_CACHE says: with the installation, for whatever data folder it runs. */
export function compiledCode(root: string): string {
  return join(root, "node_modules", ".cache", "node-compile-cache");
}

/** Does nothing when it was done before; a file that changed since is compiled by the process that loads it. */
export async function precompile(folder: string, mains: readonly string[], log: Log): Promise<void> {
  const marker = join(folder, "precompiled");
  if (existsSync(marker)) return;
  log.info("compiling; this happens once after an installation");
  const environment = { ...process.env, NODE_COMPILE_CACHE: folder, CAMPUS_OPS_COMPILE_ONLY: "1" };
  await Promise.all(
    [...new Set(mains)].map(async (main) => {
      const child = spawn(process.execPath, [main], { env: environment, stdio: "ignore" });
      // Whatever goes wrong here goes wrong again, and is said, when the process is started for good.
      await once(child, "close").catch(() => undefined);
    }),
  );
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(marker, "");
  } catch (error) {
    // An installation that cannot be written to works all the same; it compiles at every start.
    log.debug({ err: error }, "compiled code is not kept");
  }
}
