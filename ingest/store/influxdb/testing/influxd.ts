/** Debian's influxd (1.6) as a process of its own, on free loopback ports, with a folder of its own. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../testing/free-port.ts";
import { startServer } from "../../testing/server-process.ts";

export class Influxd {
  readonly folder = mkdtempSync(join(tmpdir(), "influxd-"));
  readonly url: string;
  #process: ChildProcess | undefined;

  constructor(port: number, backupPort: number) {
    this.url = `http://127.0.0.1:${port}`;
    writeFileSync(
      join(this.folder, "influxdb.conf"),
      `
reporting-disabled = true
bind-address = "127.0.0.1:${backupPort}"
[meta]
  dir = "${this.folder}/meta"
[data]
  dir = "${this.folder}/data"
  wal-dir = "${this.folder}/wal"
  query-log-enabled = false
  cache-snapshot-write-cold-duration = "2s"
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
[monitor]
  store-enabled = false
`,
    );
  }

  static async start(): Promise<Influxd> {
    const server = new Influxd(await freePort(), await freePort());
    await server.begin();
    return server;
  }

  /** Starts again what was stopped, on the same port, with what is in its folder. */
  async begin(): Promise<void> {
    this.#process = await startServer(
      "influxd",
      ["-config", join(this.folder, "influxdb.conf")],
      "Listening for signals",
    );
  }

  /** Its processor time, for benchmarks. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  async end(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
