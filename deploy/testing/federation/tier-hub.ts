/** One hub of several in a tree: broker, ingest and rules as processes, and the agent that tells the hub above. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Site } from "@campus-ops/device-profiles/vocabulary";
import { LAUNCH_ENVIRONMENT } from "@campus-ops/edge-agent/launch";
import { readEnvironment, socketPath } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import { runEnrol } from "../../cli/enrol.ts";
import { prepareParent } from "../../cli/parent.ts";
import { compiledCode } from "../../cli/precompile.ts";
import { LineSplitter } from "../../cli/supervisor/lines.ts";
import { Authority, certificateFile } from "../../pki/authority.ts";
import { deniedFile, serverFile } from "../../pki/configuration.ts";
import { ensureServerCertificate } from "../../pki/server-certificate.ts";
import { Happenings } from "../awaiting.ts";
import type { NetworkNamespace } from "../network-namespace.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
/** A machine with cold caches and ten others at work. */
const READY_MS_MAX = 90_000;

export type TierProcess = "broker" | "ingest" | "rules" | "edge-agent" | "enrolment";

/** Where hubs below come to their certificate, and then to the broker. */
export interface EnrolmentPlace {
  readonly host: string;
  readonly mqttsPort: number;
  readonly port: number;
}

export interface TierOptions {
  readonly folder: string;
  readonly site: Site;
  /** Ours unless said. */
  readonly network?: NetworkNamespace;
  /** Addresses of its broker; the first is its own. */
  readonly listen: readonly string[];
  readonly mqttPort: number;
  /** Edge nodes that it knows, as `campus/node`; the password of all of them. */
  readonly nodes: readonly string[];
  readonly password: string;
  /** `mqtt://…` of the hub above, which knows this one by its password; or the seed file that it made for this one. */
  readonly parent?: string | { readonly seed: string };
  /** Sections of its configuration beside those that follow from the rest. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** Makes it an authority, whose broker knows hubs below by their certificates. */
  readonly enrols?: EnrolmentPlace;
}

export class TierHub {
  readonly log = new Happenings<Readonly<Record<string, unknown>>>();
  readonly data: string;
  readonly #options: TierOptions;
  readonly #config: string;
  readonly #pki: string;
  readonly #run: string;
  readonly #children = new Map<TierProcess, ChildProcess>();
  readonly #clients = new Map<string, SocketClient>();

