/** Debian's victoria-metrics (1.79) as a process of its own, on a free loopback port, with a folder of its own. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../../testing/until.ts";
import { freePort } from "../../testing/free-port.ts";
import { startServer } from "../../testing/server-process.ts";

export class VictoriaMetricsServer {
  readonly folder = mkdtempSync(join(tmpdir(), "victoria-metrics-"));
  readonly url: string;
  readonly #arguments: readonly string[];
  #process: ChildProcess | undefined;

  constructor(port: number, more: readonly string[]) {
    this.url = `http://127.0.0.1:${port}`;
    this.#arguments = [
      `-storageDataPath=${this.folder}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      "-dedup.minScrapeInterval=1ms",
      "-retentionPeriod=100y",
      ...more,
    ];
  }

  static async start(more: readonly string[] = []): Promise<VictoriaMetricsServer> {
    const server = new VictoriaMetricsServer(await freePort(), more);
    await server.begin();
    return server;
  }

  /** Starts again what was stopped, on the same port, with what is in its folder. */
  async begin(): Promise<void> {
    this.#process = await startServer("victoria-metrics", this.#arguments, "pprof handlers are exposed");
    // It says so a moment before it listens.
    await until(() =>
      fetch(`${this.url}/health`).then(
        (response) => response.ok,
        () => false,
      ),
    );
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** What was written is on the disk and visible. */
  async flush(): Promise<void> {
    await (await fetch(`${this.url}/internal/force_flush`)).arrayBuffer();
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
