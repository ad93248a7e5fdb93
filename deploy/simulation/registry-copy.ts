/** The registry and its losses: the real fold, on a simulated disk. */
import type { DecodedEntry } from "@campus-ops/broker/journal/decoder";
import { type Address, addressKey } from "@campus-ops/device-profiles/vocabulary";
import {
  type DeviceAsset,
  DeviceRegistry,
  type NodeAsset,
  noChanges,
} from "@campus-ops/ingest/core/registry";
import { eventCounts } from "@campus-ops/ingest/core/rollup";
import type { SimulatedDisk, Table } from "./disk.ts";
import { campusPath } from "./site.ts";
import type { Pieces } from "./world.ts";

/** As the real projection: by the journal's clock. */
const COMMIT_MS = 1_000;

interface RegistryTables {
  readonly devices: Table<string, DeviceAsset>;
  readonly nodes: Table<string, NodeAsset>;
  /** Identities of events that were counted. */
  readonly events: Table<string, true>;
  readonly checkpoint: Table<"seq", number>;
}

export class RegistryCopy {
  readonly registry = new DeviceRegistry(campusPath);
  readonly #disk: SimulatedDisk;
  readonly #tables: RegistryTables;
  readonly #pieces: Pieces;
  #unsaved = noChanges();
  readonly #newEvents = new Set<string>();
  #committedAt = 0;

  static tables(disk: SimulatedDisk): RegistryTables {
    return { devices: disk.table(), nodes: disk.table(), events: disk.table(), checkpoint: disk.table() };
  }

  constructor(disk: SimulatedDisk, tables: RegistryTables, pieces: Pieces) {
    this.#disk = disk;
    this.#tables = tables;
    this.#pieces = pieces;
    for (const node of tables.nodes.values()) this.registry.restoreNode(structuredClone(node));
    for (const device of tables.devices.values()) this.registry.restoreDevice(structuredClone(device));
  }

  checkpoint(): number {
    return this.#tables.checkpoint.get("seq") ?? 0;
  }

  take(entry: DecodedEntry): void {
    this.registry.apply(entry, this.#unsaved);
    this.#count(entry);
    if (entry.receivedAt - this.#committedAt < COMMIT_MS) return;
    this.commit(entry.seq);
    this.#committedAt = entry.receivedAt;
  }

  commit(seq: number): void {
    const { checkpoint, devices, events, nodes } = this.#tables;
    this.#pieces.commit(
      this.#disk,
      () => {
        for (const node of this.#unsaved.nodes) nodes.put(node.key, structuredClone(node));
        for (const device of this.#unsaved.devices) devices.put(device.key, structuredClone(device));
        for (const event of this.#newEvents) events.put(event, true);
      },
      () => checkpoint.put("seq", seq),
    );
    this.#unsaved = noChanges();
    this.#newEvents.clear();
  }

  *nodesOnline(): Generator<Omit<Address, "device">> {
    for (const { address, online } of this.registry.nodes.values()) {
      if (online) yield { campus: address.campus, node: address.node };
    }
  }

  #count({ address, events }: DecodedEntry): void {
    if (address === undefined) return;
    for (const event of events) {
      const identity = `${addressKey(address)} ${event.event} ${event.id}`;
      if (this.#tables.events.get(identity) === true || this.#newEvents.has(identity)) continue;
      this.#newEvents.add(identity);
      for (const { by, count } of eventCounts(event)) {
        const node = this.registry.nodes.get(addressKey({ campus: address.campus, node: address.node }));
        if (count === "samples.lost" && node !== undefined) node.lost += by;
      }
    }
  }
}