  constructor(options: TierOptions) {
    this.#options = options;
    const { enrols, folder, listen, mqttPort, nodes, parent, password, site } = options;
    this.data = join(folder, "data");
    this.#run = join(folder, "run");
    this.#config = join(folder, "hub.yaml");
    this.#pki = join(this.data, "pki");
    mkdirSync(this.data, { recursive: true });
    mkdirSync(this.#run, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "password"), `${password}\n`, { mode: 0o600 });
    const users = nodes.map((each) => {
      const [campus, node] = each.split("/");
      return { name: each.replace("/", "-"), passwordFile: "password", role: "edge", campus, node };
    });
    const document = {
      ...options.more,
      site,
      broker: {
        listen: [...listen.map((host) => ({ host, port: mqttPort })), ...this.#listenWithTls()],
        ...(enrols === undefined ? {} : { denyFile: deniedFile(this.#pki) }),
        users: [{ name: "ingest", passwordFile: "password", role: "host", hostId: "hub" }, ...users],
      },
      ingest: {
        broker: { url: `mqtt://${listen[0]}:${mqttPort}`, username: "ingest", passwordFile: "password" },
      },
      ...(enrols === undefined
        ? {}
        : {
            enrolment: {
              folder: this.#pki,
              names: [enrols.host],
              listen: { host: enrols.host, port: enrols.port },
              broker: `mqtts://${enrols.host}:${enrols.mqttsPort}`,
            },
          }),
      ...(parent === undefined
        ? {}
        : {
            parent:
              typeof parent === "string"
                ? { broker: parent, username: this.name, passwordFile: "password" }
                : parent,
          }),
    };
    writeFileSync(this.#config, JSON.stringify(document));
  }

  /** As the hub above knows its agent. */
  get name(): string {
    const { city, counties } = this.#options.site;
    const [county] = counties;
    return `${counties.length > 1 ? city.code : (county?.campuses.length ?? 0) > 1 ? county?.code : county?.campuses[0]?.id}-hub`;
  }

  /** Before it starts, where it enrols. */
  async makeAuthority(): Promise<void> {
    const { enrols } = this.#options;
    if (enrols === undefined) throw new Error(`${this.name} enrols nobody`);
    const authority = await Authority.create(this.#pki, this.name, Date.now());
    await ensureServerCertificate(authority, this.#pki, [enrols.host], Date.now());
  }

  /** `campus-ops enrol …`, for the node `campus`/hub. */
  async enrol(verb: "token" | "revoke", campus: string, out?: string): Promise<void> {
    const options = { config: this.#config, campus, node: "hub", out, replace: false };
    await runEnrol([verb], options, "en");
  }

  #listenWithTls(): readonly object[] {
    const { enrols } = this.#options;
    if (enrols === undefined) return [];
    const own = serverFile(this.#pki);
    const tls = { certFile: own, keyFile: own, caFile: certificateFile(this.#pki) };
    return [{ host: enrols.host, port: enrols.mqttsPort, tls: { ...tls, requireClientCertificate: true } }];
  }

  async start(): Promise<void> {
    const { enrols } = this.#options;
    if (enrols !== undefined) await this.startProcess("enrolment");
    for (const each of ["broker", "ingest", "rules"] as const) await this.startProcess(each);
    if (this.#options.parent !== undefined) await this.startProcess("edge-agent");
  }

  async startProcess(name: TierProcess): Promise<void> {
    const { network } = this.#options;
    const environment = {
      CAMPUS_OPS_DATA: this.data,
      CAMPUS_OPS_RUN: this.#run,
      CAMPUS_OPS_LOG_LEVEL: "info",
    };
    const parent = prepareParent(this.#config, readEnvironment({ ...process.env, ...environment }));
    const own = {
      ...(name === "edge-agent" ? LAUNCH_ENVIRONMENT : {}),
      ...environment,
      NODE_COMPILE_CACHE: compiledCode(ROOT),
      CAMPUS_OPS_CONFIG: name === "edge-agent" ? (parent?.file ?? "") : this.#config,
      ...(name === "edge-agent" && parent?.seed !== undefined ? { CAMPUS_OPS_SEED: parent.seed } : {}),
    };
    const command = [process.execPath, join(ROOT, name === "enrolment" ? "deploy/pki" : name, "main.ts")];
    // What enters the other network does not keep our environment everywhere.
    const words = Object.entries(own).map(([key, value]) => `${key}=${value}`);
    const [program = "", ...args] =
      network === undefined ? command : [...network.enter, "env", ...words, ...command];
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, ...own },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#children.set(name, child);
    const since = this.log.all.length;
    const lines = new LineSplitter((line) => this.log.add({ of: name, ...entryOf(line) }));
    child.stdout?.on("data", (chunk: Buffer) => lines.push(chunk));
    const ended = once(child, "close").then(([code]) => {
      throw new Error(`${name} of ${this.name} ended with ${code} before it was ready: ${this.lastWords()}`);
    });
    ended.catch(() => undefined);
    const ready = (entry: Readonly<Record<string, unknown>>): boolean =>
      entry.of === name && entry.ready === true;
    await Promise.race([
      this.log.until(`${name} is ready`, ready, { milliseconds: READY_MS_MAX, since }),
      ended,
    ]);
  }

  /** With no chance to say goodbye; and starts it again. */
  async killAndRestart(name: TierProcess): Promise<void> {
    await this.#end(name, "SIGKILL");
    await this.startProcess(name);
  }

  async get<T>(process: "rules" | "ingest", path: string): Promise<T> {
    const answer = await this.#client(process).fetch(path);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${process}${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  }

  async act(alarm: string, action: string, more: object = {}): Promise<void> {
    const answer = await this.#client("rules").fetch(`/alarms/${alarm}/${action}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ by: "duty", ...more }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${action}: ${answer.status} ${text}`);
  }

  lastWords(): string {
    return this.log.all
      .slice(-12)
      .map((entry) => JSON.stringify(entry))
      .join("\n");
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
    for (const name of ["edge-agent", "enrolment", "rules", "ingest", "broker"] as const)
      await this.#end(name, "SIGTERM");
    rmSync(this.#options.folder, { recursive: true, force: true });
  }

  async #end(name: TierProcess, signal: NodeJS.Signals): Promise<void> {
    const child = this.#children.get(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill(signal);
    await closed;
  }

  #client(name: string): SocketClient {
    const client = this.#clients.get(name) ?? socketClient(socketPath(this.#run, name));
    this.#clients.set(name, client);
    return client;
  }
}

function entryOf(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return { msg: line };
  }
}
