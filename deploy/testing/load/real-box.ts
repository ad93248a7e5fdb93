/** An edge box as a school has it, on a load hub: the agent in a process of its own, with devices over their real protocols. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { type SimulatedDevice, startSimulator } from "@campus-ops/device-profiles/simulator";
import { socketPath } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import { LineSplitter } from "../../cli/supervisor/lines.ts";
import { Happenings } from "../awaiting.ts";
import type { LoadEdgeOptions } from "./load-edge.ts";

const MAIN = resolve(import.meta.dirname, "../../../edge-agent/main.ts");
export const SECRET = "not-a-secret-of-anybody";

interface LogLine {
  readonly msg?: string;
  readonly ready?: boolean;
}

export class RealBox {
  /** By id: the class of its profile, such as `access-gate`. */
  readonly devices: ReadonlyMap<string, SimulatedDevice>;
  /** Behind its private socket. */
  readonly private_: SocketClient;
  readonly log: Happenings<LogLine>;
  readonly #child: ChildProcess;

  /**
   * @param profiles one device of each; what follows a `?` goes with its address
   * @param before a command to run it with: a network namespace, a processor
   */
  static async start(
    { campus, campusPath, folder, node, password, url, username }: LoadEdgeOptions,
    profiles: readonly string[],
    before: readonly string[] = [],
  ): Promise<RealBox> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "password"), `${password}\n`, { mode: 0o600 });
    writeFileSync(join(folder, "secret"), `${SECRET}\n`, { mode: 0o600 });
    const devices = new Map<string, SimulatedDevice>();
    const stanzas: object[] = [];
    for (const asked of profiles) {
      const [id = "", query] = asked.split("?");
      const profile = findProfile(id);
      if (profile === undefined) throw new Error(`there is no profile ${id}`);
      const needsSecret = profile.protocol === "webhook";
      const device = await startSimulator(profile, needsSecret ? { secret: SECRET } : {});
      devices.set(profile.class, device);
      stanzas.push({
        id: profile.class,
        profile: id,
        title: profile.title,
        at: "a/1/south",
        url:
          query === undefined ? device.url : `${device.url}${device.url.includes("?") ? "&" : "?"}${query}`,
        poll: "500ms",
        ...(needsSecret ? { secretFile: "secret" } : {}),
      });
    }
    const config = join(folder, "edge.yaml");
    const document = {
      campus: { id: campus, path: campusPath },
      node: { id: node, title: { zh: "边缘盒", en: "Edge box" } },
      broker: { url, username, passwordFile: "password" },
      primaryHost: "hub",
      devices: stanzas,
    };
    // JSON is YAML.
    writeFileSync(config, JSON.stringify(document));
    const run = join(folder, "run");
    const environment = {
      CAMPUS_OPS_CONFIG: config,
      CAMPUS_OPS_DATA: join(folder, "data"),
      CAMPUS_OPS_RUN: run,
    };
    const [command = process.execPath, ...args] = [...before, process.execPath, MAIN];
    const child = spawn(command, args, {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const log = new Happenings<LogLine>();
    const lines = new LineSplitter((line) => log.add(JSON.parse(line) as LogLine));
    child.stdout.on("data", (chunk: Buffer) => lines.push(chunk));
    const box = new RealBox(devices, child, log, socketClient(socketPath(run, `edge-${campus}-${node}`)));
    await log.until("the agent is ready", ({ ready }) => ready === true);
    return box;
  }

  private constructor(
    devices: ReadonlyMap<string, SimulatedDevice>,
    child: ChildProcess,
    log: Happenings<LogLine>,
    private_: SocketClient,
  ) {
    this.devices = devices;
    this.log = log;
    this.private_ = private_;
    this.#child = child;
  }

  /** `taskset` and `ip netns exec` become what they run: it is the agent's own. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  device(id: string): SimulatedDevice {
    const device = this.devices.get(id);
    if (device === undefined) throw new Error(`the box has no ${id}`);
    return device;
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    await this.private_.close();
    if (this.isRunning) {
      const ended = once(this.#child, "exit");
      this.#child.kill(signal);
      await ended;
    }
    await Promise.all([...this.devices.values()].map((device) => device.close()));
  }
}
