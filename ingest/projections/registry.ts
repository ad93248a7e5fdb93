/**
 * Journal → registry, roll-ups and commands. Memory follows the journal at once, for the live stream; the file follows
 * about once a second, in one transaction with its checkpoint. Values are kept in turn, and have a checkpoint of their own.
 */

import type { DecodedEntry } from "@campus-ops/broker/journal";
import {
  type Address,
  type AssetPath,
  addressKey,
  foldRollups as addUp,
  assetLevel,
  type DeviceEvent,
  isStanding,
  type MetricName,
  type Rollup,
  type RollupCount,
  rollupCountOf,
  type SampleValue,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { DatabaseFile } from "@campus-ops/service/database";
import type { CampusRollup, CampusTelling, CommandView } from "../api.ts";
import { isOutcome, isOverdue, settle } from "../core/command.ts";
import { completenessOf, outstanding } from "../core/completeness.ts";
import { isDiskFull } from "../core/disk-room.ts";
import {
  type DeviceAsset,
  DeviceRegistry,
  type NodeAsset,
  noChanges,
  type RegistryChanges,
} from "../core/registry.ts";
import { BUCKET_MS, bucketOf, eventCounts, type RollupDelta, receivedCounts } from "../core/rollup.ts";
import { type JournalPlace, UnsavedValues } from "../core/unsaved-values.ts";
import type { Projection, ProjectionCheckpoint } from "./projection.ts";
import { RegistryFile } from "./registry-file.ts";

/** Receive time, by the journal's clock, that one transaction spans. */
const COMMIT_MS = 1_000;
/** Entries of one transaction at most. */
const COMMIT_ENTRIES_MAX = 8_192;
const FORGET_MS = 3_600_000;
/** Buckets of one telling; the rest is asked for next. */
const TELLING_BUCKETS_MAX = 200;
const OPEN_BUCKETS = 3;
/** How far back a parent is told that has never been told anything. */
const FIRST_TELLING_MS = 8 * 24 * 3_600_000;

export interface RegistryOptions {
  readonly file: DatabaseFile;
  readonly campusPath: (campus: string) => AssetPath;
  /** Told after each step which assets have changed. */
  readonly onChange: (changes: RegistryChanges) => void;
  /** Told how many samples and events each step held. */
  readonly onSamples?: (count: number) => void;
}

export class RegistryProjection implements Projection {
  readonly name = "registry";
  readonly place = "registry.sqlite";
  readonly registry: DeviceRegistry;
  readonly #file: RegistryFile;
  readonly #options: RegistryOptions;
  readonly #open = new Map<string, CommandView>();
  /** By campus of a hub below, the device that tells of it. */
  readonly #toldBy = new Map<string, string>();
  #unsaved: AssetChanges = noChanges();
  readonly #unsavedValues = new UnsavedValues();
  #unsavedEntries = 0;
  /** The newest entry that counts. */
  #last: JournalPlace = { seq: 0, receivedAt: 0 };
  /** The newest entry that was taken: after a crash, an older one that is taken for its values again. */
  #taken: JournalPlace = { seq: 0, receivedAt: 0 };
  #committedAt: Timestamp = 0;
  #forgottenAt: Timestamp = 0;
  #now: Timestamp = 0;
  /** Memory is ahead of the file, and cannot be kept: all of it begins again from the file. */
  #failure: unknown;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#file = new RegistryFile(options.file);
    this.registry = new DeviceRegistry(options.campusPath);
    this.#load();
  }

  async checkpoint(): Promise<ProjectionCheckpoint> {
    if (this.#failure !== undefined) this.#load();
    this.#failure = undefined;
    return {
      seq: this.#file.checkpoint(),
      receivedAt: this.#file.checkpointReceivedAt(),
      again: this.#file.valuesCheckpoint(),
    };
  }

  isAway(error: unknown): boolean {
    return isDiskFull(error);
  }

  async project(entries: readonly DecodedEntry[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#orFail(() => this.#take(entries));
  }

  #take(entries: readonly DecodedEntry[]): void {
    const changes = noChanges();
    const before = this.#taken;
    let samples = 0;
    for (const entry of entries) {
      this.#file.begin();
      this.#now = entry.receivedAt;
      if (entry.seq > this.#last.seq) {
        this.#count(entry, changes);
        samples += entry.samples.length + entry.events.length;
      } else this.registry.applyValues(entry, changes);
      this.#taken = { seq: entry.seq, receivedAt: entry.receivedAt };
      this.#unsavedEntries += 1;
    }
    merge(this.#unsaved, changes);
    this.#unsavedValues.add(changes.metrics, before);
    const overdue = this.#now - this.#committedAt >= COMMIT_MS;
    if (overdue || this.#unsavedEntries >= COMMIT_ENTRIES_MAX) this.#commit(this.#unsavedValues.take());
    this.#options.onSamples?.(samples);
    this.#options.onChange(changes);
  }

  #count(entry: DecodedEntry, changes: RegistryChanges): void {
    const heard = this.#heardAt(entry);
    this.registry.apply(entry, changes);
    this.#rollUp(entry);
    this.#moveOutstanding(entry, heard);
    this.#settleOverdue(entry.receivedAt);
    this.#last = { seq: entry.seq, receivedAt: entry.receivedAt };
  }

  /** As of the newest entry; of one campus where it is named. Ranges are widened to whole buckets. */
  rollups(from: Timestamp, to: Timestamp, only?: string): CampusRollup[] {
    const start = bucketOf(from);
    const end = bucketOf(to + BUCKET_MS - 1);
    const happenings = this.#file.rollups(start, end);
    const boxes = [...this.registry.nodes.values()].filter((node) => !isHub(node) && isOf(node, only));
    const campuses = Map.groupBy(boxes, ({ address }) => address.campus as string);
    const seenHere = [...this.registry.devices.values()].filter((device) => isOf(device, only));
    const devices = Map.groupBy(seenHere, ({ address }) => address.campus as string);
    const watched = [...campuses].map(([campus, nodes]) => {
      const own = (devices.get(campus) ?? []).filter(
        (device) => device.class !== undefined && device.class !== "hub",
      );
      const seen = happenings.get(campus) ?? {};
      const withHealth = (health: string) => own.filter((device) => device.health === health).length;
      const counts: Rollup = {
        ...completed(seen, nodes, start, end),
        "devices.registered": own.length - withHealth("retired"),
        "devices.working": withHealth("working"),
        "devices.faulty": withHealth("faulty"),
        "devices.unreachable": withHealth("unreachable") + withHealth("stale"),
        "nodes.registered": nodes.length,
        "nodes.online": nodes.filter(({ online }) => online).length,
        "projector.onSeconds": this.#projectorSeconds(own, start, end),
      };
      return { campus, path: this.#options.campusPath(campus), from: start, to: end, counts };
    });
    return [...watched, ...this.#told(happenings, start, end, only)];
  }

  /** What a parent is told of a campus: how it stands, and of the buckets that changed after an entry what happened. */
  campusTelling(campus: string, after: number | undefined, now: Timestamp): CampusTelling {
    const since = bucketOf(now - FIRST_TELLING_MS);
    const changed = this.#file.changedBuckets(campus, after ?? 0, TELLING_BUCKETS_MAX);
    // Those that are still being filled are told in any case: alarms are counted elsewhere, and leave no mark here.
    const open = Array.from({ length: OPEN_BUCKETS }, (_, index) => bucketOf(now) - index * BUCKET_MS);
    const old = changed.buckets.filter((bucket) => after !== undefined || bucket >= since);
    const starts = [...new Set([...old, ...open])].sort((a, b) => a - b);
    const of = (from: Timestamp, to: Timestamp): readonly [Rollup, Rollup] => {
      const counts = Object.entries(addUp(this.rollups(from, to, campus).map((each) => each.counts))) as [
        RollupCount,
        number,
      ][];
      const part = (standing: boolean): Rollup =>
        Object.fromEntries(counts.filter(([count]) => isStanding(count) === standing));
      return [part(true), part(false)];
    };
    const [standing] = of(now, now + 1);
    const lastKnown = this.rollups(now, now + 1, campus).find(
      (each) => each.lastKnown !== undefined,
    )?.lastKnown;
    return {
      cursor: changed.upTo ?? this.#last.seq,
      standing,
      ...(lastKnown === undefined ? {} : { lastKnown }),
      buckets: starts.map((start) => ({ start, counts: of(start, start + BUCKET_MS)[1] })),
    };
  }

  /** Campuses whose devices another hub watches: how things stood when it last told, and what it said has happened. */
  *#told(
    happenings: ReadonlyMap<string, Rollup>,
    from: Timestamp,
    to: Timestamp,
    only: string | undefined,
  ): Generator<CampusRollup> {
    for (const device of this.registry.devices.values()) {
      const campus = device.class === "hub" ? campusAt(device.path) : undefined;
      if (campus === undefined || (only !== undefined && campus !== only)) continue;
      const told = this.#toldOf(device, happenings.get(campus) ?? {}, from, to);
      if (told !== undefined) yield told;
    }
  }

  /** Of a device that tells of a campus; undefined for any other. */
  #toldOf(
    { class: deviceClass, health, metrics, path, since }: DeviceAsset,
    seen: Rollup,
    from: Timestamp,
    to: Timestamp,
  ): CampusRollup | undefined {
    const campus = deviceClass === "hub" ? campusAt(path) : undefined;
    if (campus === undefined) return undefined;
    const counts: Partial<Record<RollupCount, number>> = { ...seen };
    let lastKnown = health === "working" ? undefined : since;
    for (const [metric, { eventTime, quality, value }] of metrics) {
      const count = rollupCountOf(metric);
      if (count === undefined || !isStanding(count) || typeof value !== "number") continue;
      counts[count] = value;
      // The hub that tells it has not heard of the campus itself.
      if (quality.status !== "good") lastKnown = Math.min(lastKnown ?? eventTime, eventTime);
    }
    const missing =
      lastKnown === undefined ? 0 : this.#file.expectedSince(campus, from, Math.min(to, this.#now));
    if (missing > 0) counts["samples.expected"] = (counts["samples.expected"] ?? 0) + missing;
    return { campus, path, from, to, counts, ...(lastKnown === undefined ? {} : { lastKnown }) };
  }

  /** What happened on one campus, and how complete that is. Ranges are widened to whole buckets. */
  happenings(campus: string, from: Timestamp, to: Timestamp): Rollup {
    const start = bucketOf(from);
    const end = bucketOf(to + BUCKET_MS - 1);
    const seen = this.#file.rollupOf(campus, start, end);
    const teller = this.registry.devices.get(this.#toldBy.get(campus) ?? "");
    const told = teller === undefined ? undefined : this.#toldOf(teller, seen, start, end);
    if (told?.campus === campus) return told.counts;
    const nodes = [...this.registry.nodes.values()].filter(({ address }) => address.campus === campus);
    return completed(seen, nodes, start, end);
  }

  command(id: string): CommandView | undefined {
    return this.#open.get(id) ?? this.#file.command(id);
  }

  /** Durable when it returns, before the command is sent. */
  addCommand(command: CommandView): void {
    this.#orFail(() => {
      this.#file.begin();
      this.#file.saveCommand(command);
      this.#open.set(command.id, command);
      this.#commit([]);
    });
  }

  /** For a command that could not even be sent. */
  settleCommand(command: CommandView): void {
    this.#orFail(() => {
      this.#file.begin();
      this.#save(command);
      this.#commit([]);
    });
  }

  /** What a full disk does not take any more is read again at the next start. */
  close(): void {
    try {
      this.#file.begin();
      if (this.#failure === undefined) this.#commit(this.#unsavedValues.takeAll());
    } catch (error) {
      if (!isDiskFull(error)) throw error;
    } finally {
      this.#file.close();
    }
  }

  /** All of it as the file has it. */
  #load(): void {
    this.#file.rollback();
    this.registry.clear();
    this.#file.load(this.registry);
    this.#toldBy.clear();
    for (const { class: deviceClass, key, path } of this.registry.devices.values()) {
      const campus = deviceClass === "hub" ? campusAt(path) : undefined;
      if (campus !== undefined) this.#toldBy.set(campus, key);
    }
    this.#unsaved = noChanges();
    this.#unsavedValues.clear();
    this.#unsavedEntries = 0;
    this.#open.clear();
    for (const command of this.#file.openCommands()) this.#open.set(command.id, command);
    this.#last = { seq: this.#file.checkpoint(), receivedAt: this.#file.checkpointReceivedAt() ?? 0 };
    this.#taken = this.#file.valuesCheckpoint();
  }

  #orFail(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #commit(values: ReturnType<UnsavedValues["take"]>): void {
    this.#file.saveAssets(this.#unsaved);
    this.#file.saveValues(this.registry, values);
    if (this.#now - this.#forgottenAt >= FORGET_MS) {
      this.#forgottenAt = this.#now;
      if (this.#now > 0) this.#file.forget(this.#now);
    }
    this.#file.commit(this.#last, this.#unsavedValues.savedUntil(this.#taken));
    this.#unsaved = noChanges();
    this.#unsavedEntries = 0;
    this.#committedAt = this.#now;
  }

  #rollUp(entry: DecodedEntry): void {
    const { address } = entry;
    if (address === undefined) return;
    const key = addressKey(address);
    const node = this.registry.nodes.get(addressKey({ campus: address.campus, node: address.node }));
    // What a hub below counts is told by it; how many samples that takes is nobody's figure.
    if (node === undefined || !isHub(node))
      for (const delta of receivedCounts(entry)) this.#file.addToRollup(address.campus, delta, entry.seq);
    for (const event of entry.events) {
      if (!this.#file.isNewEvent(key, `${event.event} ${event.id}`, event.eventTime)) continue;
      for (const delta of eventCounts(event)) this.#addEventCount(entry, delta);
      if (event.event === "Command/Result") this.#settleByResult(event, entry.receivedAt);
    }
    for (const { metric, value, quality, eventTime } of entry.samples) {
      if (metric.startsWith("Rollup/") && quality.status !== "bad")
        this.#takeTold(key, metric, value, eventTime, entry.seq);
      if (metric !== "Projector/Power") continue;
      // How long it was on until now is another figure in every bucket since.
      this.#file.touchRollups(address.campus, bucketOf(eventTime), bucketOf(entry.receivedAt), entry.seq);
      const known = quality.status !== "bad" && typeof value === "string";
      this.#file.addProjectorPower(key, { time: eventTime, on: known ? value === "on" : null });
    }
  }

  /** When the box of an entry was last heard before it. */
  #heardAt({ address }: DecodedEntry): Timestamp | undefined {
    if (address === undefined) return undefined;
    return this.registry.nodes.get(addressKey({ campus: address.campus, node: address.node }))?.heardAt;
  }

  /** What a box still owes counts where it was last heard: that is another bucket now. */
  #moveOutstanding({ address, receivedAt, seq }: DecodedEntry, heard: Timestamp | undefined): void {
    if (address === undefined || heard === undefined) return;
    const bucket = bucketOf(heard);
    if (bucket !== bucketOf(receivedAt)) this.#file.touchRollups(address.campus, bucket, bucket, seq);
  }

  #takeTold(device: string, metric: MetricName, value: SampleValue, eventTime: Timestamp, seq: number): void {
    const count = rollupCountOf(metric);
    if (count === undefined || isStanding(count) || typeof value !== "number") return;
    const asset = this.registry.devices.get(device);
    const campus = asset?.class === "hub" ? campusAt(asset.path) : undefined;
    if (campus === undefined) return;
    this.#toldBy.set(campus, device);
    this.#file.setRollup(campus, bucketOf(eventTime), count, Math.round(value), seq);
  }

  #addEventCount({ address, seq }: DecodedEntry, delta: RollupDelta): void {
    if (address === undefined) return;
    this.#file.addToRollup(address.campus, delta, seq);
    if (delta.count !== "samples.lost") return;
    const node = this.registry.nodes.get(addressKey({ campus: address.campus, node: address.node }));
    if (node !== undefined) node.lost += delta.by;
  }

  #projectorSeconds(
    devices: readonly {
      readonly key: string;
      readonly class: string | undefined;
      readonly address: { campus: string; node: string };
      readonly retiredAt?: Timestamp;
    }[],
    from: Timestamp,
    to: Timestamp,
  ): number {
    let seconds = 0;
    for (const { key, class: deviceClass, address, retiredAt } of devices) {
      if (deviceClass !== "projector") continue;
      const node = this.registry.nodes.get(`${address.campus}/${address.node}`);
      // While the box is away nobody knows: nothing is counted after it was last heard.
      const known = retiredAt ?? (node?.online === false ? node.since : this.#now);
      seconds += this.#file.projectorSeconds(key, from, Math.min(to, known));
    }
    return Math.round(seconds);
  }

  #settleByResult({ fields }: DeviceEvent, at: Timestamp): void {
    const { command: id, state, detail } = fields;
    const command = typeof id === "string" ? this.command(id) : undefined;
    if (command === undefined || !isOutcome(state)) return;
    this.#save(settle(command, state, at, typeof detail === "string" ? detail : undefined));
  }

  #settleOverdue(now: Timestamp): void {
    for (const command of this.#open.values()) {
      if (isOverdue(command, now)) this.#save(settle(command, "unknown", now, "no answer came in time"));
    }
  }

  #save(command: CommandView | undefined): void {
    if (command === undefined) return;
    this.#file.saveCommand(command);
    this.#open.delete(command.id);
  }
}

