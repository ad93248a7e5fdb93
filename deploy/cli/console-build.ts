/** The console is built where it runs: once after an installation, and again when its sources are newer. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Log, OperatorError } from "@campus-ops/service";

/** What the console is made of, and what the build makes, below the repository's root. */
const SOURCES = [
  "dashboards/console",
  "dashboards/api/api.ts",
  "dashboards/package.json",
  "package-lock.json",
];
const PRODUCT = "dashboards/console/dist/index.html";
const NOT_SOURCES = new Set(["dist", "node_modules"]);

/** True when there is no build or a source is newer than it. A package brings the build and no sources. */
export function isConsoleStale(root: string): boolean {
  if (!existsSync(join(root, "package-lock.json"))) return false;
  const product = join(root, PRODUCT);
  if (!existsSync(product)) return true;
  const built = statSync(product).mtimeMs;
  return SOURCES.some((source) => newestUnder(join(root, source)) > built);
}

/** Builds the console when it is stale. Throws an {@link OperatorError} when that fails. */
export async function ensureConsole(root: string, log: Log): Promise<void> {
  if (!isConsoleStale(root)) return;
  log.info("building the console; this happens after an installation or a change, and takes a few seconds");
  const build = spawn("npm", ["run", "--silent", "build", "-w", "@campus-ops/dashboards"], {
    cwd: root,
    // Whatever this process is run for: React's development build is half as large again, and slow.
    env: { ...process.env, NODE_ENV: "production" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: Buffer[] = [];
  build.stdout.on("data", (chunk: Buffer) => said.push(chunk));
  build.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    build.once("error", reject);
    build.once("close", resolve);
  });
  if (code === 0) return;
  throw new OperatorError(
    `the console could not be built (npm run build -w dashboards ended with ${code}):\n${Buffer.concat(said).toString("utf8").trim()}`,
  );
}

/** The newest change below a path, in milliseconds since the epoch; 0 where there is nothing. */
function newestUnder(path: string): number {
  if (!existsSync(path)) return 0;
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return readdirSync(path)
    .filter((name) => !NOT_SOURCES.has(name))
    .reduce((newest, name) => Math.max(newest, newestUnder(join(path, name))), found.mtimeMs);
}
