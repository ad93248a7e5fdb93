/** Starts a server and waits for what it says when it is ready. */
import { type ChildProcess, spawn } from "node:child_process";

/** Its log is read to its end: a server of Go ends when nobody takes what it says. */
export async function startServer(
  command: string,
  args: readonly string[],
  ready: string,
): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  // A test that failed before it could stop its server leaves none behind.
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  let log = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      if (log.includes(ready)) return;
      log += String(chunk);
      if (log.includes(ready)) resolve();
    });
    child.on("error", reject);
    child.on("exit", () => reject(new Error(`${command} did not start: ${log}`)));
  });
  return child;
}
