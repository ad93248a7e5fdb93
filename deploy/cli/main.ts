/**
 * `campus-ops <command>`: the one entry point.
 *
 * Compiled code is kept between runs: without the TypeScript stripper in memory a process is a fifth smaller, and it
 * starts in half the time.
 */
import { enableCompileCache } from "node:module";
import { resolve } from "node:path";

enableCompileCache(resolve(import.meta.dirname, "../../node_modules/.cache/node-compile-cache"));

const { main } = await import("./commands.ts");
process.exitCode = await main(process.argv.slice(2));
