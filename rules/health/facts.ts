/** From decoded journal entries to what the health of devices is told from. */
import type { DecodedEntry } from "@campus-ops/broker/journal";
import {
  type Address,
  type AssetPath,
  addressKey,
  DEVICE_FAULTS,
  type DeviceClass,
  ROSTER,
  readRoster,
} from "@campus-ops/device-profiles/vocabulary";
import { PRESENCE, REACHABLE, SEEN_MS } from "../core/health/history.ts";
import type { HealthBatch } from "./health-store.ts";

/** Parts of the hub itself, and flows: no devices of a campus. */
const OWN: ReadonlySet<DeviceClass> = new Set<DeviceClass>(["hub", "service", "flow", "edge-box"]);

/** What the entries of one batch said. */
export class HealthFacts {
  readonly #campusPath: (campus: string) => AssetPath;
  /** The stretch that each node told of last. */
  readonly #seen = new Map<string, number>();
  #batch = nothing();

  constructor(campusPath: (campus: string) => AssetPath) {
    this.#campusPath = campusPath;
  }

  /** What was said since the last time. */
  take(): Omit<HealthBatch, "seq" | "now"> {
    const batch = this.#batch;
    this.#batch = nothing();
    return batch;
  }

  add(entry: DecodedEntry): void {
    const { address, kind } = entry;
    if (address === undefined) return;
    for (const { address: who, online, at } of entry.presence) {
      if (who.device === undefined) this.#batch.nodes.push({ node: addressKey(who), online, at });
      // A device that goes with its box is not known to be broken: the box is away.
      else if (kind === "DBIRTH" || kind === "DDEATH")
        this.#batch.facts.push({ device: addressKey(who), what: PRESENCE, at, value: online });
    }
    this.#sawAfterwards(entry, nodeOf(address));
    if (address.device === undefined) {
      this.#enrol(entry, nodeOf(address));
      return;
    }
    const device = addressKey(address);
    this.#describe(entry, address, device);
    for (const { metric, value, quality, eventTime: at } of entry.samples) {
      const fault = DEVICE_FAULTS.get(metric);
      if (quality.status === "bad" || (fault === undefined && metric !== REACHABLE)) continue;
      this.#batch.facts.push({ device, what: metric, at, value: value === (fault ?? true) });
    }
  }

  #describe({ properties, receivedAt }: DecodedEntry, address: Address, device: string): void {
    const { class: deviceClass, title, path, profile, dependsOn } = properties ?? {};
    if (deviceClass === undefined || OWN.has(deviceClass)) return;
    const node = nodeOf(address);
    this.#batch.devices.push({
      device,
      node,
      class: deviceClass,
      model: profile ?? "",
      title: title ?? { zh: address.device ?? "", en: address.device ?? "" },
      path: path ?? this.#campusPath(address.campus),
      ...(dependsOn === undefined ? {} : { upstream: `${node}/${dependsOn}` }),
    });
    // Registered from now on, whatever is known of it.
    this.#batch.facts.push({ device, what: PRESENCE, at: receivedAt, value: true });
    this.#batch.registrations.push({ device, at: receivedAt });
  }

  /** A box says whom it watches. What it says of the past has been overtaken by its birth. */
  #enrol({ samples }: DecodedEntry, node: string): void {
    const told = samples.find(({ metric, historical }) => metric === ROSTER && !historical);
    const names = told === undefined ? undefined : readRoster(told.value);
    if (told === undefined || names === undefined) return;
    const devices = new Set([...names].map((name) => `${node}/${name}`));
    this.#batch.registrations.push({ node, devices, at: told.eventTime });
  }

  /** What comes late proves that its box was running when it happened. */
  #sawAfterwards({ kind, samples, events, receivedAt }: DecodedEntry, node: string): void {
    if (kind !== "NDATA" && kind !== "DDATA") return;
    for (const { eventTime } of [...samples, ...events]) {
      if (receivedAt - eventTime < SEEN_MS) continue;
      const at = Math.floor(eventTime / SEEN_MS) * SEEN_MS;
      if (this.#seen.get(node) === at) continue;
      this.#seen.set(node, at);
      this.#batch.seen.push({ node, at });
    }
  }
}

const nodeOf = ({ campus, node }: Address): string => addressKey({ campus, node });

function nothing() {
  return {
    devices: [] as HealthBatch["devices"][number][],
    facts: [] as HealthBatch["facts"][number][],
    registrations: [] as HealthBatch["registrations"][number][],
    nodes: [] as HealthBatch["nodes"][number][],
    seen: [] as HealthBatch["seen"][number][],
  };
}
