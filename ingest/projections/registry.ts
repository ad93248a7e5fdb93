/**
 * Journal → registry, roll-ups and commands. Memory follows the journal at once, for the live stream; the file follows
 * about once a second, in one transaction with its checkpoint. Values are kept in turn, and have a checkpoint of their own.
 */
import { randomUUID } from "node:crypto";
import type { DecodedEntry } from "@campus-ops/broker/journal";
import {
  type AssetPath,
  addressKey,
  type DeviceEvent,
  isStanding,
  type MetricName,
  rollupCountOf,
  type SampleValue,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { DatabaseFile } from "@campus-ops/service/database";
import type { CommandView } from "../api.ts";
import { isOutcome, isOverdue, settle } from "../core/command.ts";
import { isDiskFull } from "../core/disk-room.ts";
import { DeviceRegistry, noChanges, type RegistryChanges } from "../core/registry.ts";
import { bucketOf, eventCounts, type RollupDelta, receivedCounts } from "../core/rollup.ts";
import { type JournalPlace, UnsavedValues } from "../core/unsaved-values.ts";
import { CampusRollups, isHub } from "./campus-rollups.ts";
import type { Projection, ProjectionCheckpoint } from "./projection.ts";
import { RegistryFile } from "./registry-file.ts";

/** Receive time, by the journal's clock, that one transaction spans. */
const COMMIT_MS = 1_000;
/** Entries of one transaction at most. */
const COMMIT_ENTRIES_MAX = 8_192;
const FORGET_MS = 3_600_000;

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
  readonly rollups: CampusRollups;
  readonly #file: RegistryFile;
  readonly #options: RegistryOptions;
  readonly #open = new Map<string, CommandView>();
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
    this.rollups = new CampusRollups({
      registry: this.registry,
      file: this.#file,
      campusPath: options.campusPath,
      last: () => this.#last.seq,
      now: () => this.#now,
      newId: randomUUID,
    });
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
      } else {
        this.registry.applyValues(entry, changes);
        this.rollups.forget();
      }
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
    this.rollups.forget();
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
    const campus = asset === undefined ? undefined : this.registry.tellers.get(asset);
    if (campus === undefined) return;
    this.#file.setRollup(campus, bucketOf(eventTime), count, Math.round(value), seq);
  }

  #addEventCount({ address, seq }: DecodedEntry, delta: RollupDelta): void {
    if (address === undefined) return;
    this.#file.addToRollup(address.campus, delta, seq);
    if (delta.count !== "samples.lost") return;
    const node = this.registry.nodes.get(addressKey({ campus: address.campus, node: address.node }));
    if (node !== undefined) node.lost += delta.by;
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

type AssetChanges = Omit<RegistryChanges, "metrics">;

function merge(into: AssetChanges, from: AssetChanges): void {
  for (const node of from.nodes) into.nodes.add(node);
  for (const device of from.devices) into.devices.add(device);
}
