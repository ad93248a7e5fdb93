/**
 * Writes the demonstration's files below `$CAMPUS_OPS_DATA/demo`: the configurations of the hub and of its edge
 * agents, their secrets, and the list of devices for the simulators. Written anew at each start, except for the secrets
 * and, where they are still free, the ports.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import type { Environment } from "@campus-ops/service";
import { stringify } from "yaml";
import { ensureSecret } from "../cli/broker-secrets.ts";
import {
  edgeConfigurations,
  hubConfiguration,
  isWired,
  type SimulatorsFile,
  secretFiles,
  simulatedDevices,
  type Wiring,
} from "./city/configuration.ts";
import { LINLAN } from "./city/linlan.ts";
import { devicesOf } from "./city/plan.ts";
import { assignPorts } from "./free-ports.ts";

export const demonstrationFolder = (data: string): string => join(data, "demo");
/** The list for the simulators' process, in the demonstration's folder. */
export const DEVICES_FILE = "devices.json";
const PORTS_FILE = "ports.json";

const HEADER = " Written by campus-ops up --demo, anew at each start: changes are lost.\n";

export interface DemonstrationOptions {
  /** Absolute paths of rule packs to run beside the built-in ones. */
  readonly packs: readonly string[];
}

/** From writing the files to alarms that can flow: the first school day begins about when somebody can see it. */
const START_MS_USUAL = 8_000;

/** The path of the hub's configuration. */
export async function prepareDemonstration(
  { data, mqttPort }: Environment,
  { packs }: DemonstrationOptions,
): Promise<string> {
  const folder = demonstrationFolder(data);
  for (const file of secretFiles(LINLAN)) ensureSecret(join(folder, file));

  const wiring = await wire(join(folder, PORTS_FILE));
  const hub = join(folder, "hub.yaml");
  const anchor = Date.now() + START_MS_USUAL;
  writeYaml(hub, hubConfiguration(LINLAN, anchor, packs));
  for (const [name, configuration] of edgeConfigurations(LINLAN, wiring, mqttPort)) {
    writeYaml(join(folder, "edges", `${name}.yaml`), configuration);
  }
  const simulators: SimulatorsFile = { anchor, devices: simulatedDevices(LINLAN, wiring) };
  writeFileSync(join(folder, DEVICES_FILE), JSON.stringify(simulators, undefined, 1));
  return hub;
}

async function wire(file: string): Promise<ReadonlyMap<string, Wiring>> {
  const devices = devicesOf(LINLAN);
  const had = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, number>) : {};
  const ports = await assignPorts(
    devices.map(({ key }) => key),
    had,
    file,
  );
  writeFileSync(file, JSON.stringify(ports, undefined, 1));
  return new Map(
    devices.map(({ key, profile: id }) => {
      const profile = findProfile(id);
      if (profile === undefined) throw new Error(`the catalogue has no profile ${id}, which ${key} needs`);
      const { protocol } = profile;
      if (!isWired(protocol))
        throw new Error(`the demonstration has no wiring for ${protocol}, which ${key} needs`);
      return [key, { protocol, port: ports[key] ?? 0 }];
    }),
  );
}

function writeYaml(file: string, value: object): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `#${HEADER}${stringify(value, { lineWidth: 110 })}`);
}
