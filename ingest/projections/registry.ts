/**
 * Journal → registry, roll-ups and commands. Memory follows the journal at once, for the live stream; the file follows
 * about once a second, in one transaction with its checkpoint.
 */
import type { Checkpoint, DecodedEntry } from "@campus-ops/broker/journal";
import {
  type AssetPath,
  addressKey,
  assetLevel,
  type DeviceEvent,
  isStanding,
  type MetricName,
  type Rollup,
  rollupCountOf,
  type SampleValue,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { CampusRollup, CommandView } from "../api.ts";
import { isOutcome, isOverdue, settle } from "../core/command.ts";
import { completenessOf, outstanding } from "../core/completeness.ts";
import { isDiskFull } from "../core/disk-room.ts";
import { DeviceRegistry, type NodeAsset, noChanges, type RegistryChanges } from "../core/registry.ts";
import { BUCKET_MS, bucketOf, eventCounts, type RollupDelta, receivedCounts } from "../core/rollup.ts";
import type { Projection } from "./projection.ts";
import { RegistryFile } from "./registry-file.ts";

/** Receive time, by the journal's clock, that one transaction spans. */
const COMMIT_MS = 1_000;
/** Entries of one transaction at most. */
const COMMIT_ENTRIES_MAX = 8_192;
const FORGET_MS = 3_600_000;

export interface RegistryOptions {
  readonly file: string;
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
  #unsaved = noChanges();
  #unsavedEntries = 0;
  #lastSeq: number;
  #lastReceivedAt: Timestamp = 0;
  #committedAt: Timestamp = 0;
  #forgottenAt: Timestamp = 0;
  #now: Timestamp = 0;
  /** Memory is ahead of the file, and cannot be kept: all of it begins again from the file. */
  #failure: unknown;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#file = new RegistryFile(options.file);
    this.registry = new DeviceRegistry(options.campusPath);
    this.#lastSeq = this.#load();
  }

  async checkpoint(): Promise<Checkpoint> {
    if (this.#failure !== undefined) this.#lastSeq = this.#load();
    this.#failure = undefined;
    return { seq: this.#file.checkpoint(), receivedAt: this.#file.checkpointReceivedAt() };
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
    for (const entry of entries) {
      this.#file.begin();
      this.#now = entry.receivedAt;
      this.registry.apply(entry, changes);
      this.#rollUp(entry);
      this.#settleOverdue(entry.receivedAt);
      this.#lastSeq = entry.seq;
      this.#lastReceivedAt = entry.receivedAt;
      this.#unsavedEntries += 1;
    }
    merge(this.#unsaved, changes);
    const overdue = this.#now - this.#committedAt >= COMMIT_MS;
    if (overdue || this.#unsavedEntries >= COMMIT_ENTRIES_MAX) this.#commit();
    this.#options.onSamples?.(
      entries.reduce((sum, { samples, events }) => sum + samples.length + events.length, 0),
    );
    this.#options.onChange(changes);
  }

  /** As of the newest entry. Ranges are widened to whole buckets. */
  rollups(from: Timestamp, to: Timestamp): CampusRollup[] {
    const start = bucketOf(from);
    const end = bucketOf(to + BUCKET_MS - 1);
    const happenings = this.#file.rollups(start, end);
    const campuses = Map.groupBy(this.registry.nodes.values(), ({ address }) => address.campus as string);
    const devices = Map.groupBy(this.registry.devices.values(), ({ address }) => address.campus as string);
    const watched = [...campuses].map(([campus, nodes]) => {
      const own = (devices.get(campus) ?? []).filter((device) => device.class !== undefined);
      const seen = happenings.get(campus) ?? {};
      const withHealth = (health: string) => own.filter((device) => device.health === health).length;
      const counts: Rollup = {
        ...completed(seen, nodes, start, end),
        "devices.registered": own.length,
        "devices.working": withHealth("working"),
        "devices.faulty": withHealth("faulty"),
        "devices.unreachable": withHealth("unreachable") + withHealth("stale"),
        "nodes.registered": nodes.length,
        "nodes.online": nodes.filter(({ online }) => online).length,
        "projector.onSeconds": this.#projectorSeconds(own, start, end),
      };
      return { campus, path: this.#options.campusPath(campus), from: start, to: end, counts };
    });
    return [...watched, ...this.#told(happenings, start, end)];
  }

  /** Campuses whose devices another hub watches: how things stood when it last told, and what it said has happened. */
  *#told(happenings: ReadonlyMap<string, Rollup>, from: Timestamp, to: Timestamp): Generator<CampusRollup> {
    for (const { class: deviceClass, path, metrics } of this.registry.devices.values()) {
      const campus = deviceClass === "hub" ? campusAt(path) : undefined;
      if (campus === undefined) continue;
      const standing = [...metrics].flatMap(([metric, { value }]) => {
        const count = rollupCountOf(metric);
        return count !== undefined && isStanding(count) && typeof value === "number" ? [[count, value]] : [];
      });
      yield {
        campus,
        path,
        from,
        to,
        counts: { ...happenings.get(campus), ...Object.fromEntries(standing) },
      };
    }
  }

  /** What happened on one campus, and how complete that is. Ranges are widened to whole buckets. */
  happenings(campus: string, from: Timestamp, to: Timestamp): Rollup {
    const start = bucketOf(from);
    const end = bucketOf(to + BUCKET_MS - 1);
    const nodes = [...this.registry.nodes.values()].filter(({ address }) => address.campus === campus);
    return completed(this.#file.rollups(start, end).get(campus) ?? {}, nodes, start, end);
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
      this.#commit();
    });
  }

  /** For a command that could not even be sent. */
  settleCommand(command: CommandView): void {
    this.#orFail(() => {
      this.#file.begin();
      this.#save(command);
      this.#commit();
    });
  }

  /** What a full disk does not take any more is read again at the next start. */
  close(): void {
    try {
      this.#file.begin();
      if (this.#failure === undefined) this.#commit();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
    } finally {
      this.#file.close();
    }
  }

  /** From the file; answers with its checkpoint. */
  #load(): number {
    this.#file.rollback();
    this.registry.clear();
    this.#file.load(this.registry);
    this.#unsaved = noChanges();
    this.#unsavedEntries = 0;
    this.#open.clear();
    for (const command of this.#file.openCommands()) this.#open.set(command.id, command);
    this.#lastReceivedAt = this.#file.checkpointReceivedAt() ?? 0;
    return this.#file.checkpoint();
  }

  #orFail(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #commit(): void {
    this.#file.save(this.registry, this.#unsaved);
    if (this.#now - this.#forgottenAt >= FORGET_MS) {
      this.#forgottenAt = this.#now;
      if (this.#now > 0) this.#file.forget(this.#now);
    }
    this.#file.commit(this.#lastSeq, this.#lastReceivedAt);
    this.#unsaved = noChanges();
    this.#unsavedEntries = 0;
    this.#committedAt = this.#now;
  }

  #rollUp(entry: DecodedEntry): void {
    const { address } = entry;
    if (address === undefined) return;
    const key = addressKey(address);
    for (const delta of receivedCounts(entry)) this.#file.addToRollup(address.campus, delta);
    for (const event of entry.events) {
      if (!this.#file.isNewEvent(key, `${event.event} ${event.id}`, event.eventTime)) continue;
      for (const delta of eventCounts(event)) this.#addEventCount(entry, delta);
      if (event.event === "Command/Result") this.#settleByResult(event, entry.receivedAt);
    }
    for (const { metric, value, quality, eventTime } of entry.samples) {
      if (metric.startsWith("Rollup/") && quality.status !== "bad")
        this.#takeTold(key, metric, value, eventTime);
      if (metric !== "Projector/Power") continue;
      const known = quality.status !== "bad" && typeof value === "string";
      this.#file.addProjectorPower(key, { time: eventTime, on: known ? value === "on" : null });
    }
  }

  #takeTold(device: string, metric: MetricName, value: SampleValue, eventTime: Timestamp): void {
    const count = rollupCountOf(metric);
    if (count === undefined || isStanding(count) || typeof value !== "number") return;
    const asset = this.registry.devices.get(device);
    const campus = asset?.class === "hub" ? campusAt(asset.path) : undefined;
    if (campus !== undefined) this.#file.setRollup(campus, bucketOf(eventTime), count, Math.round(value));
  }

  #addEventCount({ address }: DecodedEntry, delta: RollupDelta): void {
    if (address === undefined) return;
    this.#file.addToRollup(address.campus, delta);
    if (delta.count !== "samples.lost") return;
    const node = this.registry.nodes.get(addressKey({ campus: address.campus, node: address.node }));
    if (node !== undefined) node.lost += delta.by;
  }

  #projectorSeconds(
    devices: readonly {
      readonly key: string;
      readonly class: string | undefined;
      readonly address: { campus: string; node: string };
    }[],
    from: Timestamp,
    to: Timestamp,
  ): number {
    let seconds = 0;
    for (const { key, class: deviceClass, address } of devices) {
      if (deviceClass !== "projector") continue;
      const node = this.registry.nodes.get(`${address.campus}/${address.node}`);
      // While the box is away nobody knows: nothing is counted after it was last heard.
      const known = node?.online === false ? node.since : this.#now;
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

function campusAt(path: AssetPath): string | undefined {
  return assetLevel(path) === "campus" ? path.slice(path.lastIndexOf("/") + 1) : undefined;
}

function merge(into: RegistryChanges, from: RegistryChanges): void {
  for (const node of from.nodes) into.nodes.add(node);
  for (const device of from.devices) into.devices.add(device);
  for (const [key, names] of from.metrics) {
    const known = into.metrics.get(key);
    if (known === undefined) into.metrics.set(key, new Set(names));
    else for (const name of names) known.add(name);
  }
}
