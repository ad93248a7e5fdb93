/** Debian's PostgreSQL as a process of its own, on a free loopback port, with its files in a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../testing/free-port.ts";

const DEBIAN = "/usr/lib/postgresql";
/** It refuses to run as root. */
const NOBODY = 65_534;
const USER = "campus_ops";
export const PASSWORD = "of-the-tests-alone";

const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

export class PostgresServer {
  readonly folder = mkdtempSync(join(tmpdir(), "postgres-"));
  readonly url: string;
  readonly #port: number;
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.#port = port;
    this.url = `postgresql://${USER}@127.0.0.1:${port}/postgres`;
    if (identity.uid !== undefined) chownSync(this.folder, identity.uid, identity.gid);
    const password = join(this.folder, "password");
    writeFileSync(password, PASSWORD);
    const { status, stderr } = spawnSync(
      program("initdb"),
      [
        ...["--pgdata", join(this.folder, "data"), "--username", USER, "--pwfile", password, "--no-sync"],
        ...["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"],
      ],
      { ...identity, encoding: "utf8", cwd: this.folder },
    );
    if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
  }

  static async start(): Promise<PostgresServer> {
    const server = new PostgresServer(await freePort());
    await server.begin();
    return server;
  }

  /** Starts again what was killed, on the same port, with what is in its folder. */
  async begin(): Promise<void> {
    const settings = [
      `port=${this.#port}`,
      "listen_addresses=127.0.0.1",
      `unix_socket_directories=${this.folder}`,
      "shared_buffers=16MB",
    ];
    const child = spawn(
      program("postgres"),
      ["-D", join(this.folder, "data"), ...settings.flatMap((each) => ["-c", each])],
      { ...identity, stdio: ["ignore", "ignore", "pipe"], cwd: this.folder },
    );
    this.#process = child;
    let log = "";
    for await (const chunk of child.stderr.iterator({ destroyOnReturn: false })) {
      log += String(chunk);
      if (log.includes("ready to accept connections")) break;
    }
    if (!log.includes("ready to accept connections")) throw new Error(`postgres did not start: ${log}`);
    child.stderr.resume();
  }

  /** SIGINT ends its connections and writes everything down; SIGKILL leaves that to its next start. */
  async kill(signal: "SIGKILL" | "SIGINT" = "SIGINT"): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    // Those who serve connections outlive a killed server for a moment, and hold its stderr: it closes with the last of them.
    const gone = once(child, "close");
    child.kill(signal);
    await gone;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Debian keeps them away from the PATH, as several versions may be there at once; the newest counts. */
function program(name: string): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(DEBIAN, version, "bin", name)).find(existsSync) ?? name;
}