/** With what was expected: what is still on its way has no time of its own, it counts where its box was last heard. */
function completed(seen: Rollup, nodes: readonly NodeAsset[], start: Timestamp, end: Timestamp): Rollup {
  const missing = nodes
    .filter(({ heardAt }) => heardAt >= start && heardAt < end)
    .reduce(
      // What is gone without a loss record has no other place either.
      (sum, { epochs, plain, lost }) =>
        sum + outstanding({ ...completenessOf(epochs.values(), plain, lost), lost }),
      0,
    );
  const expected = (seen["samples.received"] ?? 0) + (seen["samples.lost"] ?? 0) + missing;
  return { ...seen, "samples.expected": expected };
}

/** The agent of a hub below: what it tells is told by its devices, and it is no box of a school. */
const isHub = ({ metrics }: NodeAsset): boolean => metrics.get("Properties/Class")?.value === "hub";

const isOf = ({ address }: { readonly address: Address }, campus: string | undefined): boolean =>
  campus === undefined || address.campus === campus;

function campusAt(path: AssetPath): string | undefined {
  return assetLevel(path) === "campus" ? path.slice(path.lastIndexOf("/") + 1) : undefined;
}

type AssetChanges = Omit<RegistryChanges, "metrics">;

function merge(into: AssetChanges, from: AssetChanges): void {
  for (const node of from.nodes) into.nodes.add(node);
  for (const device of from.devices) into.devices.add(device);
}
