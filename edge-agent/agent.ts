/**
 * The agent: devices → reports → outbox → hand-off → Sparkplug, wired together. It opens nothing by itself that it was
 * not given an address for; `main.ts` chooses the files, the clock and the drivers.
 */
import type { PictureRequest, ReadCommand } from "@campus-ops/broker/sparkplug";
import type { Profile } from "@campus-ops/device-profiles/profiles";
import { declaredBy } from "@campus-ops/device-profiles/profiles/declared";
import {
  type DeviceEvent,
  type DeviceId,
  type EventName,
  eventDefinition,
  type MetricName,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import type { AgentOptions } from "./agent-options.ts";
import { deviceBirth, deviceProperties, nodeBirth, nodeProperties, rosterSample } from "./births.ts";
import { ClipRecorder } from "./clips/recorder.ts";
import { Replayed } from "./clips/replayed.ts";
import { ClipSource } from "./clips/source.ts";
import { CommissioningDesk, type CommissioningEntry, commissioningEntries } from "./commissioning-desk.ts";
import type { Configuration, DeviceConfiguration } from "./configuration.ts";
import { changesBetween } from "./configuration-changes.ts";
import type { Instant } from "./core/clock.ts";
import { COMMISSIONING_STATE } from "./core/commissioning.ts";
import { DeviceModel, type Report } from "./core/device.ts";
import { RecentIds } from "./core/recent-ids.ts";
import { failureKind } from "./drivers/driver.ts";
import { HandoffSender } from "./handoff/sender.ts";
import { IdentityWatch } from "./identity.ts";
import { EdgeNode } from "./mqtt/edge-node.ts";
import type { Outbox } from "./outbox/outbox.ts";
import type { DeviceCursor, NewRecord } from "./outbox/record.ts";
import { PictureDesk } from "./pictures/desk.ts";
import { Presence } from "./presence.ts";
import { commandId, commandResultRecord, recordsOf } from "./reports.ts";
import { SELF_OBSERVATION_MS, SelfObservation } from "./self-observation.ts";
import type { CommandOutcome } from "./supervisor/carry-out.ts";
import { DeviceSupervisor, type PictureTaken } from "./supervisor/supervisor.ts";

/** Command ids remembered, so that a command which arrives twice is carried out once. */
export const COMMAND_IDS_MAX = 256;
/** Where the outbox keeps the time, for a box that wakes up without one; and how often. */
export const SAVED_TIME = "time";
const SAVE_TIME_MS = 60_000;
/** Age limits are looked at so often. */
const EXPIRY_MS = 600_000;
/** How often it is looked who has died: what a device said last has to be acknowledged first. */
const DEATHS_MS = 250;
const DAY_MS = 86_400_000;

/** What became of a configuration that was read while the agent ran. */
export type ReloadOutcome = "applied" | "unchanged" | "refused";

interface Device {
  readonly configuration: DeviceConfiguration;
  readonly model: DeviceModel;
  readonly supervisor: DeviceSupervisor;
  /** Of a camera whose stream is kept for clips, or that somebody records. */
  readonly clips: ClipSource | undefined;
  /** Ends its supervisor alone. */
  readonly ending: AbortController;
  running: Promise<void>;
  /** Failed exchanges, by kind. */
  readonly failures: Map<string, number>;
}

export class Agent {
  readonly sender: HandoffSender;
  readonly node: EdgeNode;
  readonly outbox: Outbox;
  readonly pictures: PictureDesk;
  readonly #options: AgentOptions;
  readonly #devices = new Map<DeviceId, Device>();
  readonly #presence: Presence;
  readonly #desk: CommissioningDesk;
  readonly #self: SelfObservation;
  readonly #identity: IdentityWatch;
  readonly #stopping = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #commandIds = new RecentIds(COMMAND_IDS_MAX);
  readonly #reloads = new Map<ReloadOutcome, number>();
  #configuration: Configuration;
  #reloading: Promise<void> = Promise.resolve();
  #connected: Promise<void> = Promise.resolve();
  #malformed = 0;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#configuration = options.configuration;
    const { clock, configuration, dataFolder, outbox, random, version } = options;
    const at = clock.instant().wall;
    this.outbox = outbox;
    this.#desk = new CommissioningDesk(outbox);
    this.#self = new SelfObservation(outbox, dataFolder, nodeProperties(configuration, version, at));
    for (const device of configuration.devices) {
      this.#devices.set(device.id, this.#supervise(device, outbox.cursor(device.id)));
    }
    this.#presence = new Presence({ devices: this.#devices, outbox, node: () => this.node, clock });
    this.pictures = new PictureDesk({
      take: (request) => this.#take(request),
      // Not offered as live: pictures go when nothing else waits.
      keep: async (records) => void (await outbox.append(records)),
      waitingBytes: () => outbox.stats().perClass.bulk.bytes,
      outboxBytesMax: configuration.outbox.maxBytes,
      now: () => this.#now(),
      log: options.log,
    });
    const acknowledged = configuration.handoff === "acknowledged";
    this.sender = new HandoffSender(outbox, clock, configuration.handoff);
    const identity = new IdentityWatch({
      outbox,
      clock,
      random,
      log: options.log,
      onRenewed: () => {
        this.sender.end();
        this.node.rebirth();
      },
      onRecalled: () => this.node.rebirth(),
      onTwin: () => this.#observe(),
    });
    this.#identity = identity;
    this.node = new EdgeNode({
      campus: configuration.campus,
      node: configuration.node,
      brokers: configuration.brokers,
      primaryHost: configuration.primaryHost,
      numbered: acknowledged,
      births: {
        node: () => nodeBirth(this.#self.birth(), outbox, acknowledged, this.#now(), this.#nodeEvents()),
        devices: () => this.#presence.everybody(),
        device: (device) => this.#birth(device),
      },
      bdSeq: outbox.remembered("bdSeq") ?? 0,
      keepBdSeq: (next) => outbox.remember("bdSeq", next % 256),
      onBorn: (session) => {
        this.#presence.tellDeaths();
        this.sender.begin(session);
      },
      onEnded: () => this.sender.end(),
      onHostTime: (time) => clock.hear?.(time),
      onIdentity: (said) => identity.heard(said),
      stayAway_ms: () => identity.stayAway_ms(),
      onAcknowledgement: (acknowledgement) => this.sender.acknowledge(acknowledgement),
      onCommand: (device, command, id) => this.#command(device, command, id),
      onMalformed: (topic, why) => {
        this.#malformed += 1;
        options.log.warn({ topic, why }, "a message that cannot be read was ignored");
      },
      onConnection: (event, detail) => options.log.info({ event, detail }, "broker connection"),
      clock,
      random,
      program: options.program,
    });
  }

  start(): void {
    this.#observe();
    this.#timers.push(
      setInterval(() => this.#observe(), SELF_OBSERVATION_MS),
      setInterval(() => this.outbox.expire(), EXPIRY_MS),
      setInterval(() => this.#saveTime(), SAVE_TIME_MS),
      setInterval(() => {
        this.#presence.tellDeaths();
        this.#presence.retell();
      }, DEATHS_MS),
    );
    for (const device of this.#devices.values()) this.#run(device);
    this.#connected = this.node.run(this.#stopping.signal);
  }

  /**
   * Reads the configuration anew and goes on with the devices it names: those that are as they were are not disturbed.
   * One that `load` throws at changes nothing. Never rejects; what became of it is logged and counted.
   */
  async reload(load: () => Configuration): Promise<void> {
    const done = this.#reloading.then(async () => {
      const outcome = await this.#reconfigure(load);
      this.#reloads.set(outcome, this.reloads(outcome) + 1);
    });
    this.#reloading = done.catch(() => undefined);
    await done;
  }

  reloads(outcome: ReloadOutcome): number {
    return this.#reloads.get(outcome) ?? 0;
  }

  /** First the devices, then the network, then what makes it durable. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#stopping.abort();
    await this.#reloading;
    await Promise.all([...this.#devices.values()].map(({ running }) => running));
    this.sender.end();
    await this.#connected;
    this.#saveTime();
    this.outbox.close();
  }

  /** Messages from the broker that could not be read. */
  get malformed(): number {
    return this.#malformed;
  }

  devices(): Iterable<{
    readonly id: DeviceId;
    readonly model: DeviceModel;
    readonly failures: ReadonlyMap<string, number>;
    readonly clips: Pick<ClipSource, "heldBytes" | "overflows"> | undefined;
  }> {
    return [...this.#devices].map(([id, { clips, failures, model }]) => ({ id, model, failures, clips }));
  }

  async command(device: DeviceId, id: string, metric: MetricName, value: SampleValue): Promise<void> {
    if (!this.#commandIds.isNew(id)) return;
    const { log } = this.#options;
    log.info({ device, command: id, metric, value: String(value) }, "command requested");
    const found = this.#devices.get(device);
    const outcome = await this.#carryOut(found, metric, value);
    log.info({ device, command: id, metric, ...outcome }, "command settled");
    // A dead device says nothing: its box speaks for it.
    const to = found?.model.isUnreachable === false ? device : "";
    await this.#append([commandResultRecord(to, { id, metric, ...outcome }, this.#now())]);
  }

  /** Each device as it is configured; settled: it does not have to be confirmed, or it has been. */
  configured(): readonly { readonly id: DeviceId; readonly url: string; readonly settled: boolean }[] {
    return [...this.#devices.values()].map(({ configuration }) => ({
      id: configuration.id,
      url: configuration.target.url.href,
      settled: this.#desk.isConfirmed(configuration),
    }));
  }

  /** Devices that have to be confirmed, confirmed or not. */
  commissioning(): readonly CommissioningEntry[] {
    return commissioningEntries(this.#devices.values());
  }

  /** As a command to `Commissioning/State` does; `anyway` although its readings are not plausible. */
  async confirm(id: DeviceId, anyway: boolean): Promise<CommandOutcome> {
    return await this.#carryOut(this.#devices.get(id), COMMISSIONING_STATE, "confirmed", anyway);
  }

  async #carryOut(
    found: Device | undefined,
    metric: MetricName,
    value: SampleValue,
    anyway = false,
  ): Promise<CommandOutcome> {
    if (found === undefined) return { state: "refused", detail: "this edge node has no such device" };
    if (metric !== COMMISSIONING_STATE) return await found.supervisor.command(metric, value);
    const { configuration, model } = found;
    const at = this.#options.clock.instant();
    const { detail, reports, state } = this.#desk.settle(configuration, model, value, at, anyway);
    await this.#keep(configuration.id, reports, undefined);
    return { state, detail };
  }

  async #reconfigure(load: () => Configuration): Promise<ReloadOutcome> {
    const { log } = this.#options;
    let configuration: Configuration;
    try {
      configuration = load();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.error({ kind: "configuration" }, `${why}\nThe agent goes on with the configuration that it has`);
      return "refused";
    }
    const { added, changed, needRestart, removed } = changesBetween(this.#configuration, configuration);
    if (needRestart.length > 0) {
      log.warn({ sections: needRestart }, "these sections have changed, and take effect at the next start");
    }
    if (added.length + changed.length + removed.length === 0) return "unchanged";
    // Where a device's own log was read to means nothing to another profile.
    const same = new Set(
      changed.filter(({ id, profile }) => {
        const before = this.#profileOf(id);
        return before?.id === profile.id && before.revision === profile.revision;
      }),
    );
    await Promise.all([...removed, ...changed.map(({ id }) => id)].map((id) => this.#retire(id)));
    this.#presence.tellDeaths();
    // The sections that wait for a restart are compared with what is in force, now and the next time.
    this.#configuration = { ...this.#configuration, devices: configuration.devices };
    this.#tell((at) => this.#self.tell([rosterSample(configuration.devices, at.wall)], at));
    for (const device of changed) {
      this.#admit(device, same.has(device) ? this.outbox.cursor(device.id) : undefined);
    }
    for (const device of added) this.#admit(device, this.outbox.cursor(device.id));
    const ids = { added: added.map(({ id }) => id), changed: changed.map(({ id }) => id), removed };
    log.info(ids, "the devices are those of the new configuration");
    return "applied";
  }

  #profileOf(id: DeviceId): Profile | undefined {
    return this.#devices.get(id)?.configuration.profile;
  }

  /** Its records still go out; its DDEATH follows them. */
  async #retire(id: DeviceId): Promise<void> {
    const device = this.#devices.get(id);
    device?.ending.abort();
    await device?.running;
    this.#devices.delete(id);
    this.#presence.retire(id);
  }

  #admit(configuration: DeviceConfiguration, cursor: string | undefined): void {
    const { id } = configuration;
    const device = this.#supervise(configuration, cursor);
    this.#devices.set(id, device);
    this.#presence.admit(id);
    this.#run(device);
  }

  #run(device: Device): void {
    const signal = AbortSignal.any([this.#stopping.signal, device.ending.signal]);
    const all = [device.supervisor.run(signal), device.clips?.run(signal)];
    device.running = Promise.all(all).then(() => undefined);
  }

  #take({ at, device, kind }: PictureRequest): Promise<PictureTaken> | undefined {
    const found = this.#devices.get(device);
    return kind === "clip" ? found?.clips?.take(at, this.#stopping.signal) : found?.supervisor.snapshot();
  }

  /** `cursor`: where an earlier agent stopped reading the device's own log. */
  #supervise(configuration: DeviceConfiguration, cursor: string | undefined): Device {
    const { clock, log, openDevice, random } = this.#options;
    const { id, profile } = configuration;
    const at = clock.instant().wall;
    const model = new DeviceModel(
      declaredBy(profile).metrics,
      [...deviceProperties(configuration, at), ...this.#desk.properties(configuration, at)],
      this.#desk.isConfirmed(configuration),
    );
    const failures = new Map<string, number>();
    let readTo = cursor;
    const supervisor = new DeviceSupervisor({
      model,
      pollInterval_ms: configuration.pollInterval_ms,
      open: (signal) => openDevice(configuration, readTo, signal, () => supervisor.tryNow()),
      keep: async (reports, reached) => {
        await this.#keep(id, reports, reached);
        readTo = reached ?? readTo;
      },
      lose: (loss) => this.outbox.lose(loss),
      onFailure: (error, wait_ms) => {
        const kind = failureKind(error);
        failures.set(kind, (failures.get(kind) ?? 0) + 1);
        const message = error instanceof Error ? error.message : String(error);
        log.warn({ device: id, kind, wait_ms: Math.round(wait_ms) }, message);
      },
      onReturn: () => {
        for (const { configuration: other, supervisor: its } of this.#devices.values()) {
          if (other.dependsOn === id) its.tryNow();
        }
      },
      clock,
      random,
    });
    const ending = new AbortController();
    const { clips: stream, recordedBy } = configuration;
    const ring =
      stream === undefined ? undefined : new ClipRecorder({ device: id, target: stream, clock, random, log });
    const replayed =
      recordedBy === undefined
        ? undefined
        : new Replayed({ ...recordedBy, recorder: recordedBy.device, clock });
    const clips = ring === undefined && replayed === undefined ? undefined : new ClipSource(ring, replayed);
    return {
      configuration,
      model,
      supervisor,
      clips,
      ending,
      running: Promise.resolve(),
      failures,
    };
  }

  async #keep(device: DeviceId, reports: readonly Report[], cursor: string | undefined): Promise<void> {
    const records = recordsOf(device, reports);
    this.#presence.announce(device, records);
    await this.#append(records, cursor === undefined ? undefined : { device, cursor });
  }

  async #append(records: readonly NewRecord[], cursor?: DeviceCursor): Promise<void> {
    const kept = await this.#presence.keeping(records, () => this.outbox.append(records, cursor));
    this.sender.offer(kept);
  }

  #birth(id: DeviceId) {
    const device = this.#devices.get(id);
    const at = this.#options.clock.instant();
    const samples = device?.model.birth(at) ?? [];
    const events = device === undefined ? [] : declaredBy(device.configuration.profile).events;
    const metrics = deviceBirth(id, samples, events, this.outbox, at.wall);
    if (device !== undefined) this.#presence.born(id, metrics);
    return metrics;
  }

  #nodeEvents(): readonly EventName[] {
    const { discovery } = this.#configuration;
    return discovery === undefined ? [] : ["Discovery/Found", "Discovery/Progress"];
  }

  #observe(): void {
    const { callsTurnedAway, certificateEnds } = this.#options;
    const ends = certificateEnds?.();
    const calls = callsTurnedAway?.();
    this.#tell((at) =>
      this.#self.observe(at, {
        Twin: this.#identity.hasTwin(at),
        ClockTrusted: at.untrusted !== true,
        ...(ends === undefined ? {} : { CertificateDays: (ends - at.wall) / DAY_MS }),
        ...(calls === undefined ? {} : { UnknownCallers: calls.unknown, RefusedCalls: calls.refused }),
      }),
    );
  }

  #tell(observe: (at: Instant) => readonly Report[]): void {
    const { clock, log } = this.#options;
    this.#append(recordsOf("", observe(clock.instant()))).catch((error: unknown) =>
      log.warn({ err: error }, "not kept"),
    );
  }

  #saveTime(): void {
    this.outbox.remember(SAVED_TIME, this.#now());
  }

  #command(device: DeviceId | undefined, command: ReadCommand, id: string | undefined): void {
    const { log } = this.#options;
    const settle = (work: Promise<void>): void => {
      work.catch((error: unknown) => log.error({ err: error }, "a command's outcome could not be kept"));
    };
    if (device === undefined && command.picture !== undefined) void this.pictures.ask(command.picture);
    for (const { metric, value } of command.writes) {
      if (device === undefined)
        settle(this.#writeNode(id ?? this.#nameCommand("", metric, value), metric, value));
      else settle(this.command(device, id ?? this.#nameCommand(device, metric, value), metric, value));
    }
    for (const metric of command.refused) {
      settle(
        this.#refuse(
          device ?? "",
          id,
          metric,
          `${metric} is unknown, cannot be written, or cannot hold that value`,
        ),
      );
    }
  }

  async #writeNode(id: string, metric: MetricName, value: SampleValue): Promise<void> {
    const { writeNode } = this.#options;
    if (writeNode === undefined)
      return await this.#refuse("", id, metric, "the edge node itself takes no writes");
    if (!this.#commandIds.isNew(id)) return;
    const outcome = await writeNode(metric, value, id);
    await this.#append([commandResultRecord("", { id, metric, ...outcome }, this.#now())]);
  }

  /** What others know of the box itself, by the name of its metric: said where it is news, and at every birth from now on. */
  show(values: Readonly<Record<MetricName, SampleValue>>): void {
    this.#tell((at) => this.#self.show(values, at));
  }

  /** Something that happened to the box itself. */
  async tell(event: DeviceEvent): Promise<void> {
    const dataClass = eventDefinition(event.event)?.dataClass ?? "state";
    await this.#append(recordsOf("", [{ dataClass, samples: [], events: [event] }]));
  }

  async #refuse(device: string, id: string | undefined, metric: string, detail: string): Promise<void> {
    const known = this.#devices.get(device as DeviceId)?.model.isUnreachable === false;
    const result = {
      id: id ?? this.#nameCommand(device, metric, null),
      metric,
      state: "refused",
      detail,
    } as const;
    await this.#append([commandResultRecord(known ? device : "", result, this.#now())]);
  }

  #nameCommand(device: string, metric: string, value: SampleValue): string {
    return commandId(device, metric, value, this.#now(), this.#options.random());
  }

  #now(): number {
    return this.#options.clock.instant().wall;
  }
}
