/** A whole hub, as an operator starts it, in a data folder and on ports of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { socketPath } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import { freePort } from "@campus-ops/service/testing/free-port";
import { runFolder } from "../cli/run-folder.ts";
import { LineSplitter } from "../cli/supervisor/lines.ts";
import { Happenings, within } from "./awaiting.ts";

export { freePort } from "@campus-ops/service/testing/free-port";

const ROOT = resolve(import.meta.dirname, "../..");
/** All processes of a hub, on a machine with two busy cores. */
const READY_MS_MAX = 90_000;
const STOP_MS_MAX = 60_000;

export type LogEntry = Readonly<Record<string, unknown>> & {
  readonly process?: string;
  readonly msg?: string;
};

export interface HubOptions {
  /** `--demo` unless a configuration is named. */
  readonly config?: string;
  /** A folder to go on with; a temporary one, removed at the end, unless said. */
  readonly data?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Rule packs for the demonstration, beside its own. */
  readonly packs?: readonly string[];
  /** A free one unless said. */
  readonly mqttPort?: number;
}

export class HubProcess {
  readonly data: string;
  readonly run: string;
  readonly httpPort: number;
  readonly mqttPort: number;
  readonly log = new Happenings<LogEntry>();
  readonly printed = new Happenings<string>();
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  readonly #temporary: boolean;
  readonly #clients = new Map<string, SocketClient>();

  /** Starts the processes; {@link ready} tells when they are there. */
  static async start(options: HubOptions = {}): Promise<HubProcess> {
    return new HubProcess(options, await freePort(), options.mqttPort ?? (await freePort()));
  }

  private constructor(options: HubOptions, httpPort: number, mqttPort: number) {
    this.#temporary = options.data === undefined;
    this.data = options.data ?? mkdtempSync(join(tmpdir(), "campus-ops-hub-"));
    this.run = runFolder(this.data);
    this.httpPort = httpPort;
    this.mqttPort = mqttPort;
    const packs = (options.packs ?? []).flatMap((pack) => ["--pack", pack]);
    const mode = options.config === undefined ? ["--demo", ...packs] : ["--config", options.config];
    this.#child = spawn(process.execPath, [join(ROOT, "deploy/cli/main.ts"), "up", ...mode], {
      cwd: ROOT,
      env: {
        ...process.env,
        CAMPUS_OPS_DATA: this.data,
        CAMPUS_OPS_HTTP_PORT: String(httpPort),
        CAMPUS_OPS_MQTT_PORT: String(mqttPort),
        ...options.environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    listen(this.#child.stdout, (line) => this.printed.add(line));
    listen(this.#child.stderr, (line) => this.log.add(entryOf(line)));
    this.#exit = once(this.#child, "close").then(([code]) => code as number | null);
  }

  get supervisorPid(): number {
    return this.#child.pid ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  /** Resolves when the hub says that alarms can flow. */
  async ready(): Promise<void> {
    const said = this.printed.until("ready", (line) => line.startsWith("ready: http"), {
      milliseconds: READY_MS_MAX,
    });
    const ended = this.#exit.then((code) => {
      throw new Error(`campus-ops up ended with ${code} before it was ready:\n${this.lastWords()}`);
    });
    await Promise.race([said, ended]).catch((error: unknown) => {
      throw new Error(`the hub is not ready; its last words:\n${this.lastWords()}`, { cause: error });
    });
    ended.catch(() => undefined);
  }

  /** The exit code, once it ended by itself. */
  exit(): Promise<number | null> {
    return within(READY_MS_MAX, "campus-ops up ends", this.#exit);
  }

  lastWords(): string {
    return this.log.all
      .slice(-15)
      .map(
        ({ process: who, msg, ...more }) =>
          `${who}: ${msg} ${more.err === undefined ? "" : JSON.stringify(more.err)}`,
      )
      .join("\n");
  }

  /** Names of the processes that were ready at some time. */
  processes(): readonly string[] {
    return [
      ...new Set(this.log.all.filter(({ ready }) => ready === true).map((entry) => entry.process ?? "")),
    ];
  }

  /** The process id of the newest run of a process. */
  pid(name: string): number {
    const entry = this.log.all.findLast((each) => each.ready === true && each.process === name);
    if (typeof entry?.pid !== "number") throw new Error(`${name} has never been ready`);
    return entry.pid;
  }

  /** Kills a process with no chance to say goodbye, and resolves when it is ready again. */
  async killAndAwaitReturn(name: string): Promise<void> {
    const since = this.log.all.length;
    process.kill(this.pid(name), "SIGKILL");
    await this.log.until(`${name} is ready again`, (each) => each.ready === true && each.process === name, {
      since,
    });
  }

  /** Speaks to a process behind its private socket: `ingest`, `edge-qiyun-no1-box-1`, `simulators` … */
  private_(name: string): SocketClient {
    let client = this.#clients.get(name);
    if (client === undefined) {
      client = socketClient(socketPath(this.run, name));
      this.#clients.set(name, client);
    }
    return client;
  }

  /** Kills the supervisor with no chance to say goodbye. The data stays, for another to go on with. */
  async crash(): Promise<void> {
    await this.#closeClients();
    this.#child.kill("SIGKILL");
    await this.#exit;
  }

  /** Stops it as Ctrl-C would; the exit code. */
  async stop(): Promise<number | null> {
    await this.#closeClients();
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGTERM");
    const code = await within(STOP_MS_MAX, "campus-ops up stops", this.#exit);
    if (this.#temporary) {
      rmSync(this.data, { recursive: true, force: true });
      rmSync(this.run, { recursive: true, force: true });
    }
    return code;
  }

  async #closeClients(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
    this.#clients.clear();
  }
}

function listen(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  const splitter = new LineSplitter(onLine);
  stream?.on("data", (chunk: Buffer) => splitter.push(chunk));
  stream?.on("end", () => splitter.end());
}

function entryOf(line: string): LogEntry {
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    return { msg: line };
  }
}
