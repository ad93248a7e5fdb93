/** A process of the platform, run as an operator runs it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "../../..");

export interface PlatformProcess {
  stop(signal: "SIGTERM" | "SIGKILL" | "SIGHUP"): Promise<void>;
}

/** Resolves when it says that it is ready; rejects with its last words when it ends before. */
export async function startPlatformProcess(
  main: string,
  config: string,
  folder: string,
): Promise<PlatformProcess> {
  const child: ChildProcess = spawn(process.execPath, [join(ROOT, main)], {
    env: {
      ...process.env,
      CAMPUS_OPS_CONFIG: config,
      CAMPUS_OPS_DATA: folder,
      CAMPUS_OPS_RUN: join(folder, "run"),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said: string[] = [];
  await new Promise<void>((ready, reject) => {
    child.once("exit", (code) =>
      reject(new Error(`${main} ended with ${code}: ${said.slice(-5).join("\n")}`)),
    );
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      said.push(line);
      if (line.includes('"ready":true')) ready();
    });
  });
  return {
    stop: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
    },
  };
}
