/**
 * What is known of every edge node and device, as a fold over journal entries: the same entries give the same registry.
 * Rows are mutable and belong to the registry; whoever stores them is told which have changed.
 */
import type { DecodedEntry } from "@campus-ops/broker/journal/decoder";
import {
  type Address,
  type AssetPath,
  addressKey,
  assetLevel,
  type DeviceClass,
  isAhead,
  type LocalText,
  type MetricName,
  type Quality,
  ROSTER,
  readRoster,
  type SampleValue,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { DeviceHealth } from "../api.ts";
import { closeAccount, countRecord, type EpochAccount, stateAccount } from "./completeness.ts";
import { deviceHealth } from "./health.ts";
import { type Identity, stepIdentity } from "./identity.ts";

/** Beyond these, what is new is ignored and counted: a registry is bounded whatever arrives. */
export const ASSETS_MAX = 200_000;
export const METRICS_PER_ASSET_MAX = 4_096;

export interface MetricState {
  value: SampleValue;
  quality: Quality;
  eventTime: Timestamp;
  receivedAt: Timestamp;
}

interface Asset {
  readonly key: string;
  readonly address: Address;
  title: LocalText;
  online: boolean;
  since: Timestamp;
  /** Number of the journal entry that changed it last. */
  changed: number;
  readonly metrics: Map<MetricName, MetricState>;
}

export interface DeviceAsset extends Asset {
  /** Absent for a third party's device that does not say. */
  class: DeviceClass | undefined;
  profile: string;
  path: AssetPath;
  dependsOn: string | undefined;
  proven: string;
  health: DeviceHealth;
  /** Since when its box names it no more; absent while it does, or where the box names nobody. */
  retiredAt?: Timestamp;
}

export interface NodeAsset extends Asset {
  readonly epochs: Map<number, EpochAccount>;
  /** Absent for a node that does not state its outbox. */
  identity?: Identity;
  /** Samples that came without numbers. */
  plain: number;
  lost: number;
  /** Receive time of its newest message. */
  heardAt: Timestamp;
}

/** What is on one campus. */
export interface CampusAssets {
  readonly nodes: ReadonlySet<NodeAsset>;
  readonly devices: ReadonlySet<DeviceAsset>;
}

export interface RegistryChanges {
  readonly devices: Set<DeviceAsset>;
  readonly nodes: Set<NodeAsset>;
  /** By asset key: metrics to be stored. */
  readonly metrics: Map<string, Set<MetricName>>;
}

export function noChanges(): RegistryChanges {
  return { devices: new Set(), nodes: new Set(), metrics: new Map() };
}

export class DeviceRegistry {
  readonly devices = new Map<string, DeviceAsset>();
  readonly nodes = new Map<string, NodeAsset>();
  readonly #byNode = new Map<string, Set<DeviceAsset>>();
  readonly #byCampus = new Map<string, { nodes: Set<NodeAsset>; devices: Set<DeviceAsset> }>();
  readonly #tellers = new Map<DeviceAsset, string>();
  readonly #tellersOf = new Map<string, Set<DeviceAsset>>();
  readonly #campusPath: (campus: string) => AssetPath;
  /** Assets and metrics that were ignored because a bound was reached. */
  ignored = 0;

  /** `campusPath` tells where a campus lies, for devices that say no path of their own. */
  constructor(campusPath: (campus: string) => AssetPath) {
    this.#campusPath = campusPath;
  }

  /** As when it was made; {@link restoreDevice} and {@link restoreNode} follow. */
  clear(): void {
    this.devices.clear();
    this.nodes.clear();
    this.#byNode.clear();
    this.#byCampus.clear();
    this.#tellers.clear();
    this.#tellersOf.clear();
  }

  /** By the campus that they report under; a hub below reports under its county. */
  get campuses(): ReadonlyMap<string, CampusAssets> {
    return this.#byCampus;
  }

  /** Devices of the class `hub`: each tells of a campus that another hub watches. */
  get tellers(): ReadonlyMap<DeviceAsset, string> {
    return this.#tellers;
  }

  tellersOf(campus: string): ReadonlySet<DeviceAsset> {
    return this.#tellersOf.get(campus) ?? NO_TELLERS;
  }

  /** Puts a stored row back. */
  restoreDevice(device: DeviceAsset): void {
    this.devices.set(device.key, device);
    this.#devicesOf(nodeKey(device.address)).add(device);
    this.#assetsOf(device.address.campus).devices.add(device);
    this.#classify(device);
  }

  restoreNode(node: NodeAsset): void {
    this.nodes.set(node.key, node);
    this.#assetsOf(node.address.campus).nodes.add(node);
  }

  apply(entry: DecodedEntry, changes: RegistryChanges): void {
    const { address } = entry;
    if (address === undefined || entry.problem !== undefined) return;
    const node = this.#nodeOf(entry, address);
    if (node === undefined) return;
    node.heardAt = entry.receivedAt;
    changes.nodes.add(node);
    for (const { address: who, online, at } of entry.presence)
      this.#setOnline(who, online, at, entry, changes);
    this.#count(node, entry);
    this.#identify(node, entry);
    const asset = address.device === undefined ? node : this.#deviceOf(entry, address, changes);
    if (asset === undefined) return;
    if (entry.samples.length > 0) this.#store(asset, entry, changes);
    if (address.device === undefined) {
      this.#describeNode(node, entry);
      this.#register(node, entry, changes);
    } else this.#judge(asset as DeviceAsset, node, entry, changes);
  }

  /**
   * Of an entry that was applied before, the values alone: all else is as of a newer entry. Whoever applies again all entries
   * from some place on has the values that he had, be they of that place or of any later one.
   */
  applyValues(entry: DecodedEntry, changes: RegistryChanges): void {
    const { address, samples } = entry;
    if (address === undefined || entry.problem !== undefined || samples.length === 0) return;
    const key = addressKey(address);
    const asset = this.devices.get(key) ?? this.nodes.get(key);
    if (asset === undefined) return;
    const { changed } = asset;
    this.#store(asset, entry, changes);
    asset.changed = changed;
  }

  /** Every asset a query can be about, with its place. */
  *locations(): Generator<{ readonly key: string; readonly path: AssetPath }> {
    for (const { key, path } of this.devices.values()) yield { key, path };
    const campuses = new Set<string>();
    for (const { key, address } of this.nodes.values()) {
      yield { key, path: this.#campusPath(address.campus) };
      campuses.add(address.campus);
    }
    // What is rolled up over a campus is filed under the campus itself.
    for (const campus of campuses) yield { key: campus, path: this.#campusPath(campus) };
  }

  #nodeOf({ receivedAt, seq }: DecodedEntry, { campus, node }: Address): NodeAsset | undefined {
    const key = addressKey({ campus, node });
    const known = this.nodes.get(key);
    if (known !== undefined) return known;
    if (this.#isFull()) return undefined;
    const created: NodeAsset = {
      key,
      address: { campus, node },
      title: { zh: node, en: node },
      online: false,
      since: receivedAt,
      changed: seq,
      metrics: new Map(),
      epochs: new Map(),
      plain: 0,
      lost: 0,
      heardAt: receivedAt,
    };
    this.restoreNode(created);
    return created;
  }

  #deviceOf(entry: DecodedEntry, address: Address, changes: RegistryChanges): DeviceAsset | undefined {
    const key = addressKey(address);
    const device = this.devices.get(key) ?? this.#newDevice(entry, address, key);
    if (device === undefined) return undefined;
    const { properties } = entry;
    // One that is retired is born once more for what it still had to say, and says nothing of itself.
    if (properties?.class !== undefined) delete device.retiredAt;
    if (properties !== undefined && device.retiredAt === undefined) {
      device.title = properties.title ?? device.title;
      device.class = properties.class;
      device.profile = properties.profile ?? "";
      device.path = properties.path ?? this.#campusPath(address.campus);
      device.dependsOn = properties.dependsOn;
      device.proven = properties.proven ?? "";
      device.changed = entry.seq;
      this.#classify(device);
    }
    changes.devices.add(device);
    return device;
  }

  #newDevice(entry: DecodedEntry, address: Address, key: string): DeviceAsset | undefined {
    if (this.#isFull()) return undefined;
    const name = address.device ?? "";
    const created: DeviceAsset = {
      key,
      address,
      title: { zh: name, en: name },
      online: entry.kind === "DBIRTH" || entry.kind === "DDATA",
      since: entry.receivedAt,
      changed: entry.seq,
      metrics: new Map(),
      class: undefined,
      profile: "",
      path: this.#campusPath(address.campus),
      dependsOn: undefined,
      proven: "",
      health: "unreachable",
    };
    this.restoreDevice(created);
    return created;
  }

  #describeNode(node: NodeAsset, { properties, seq, samples }: DecodedEntry): void {
    if (properties?.title !== undefined) node.title = properties.title;
    if (properties !== undefined || samples.length > 0) node.changed = seq;
  }

  /** A box says whom it watches. What it says of the past has been overtaken by its birth. */
  #register(node: NodeAsset, entry: DecodedEntry, changes: RegistryChanges): void {
    const told = entry.samples.find(({ metric, historical }) => metric === ROSTER && !historical);
    const roster = told === undefined ? undefined : readRoster(told.value);
    if (told === undefined || roster === undefined) return;
    for (const device of this.#devicesOf(node.key)) {
      const named = roster.has(device.address.device ?? "");
      if (named === (device.retiredAt === undefined)) continue;
      if (named) delete device.retiredAt;
      else device.retiredAt = told.eventTime;
      this.#judge(device, node, entry, changes, device.retiredAt);
    }
  }

  #setOnline(
    address: Address,
    online: boolean,
    at: Timestamp,
    entry: DecodedEntry,
    changes: RegistryChanges,
  ): void {
    const node = this.nodes.get(nodeKey(address));
    if (node === undefined) return;
    if (address.device !== undefined) {
      const device =
        this.devices.get(addressKey(address)) ?? this.#newDevice(entry, address, addressKey(address));
      if (device === undefined) return;
      device.online = online;
      this.#judge(device, node, entry, changes, at);
      return;
    }
    if (node.online === online) return;
    node.online = online;
    node.since = at;
    node.changed = entry.seq;
    for (const device of this.#devicesOf(node.key)) this.#judge(device, node, entry, changes, at);
  }

  #count(node: NodeAsset, { kind, range, samples, events, seq }: DecodedEntry): void {
    if (kind !== "NDATA" && kind !== "DDATA") return;
    if (range === undefined) node.plain += samples.length + events.length;
    else node.epochs.set(range.epoch, countRecord(node.epochs.get(range.epoch), range));
    node.changed = seq;
  }

  #identify(node: NodeAsset, { account, receivedAt, seq }: DecodedEntry): void {
    if (account === undefined) return;
    const { epoch } = account;
    const known = node.identity !== undefined || node.epochs.size > 0 || node.plain > 0;
    node.identity = stepIdentity(node.identity, epoch, receivedAt);
    for (const [each, other] of node.epochs) if (each !== epoch) node.epochs.set(each, closeAccount(other));
    node.epochs.set(epoch, stateAccount(node.epochs.get(epoch), account, known));
    node.changed = seq;
  }

  #store(asset: Asset, { samples, receivedAt, seq }: DecodedEntry, changes: RegistryChanges): void {
    const dirty = changes.metrics.get(asset.key) ?? new Set<MetricName>();
    changes.metrics.set(asset.key, dirty);
    for (const { metric, value, quality, eventTime, historical } of samples) {
      const known = asset.metrics.get(metric);
      // A live value is the newest by its nature, whatever clocks say; one from the backlog only if it is newer.
      if (known !== undefined && historical && isOlder(eventTime, receivedAt, known)) continue;
      if (known === undefined && asset.metrics.size >= METRICS_PER_ASSET_MAX) {
        this.ignored += 1;
        continue;
      }
      if (known === undefined) asset.metrics.set(metric, { value, quality, eventTime, receivedAt });
      else {
        known.value = value;
        known.quality = quality;
        known.eventTime = eventTime;
        known.receivedAt = receivedAt;
      }
      dirty.add(metric);
    }
    asset.changed = seq;
  }

  #judge(
    device: DeviceAsset,
    node: NodeAsset,
    { seq, receivedAt }: DecodedEntry,
    changes: RegistryChanges,
    at: Timestamp = receivedAt,
  ): void {
    const health = deviceHealth({
      nodeOnline: node.online,
      deviceOnline: device.online,
      retired: device.retiredAt !== undefined,
      value: (metric) => device.metrics.get(metric)?.value,
    });
    if (health === device.health) return;
    device.health = health;
    device.since = at;
    device.changed = seq;
    changes.devices.add(device);
  }

  #classify(device: DeviceAsset): void {
    const before = this.#tellers.get(device);
    const campus = device.class === "hub" ? campusAt(device.path) : undefined;
    if (campus === before) return;
    if (before !== undefined) this.#tellersOf.get(before)?.delete(device);
    if (campus === undefined) {
      this.#tellers.delete(device);
      return;
    }
    this.#tellers.set(device, campus);
    const own = this.#tellersOf.get(campus) ?? new Set();
    this.#tellersOf.set(campus, own.add(device));
  }

  #assetsOf(campus: string): { readonly nodes: Set<NodeAsset>; readonly devices: Set<DeviceAsset> } {
    const known = this.#byCampus.get(campus) ?? { nodes: new Set(), devices: new Set() };
    this.#byCampus.set(campus, known);
    return known;
  }

  #devicesOf(node: string): Set<DeviceAsset> {
    const known = this.#byNode.get(node) ?? new Set<DeviceAsset>();
    this.#byNode.set(node, known);
    return known;
  }

  #isFull(): boolean {
    if (this.devices.size + this.nodes.size < ASSETS_MAX) return false;
    this.ignored += 1;
    return true;
  }
}

const NO_TELLERS: ReadonlySet<DeviceAsset> = new Set();

/** Of a path that is a campus's place. */
function campusAt(path: AssetPath): string | undefined {
  return assetLevel(path) === "campus" ? path.slice(path.lastIndexOf("/") + 1) : undefined;
}

function nodeKey({ campus, node }: Address): string {
  return addressKey({ campus, node });
}

/** A clock that was ahead and was set right since has made the older one look like the newer. */
const isOlder = (eventTime: Timestamp, receivedAt: Timestamp, known: MetricState): boolean =>
  eventTime < known.eventTime ||
  (isAhead(eventTime, receivedAt) && !isAhead(known.eventTime, known.receivedAt));
