/** An edge box as a school has it, on a load hub: the agent in a process of its own, with devices over their real protocols. */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { type SimulatedDevice, startSimulator } from "@campus-ops/device-profiles/simulator";
import type { LoadEdgeOptions } from "../testing/load/load-edge.ts";
import { startPinned, stopped } from "./minimal-hub.ts";

const MAIN = resolve(import.meta.dirname, "../../edge-agent/main.ts");
/** A door controller with a log of its own, a room monitor, and a projector with a session. */
const PROFILES = {
  gate: "access-gate/generic-modbus-controller",
  monitor: "environment-sensor/generic-room-monitor",
  projector: "projector/generic-pjlink-class-1",
} as const;

export class RealBox {
  readonly devices: readonly SimulatedDevice[];
  readonly #child: ChildProcess;

  static async start(edge: LoadEdgeOptions, core: string): Promise<RealBox> {
    const { campus, campusPath, folder, node, password, url, username } = edge;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "password"), `${password}\n`, { mode: 0o600 });
    const devices: SimulatedDevice[] = [];
    const stanzas: object[] = [];
    for (const [id, profile] of Object.entries(PROFILES)) {
      const found = findProfile(profile);
      if (found === undefined) throw new Error(`there is no profile ${profile}`);
      const device = await startSimulator(found);
      devices.push(device);
      stanzas.push({
        id,
        profile,
        title: { zh: id, en: id },
        at: "a/1/south",
        url: device.url,
        poll: "500ms",
      });
    }
    const config = join(folder, "edge.yaml");
    // JSON is YAML.
    writeFileSync(
      config,
      JSON.stringify({
        campus: { id: campus, path: campusPath },
        node: { id: node, title: { zh: "边缘盒", en: "Edge box" } },
        broker: { url, username, passwordFile: "password" },
        primaryHost: "hub",
        devices: stanzas,
      }),
    );
    const environment = {
      CAMPUS_OPS_CONFIG: config,
      CAMPUS_OPS_DATA: join(folder, "data"),
      CAMPUS_OPS_RUN: join(folder, "run"),
    };
    return new RealBox(devices, await startPinned(MAIN, core, environment));
  }

  private constructor(devices: readonly SimulatedDevice[], child: ChildProcess) {
    this.devices = devices;
    this.#child = child;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async stop(): Promise<void> {
    await stopped(this.#child);
    await Promise.all(this.devices.map((device) => device.close()));
  }
}
