/** Debian's nats-server as a process of its own, on a free loopback port, with JetStream in a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canSync } from "../jetstream/index.ts";

const ENVIRONMENT = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

export class NatsServer {
  readonly folder = mkdtempSync(join(tmpdir(), "nats-"));
  readonly url: string;
  #process: ChildProcess | undefined;

  constructor(port: number) {
    this.url = `nats://127.0.0.1:${port}`;
    writeFileSync(
      join(this.folder, "nats.conf"),
      `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${this.folder}"${canSync(version()) ? ", sync_interval: always" : ""} }\n`,
    );
  }

  static async start(): Promise<NatsServer> {
    const server = new NatsServer(await freePort());
    await server.begin();
    return server;
  }

  /** Starts again what was killed, on the same port, with what is in its folder. */
  async begin(): Promise<void> {
    const child = spawn("nats-server", ["--config", join(this.folder, "nats.conf")], {
      env: ENVIRONMENT,
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#process = child;
    let log = "";
    for await (const chunk of child.stderr) {
      log += String(chunk);
      if (log.includes("Server is ready")) break;
    }
    if (!log.includes("Server is ready")) throw new Error(`nats-server did not start: ${log}`);
    child.stderr.destroy();
  }

  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }
}

function version(): string {
  const { stdout } = spawnSync("nats-server", ["--version"], { encoding: "utf8", env: ENVIRONMENT });
  return /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? "unknown";
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
