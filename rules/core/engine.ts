/**
 * The rules core: a state machine over the journal. `step` takes one input and answers with what follows from it; its
 * state is ordinary data that can be saved after any step and restored elsewhere, and goes on to the same result.
 */
import { isAhead, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { act } from "./actions.ts";
import { ChangeLog } from "./changes.ts";
import { matches } from "./conditions/events.ts";
import { Consequences } from "./consequences.ts";
import { Declarations } from "./declarations.ts";
import { Device, factsOf, isKnown, isSamePlace, isTimeDoubt, sameQuality } from "./device.ts";
import type { Effect } from "./effect.ts";
import { INSTANCES_MAX } from "./engine-bounds.ts";
import type { Changes, Counters, EngineOptions, EngineState } from "./engine-state.ts";
import {
  type ActionInput,
  type BirthInput,
  type DataInput,
  type DeathInput,
  type EventInput,
  type Input,
  isDeclaration,
  type SampleInput,
} from "./input.ts";
import { lateRecord, lateSample, showLateEvent } from "./late.ts";
import { Monitor, type StoredMonitor, type World } from "./monitor.ts";
import { Neighbourhood } from "./neighbourhood.ts";
import { type Camera, camerasOf } from "./pictures/choose.ts";
import { registered } from "./registration.ts";
import { Reporter } from "./reporter.ts";
import { RootCause } from "./root-cause.ts";
import type { Rule } from "./rule.ts";
import { eventMatches, instancesOf, type Plan, planFor, selects } from "./selection.ts";
import type { Suppression } from "./suppression.ts";
import { Timers } from "./timers.ts";
import { type AlarmRecord, alarmRecord } from "./view.ts";

export type { Changes, Counters, EngineOptions, EngineState } from "./engine-state.ts";

export class Engine {
  readonly #options: EngineOptions;
  readonly #world: World;
  readonly #devices = new Map<string, Device>();
  /** Devices of each edge box, the box itself included, in the order they were first seen. */
  readonly #nodes = new Map<string, Device[]>();
  readonly #monitors = new Map<string, Monitor>();
  readonly #ofDevice = new Map<Device, Monitor[]>();
  readonly #plans = new Map<Device, Plan>();
  readonly #rootCause: RootCause;
  readonly #neighbourhood: Neighbourhood;
  readonly #consequences = new Consequences({
    lookingAt: ({ device, rule }) => this.#neighbourhood.onAlarm(device, rule.id),
    isThere: (monitor) => this.#monitors.get(monitor.id) === monitor,
    evaluate: (monitor, at) => this.#evaluate(monitor, at),
    failed: (monitor, error) => this.#failed(monitor, error),
  });
  readonly #declarations = new Declarations({
    monitors: () => this.#monitors.values(),
    refused: (reason, detail) => this.#reporter.refused(reason, detail),
    evaluate: (monitor) => this.#evaluate(monitor, Math.max(this.#now, monitor.lookedAt)),
  });
  readonly #timers = new Timers<Monitor>();
  readonly #changes = new ChangeLog();
  readonly #reporter: Reporter;
  #now: Timestamp = 0;
  #seq = 0;
  #nextOrdinal = 0;
  readonly counters: Counters = { inputs: 0, late: 0, instancesRefused: 0, ruleErrors: 0 };

  constructor(options: EngineOptions, stored?: EngineState) {
    this.#options = options;
    this.#rootCause = new RootCause({
      devices: this.#devices,
      devicesOf: (node) => this.#nodes.get(node) ?? [],
      monitorsOf: (device) => this.#ofDevice.get(device) ?? [],
    });
    this.#reporter = new Reporter((alarm) => this.#rootCause.symptomsOf(alarm));
    this.#neighbourhood = new Neighbourhood({
      devices: this.#devices,
      monitorsOf: (device) => this.#ofDevice.get(device) ?? [],
      watch: (device, name) => this.#plans.get(device)?.ensure(name),
      calendar: options.calendar,
    });
    const now = (): Timestamp => this.#now;
    this.#world = {
      get now() {
        return now();
      },
      calendar: options.calendar,
      causeOf: (device) => this.#rootCause.causeOf(device),
      noted: (monitor, event) => this.#reporter.note(monitor, event, this.#now),
      moved: (monitor, from, event, by, comment) => {
        this.#rootCause.moved(monitor, from);
        this.#consequences.of(monitor);
        this.#reporter.moved(monitor, from, event, by, comment);
      },
      causeChanged: (monitor) => this.#rootCause.changed(monitor, this.#now + options.grace_ms),
      suppressionOf: (monitor) => this.#declarations.suppressions.of(monitor, this.#now),
      drillOf: (monitor) => this.#declarations.drills.of(monitor, this.#now)?.id,
      activeChanged: (monitor) => this.#consequences.of(monitor),
      symptomMoved: (before, after) => this.#rootCause.recount(before, after),
      touched: (monitor) => {
        this.#changes.monitor(monitor);
        this.#timers.update(monitor);
      },
    };
    if (stored !== undefined) this.#restore(stored);
  }

  get nextDue(): Timestamp {
    return this.#timers.earliest;
  }

  get now(): Timestamp {
    return this.#now;
  }

  /** The last journal entry that was taken. */
  get seq(): number {
    return this.#seq;
  }

  step(input: Input): readonly Effect[] {
    this.#seq = Math.max(this.#seq, input.seq);
    this.#reporter.begin(this.#seq);
    if (input.kind === "action") {
      this.#act(input);
    } else if (isDeclaration(input)) {
      this.#declarations.take(input, this.#now);
    } else {
      this.#now = Math.max(this.#now, input.receivedAt);
      if (input.kind === "birth") this.#birth(input);
      else if (input.kind === "death") this.#death(input);
      else if (input.kind === "data") this.#data(input);
      // Once an entry: a reader that starts in the middle is told again who is away, and must not look at the time twice.
      this.#consequences.follow();
      if (input.more !== true) this.#runTimers();
    }
    this.#consequences.follow();
    this.#reportSymptoms();
    return this.#reporter.take();
  }

  alarm(id: string): AlarmRecord | undefined {
    const monitor = this.#monitors.get(id);
    return monitor === undefined || monitor.alarm.updatedAt === 0
      ? undefined
      : alarmRecord(monitor, this.#rootCause.symptomsOf(id));
  }

  /** Cameras of a campus, as they are now. */
  cameras(campus: string): Iterable<Camera> {
    return camerasOf(campus, this.#devices.values());
  }

  /** Alarms that are not normal, as they are now. */
  *standing(): Iterable<Monitor> {
    for (const monitor of this.#monitors.values()) if (monitor.alarm.state !== "normal") yield monitor;
  }

  save(): EngineState {
    return {
      ...this.saveHead(),
      devices: [...this.#devices.values()].map((device) => device.save()),
      monitors: [...this.#monitors.values()].map((monitor) => monitor.save()),
    };
  }

  /** The position and the counts, without devices and monitors. */
  saveHead(): Omit<EngineState, "devices" | "monitors"> {
    return {
      now: this.#now,
      seq: this.#seq,
      nextOrdinal: this.#nextOrdinal,
      counters: { ...this.counters },
      suppressions: this.#declarations.suppressions.save(),
      drills: this.#declarations.drills.save(),
    };
  }

  /** What people declared and has not ended. */
  suppressions(): readonly Suppression[] {
    return this.#declarations.suppressions.save().filter(({ until }) => until > this.#now);
  }

  takeChanges(): Changes {
    return this.#changes.take();
  }

  #restore(stored: EngineState): void {
    this.#now = stored.now;
    this.#seq = stored.seq;
    this.#nextOrdinal = stored.nextOrdinal;
    Object.assign(this.counters, stored.counters);
    this.#declarations.suppressions.restore(stored.suppressions ?? []);
    this.#declarations.drills.restore(stored.drills ?? []);
    for (const each of stored.devices) this.#addDevice(Device.restore(each));
    const rules = new Map(this.#options.rules.map((rule) => [rule.id, rule]));
    for (const each of stored.monitors) {
      const rule = rules.get(each.rule);
      const device = this.#devices.get(each.device);
      if (rule !== undefined && device !== undefined)
        this.#addMonitor(rule, device, each.instance ?? undefined, each);
    }
    this.#watchByNewRules();
  }

  /** Rules that were not there when the state was saved begin with what is known of the devices. */
  #watchByNewRules(): void {
    const begun = [...this.#devices.values()].flatMap((device) => this.#addMonitors(device));
    for (const monitor of begun) this.#evaluate(monitor, this.#now);
  }

  #addDevice(device: Device): void {
    this.#devices.set(device.key, device);
    const node = this.#nodes.get(device.node);
    if (node === undefined) this.#nodes.set(device.node, [device]);
    else node.push(device);
    this.#ofDevice.set(device, []);
    this.#plans.set(device, planFor(device, this.#options.rules));
    this.#neighbourhood.place(device);
  }

  #addMonitor(rule: Rule, device: Device, instance: string | undefined, stored?: StoredMonitor): Monitor {
    const ordinal = stored?.ordinal ?? this.#nextOrdinal;
    if (stored === undefined) this.#nextOrdinal += 1;
    const isExpected = instance !== undefined && rule.expected?.[device.key]?.includes(instance) === true;
    const subject = this.#neighbourhood.subject(rule, device, instance, isExpected ? this.#now : undefined);
    const monitor = new Monitor(this.#world, ordinal, rule, subject, stored);
    this.#monitors.set(monitor.id, monitor);
    this.#ofDevice.get(device)?.push(monitor);
    this.#plans.get(device)?.watch(monitor);
    this.#neighbourhood.listen(monitor);
    this.#timers.update(monitor);
    this.#rootCause.restored(monitor);
    if (stored === undefined) this.#changes.monitor(monitor);
    return monitor;
  }

  #birth({ address, samples, receivedAt, seq, newSession }: BirthInput): void {
    const campus = address.split("/")[0] ?? "";
    const facts = factsOf(address, samples, this.#options.campusPath(campus));
    let device = this.#devices.get(address);
    if (device === undefined) {
      if (facts === undefined) return;
      device = new Device(address, this.#nextOrdinal, facts, this.#now, seq);
      this.#nextOrdinal += 1;
      this.#addDevice(device);
    }
    if (facts !== undefined) {
      const elsewhere = device.retired || !isSamePlace(facts, device.facts);
      device.facts = facts;
      device.retired = false;
      if (elsewhere) this.#neighbourhood.place(device);
    }
    device.metrics = samples.map(({ name }) => name).filter((name) => !name.startsWith("Properties/"));
    const returned = !device.online;
    if (returned) {
      device.online = true;
      device.changedAt = Math.min(receivedAt, this.#now);
      device.changedSeq = seq;
    }
    device.withBox = false;
    device.lastSeen = this.#now;
    this.#changes.device(device);
    this.#rootCause.rewired(device.node);
    // Who connects anew while he was believed to be there had lost the connection before.
    if (!returned && newSession === true) this.#lost(device, seq);
    this.#addMonitors(device);
    const plan = planFor(device, this.#options.rules, this.#ofDevice.get(device));
    this.#plans.set(device, plan);
    this.counters.inputs += samples.length;
    for (const sample of samples) this.#sample(device, plan, sample, seq);
    this.#lookAgain(device);
    this.#register(device, samples);
    // From now on those behind it are waited for.
    const behind = returned && device.isNode ? (this.#nodes.get(device.node) ?? []) : [];
    for (const each of behind) if (each.withBox) this.#lookAgain(each);
  }

  /** A box may have said whom it watches. */
  #register(box: Device, samples: readonly SampleInput[]): void {
    for (const device of registered(box, samples, this.#nodes, this.#now)) {
      this.#changes.device(device);
      this.#neighbourhood.place(device);
      this.#lookAgain(device);
    }
  }

  /** Monitors that the device's birth asks for and that are not there yet. */
  #addMonitors(device: Device): readonly Monitor[] {
    return this.#options.rules.flatMap((rule) => {
      if (!selects(rule.selector, device)) return [];
      const own = (this.#ofDevice.get(device) ?? []).filter((each) => each.rule === rule);
      return instancesOf(rule, device)
        .filter((instance) => !own.some((each) => each.instance === instance))
        .map((instance) => this.#addMonitor(rule, device, instance));
    });
  }

  #death({ address, seq, withBox }: DeathInput): void {
    const device = this.#devices.get(address);
    if (device === undefined || !device.online) return;
    const gone = device.isNode ? (this.#nodes.get(device.node) ?? []) : [device];
    for (const each of gone) {
      if (!each.online) continue;
      each.online = false;
      each.withBox = !each.isNode && (device.isNode || withBox === true);
      each.changedAt = this.#now;
      each.changedSeq = seq;
      this.#changes.device(each);
      if (!each.withBox) this.#lost(each, seq);
    }
    for (const each of gone) this.#lookAgain(each);
  }

  #data({ address, samples, events, seq }: DataInput): void {
    const device = this.#devices.get(address);
    const plan = device === undefined ? undefined : this.#plans.get(device);
    if (device === undefined || plan === undefined) return;
    this.counters.inputs += samples.length;
    device.lastSeen = this.#now;
    this.#changes.device(device);
    for (const sample of samples) this.#sample(device, plan, sample, seq);
    this.#register(device, samples);
    for (const event of events) this.#event(device, event, seq);
    for (const monitor of plan.listeners) if (monitor.active) this.#evaluate(monitor, this.#now);
  }

  #lost(device: Device, seq: number): void {
    for (const { condition } of this.#ofDevice.get(device) ?? []) condition.lost?.(this.#now, seq);
  }

  #lookAgain(device: Device): void {
    for (const monitor of this.#ofDevice.get(device) ?? []) this.#evaluate(monitor, this.#now);
  }

  #sample(device: Device, plan: Plan, sample: SampleInput, seq: number): void {
    const watched = plan.watched.get(sample.name);
    if (watched === undefined) return;
    const { series, monitors } = watched;
    const isDoubtful = isTimeDoubt(sample.quality);
    const ahead = !isDoubtful && isAhead(sample.eventTime, this.#now);
    const stated = isDoubtful ? this.#now : Math.min(sample.eventTime, this.#now);
    // What was ahead of its time looks newer than what was told by a clock that has been set right since.
    const isOlder = stated < series.eventTime || (ahead && series.eventTime > 0 && series.ahead !== true);
    if (sample.historical && isOlder) {
      // A birth has already said how things are now; a backlog only tells how they came about.
      this.counters.late += 1;
      for (const effect of lateSample(monitors, device, sample, stated, seq, this.#now))
        this.#reporter.add(effect);
      return;
    }
    const at = Math.max(stated, series.eventTime);
    // What fell due before this reading was true is settled by what was known before it.
    for (const monitor of monitors) if (monitor.due <= at) this.#settle(monitor, at);
    const same = series.value === sample.value && sameQuality(series.quality, sample.quality);
    if (!same && watched.wiring) this.#rewire(device, sample);
    series.value = sample.value;
    series.quality = sample.quality;
    series.eventTime = at;
    if (ahead !== (series.ahead ?? false)) series.ahead = ahead;
    series.seq = seq;
    for (const monitor of monitors) {
      const { condition } = monitor;
      if (same && !monitor.active && condition.everyReading === undefined) continue;
      condition.sample(series, at);
      if (!monitor.rests(at)) this.#evaluate(monitor, at);
      else if (condition.everyReading) this.#changes.monitor(monitor);
    }
    for (const monitor of this.#neighbourhood.onSample(device, sample.name)) {
      this.#settle(monitor, at);
      monitor.condition.peerSample?.(device, series, at);
      this.#evaluate(monitor, Math.max(at, monitor.lookedAt));
    }
  }

  #rewire(device: Device, { name, value, quality }: SampleInput): void {
    if (!isKnown(quality) || typeof value !== "string") return;
    device.wiring.set(name, value);
    this.#rootCause.rewired(device.node);
  }

  #event(device: Device, event: EventInput, seq: number): void {
    this.counters.inputs += 1;
    const at = isTimeDoubt(event.quality) ? this.#now : Math.min(event.eventTime, this.#now);
    const placed = { event, at, seq };
    for (const rule of this.#plans.get(device)?.eventRules.get(event.name) ?? []) {
      if (!eventMatches(rule.condition).some((match) => matches(match, event))) continue;
      const late = this.#now - at > rule.lateness_ms;
      if (late) this.counters.late += 1;
      if (late && rule.late === "record") {
        const concerned = this.#instancesFor(rule, device, event);
        if (concerned.every(({ condition }) => condition.lateEvent?.(placed) ?? true))
          this.#reporter.add(lateRecord(rule, device, event.name, at, seq, this.#now));
        for (const known of concerned) {
          known.condition.backfill?.(placed);
          this.#evaluate(known, this.#now);
        }
        continue;
      }
      for (const known of this.#instancesFor(rule, device, event)) {
        this.#settle(known, at);
        // Settling may have found that nothing is remembered of this instance any more.
        const monitor = this.#monitors.get(known.id) ?? this.#addMonitor(rule, device, known.instance);
        monitor.condition.event(placed);
        if (late) showLateEvent(monitor, at);
        this.#evaluate(monitor, late ? this.#now : at);
      }
    }
    for (const monitor of this.#neighbourhood.onEvent(device, event.name)) {
      this.#settle(monitor, at);
      monitor.condition.peerEvent?.(device, placed);
      this.#evaluate(monitor, Math.max(at, monitor.lookedAt));
    }
  }

  #instancesFor(rule: Rule, device: Device, event: EventInput): readonly Monitor[] {
    const monitors = this.#ofDevice.get(device) ?? [];
    if (rule.instance === undefined || rule.instance === "*")
      return monitors.filter((each) => each.rule === rule);
    const value = event.fields[rule.instance];
    if (value === undefined || value === null || value === "") return [];
    const own = monitors.filter((each) => each.rule === rule);
    const known = own.find((each) => each.instance === String(value));
    if (known !== undefined) return [known];
    if (own.length >= INSTANCES_MAX) {
      this.counters.instancesRefused += 1;
      return [];
    }
    return [this.#addMonitor(rule, device, String(value))];
  }

  #settle(monitor: Monitor, until: Timestamp): void {
    while (monitor.due <= until) this.#evaluate(monitor, monitor.due);
  }

  #evaluate(monitor: Monitor, at: Timestamp): void {
    try {
      monitor.evaluate(at);
    } catch (error) {
      this.#failed(monitor, error);
      return;
    }
    if (monitor.instance !== undefined && monitor.rule.instance !== "*" && monitor.idle(at))
      this.#forget(monitor);
  }

  /** One rule's mistake is that rule's alone: a panic button must not fall silent for it. */
  #failed(monitor: Monitor, error: unknown): void {
    monitor.due = Number.POSITIVE_INFINITY;
    this.counters.ruleErrors += 1;
    this.#reporter.failed(monitor, error);
  }

  #forget(monitor: Monitor): void {
    monitor.due = Number.POSITIVE_INFINITY;
    this.#monitors.delete(monitor.id);
    this.#changes.forget(monitor);
    const monitors = this.#ofDevice.get(monitor.device);
    monitors?.splice(monitors.indexOf(monitor), 1);
    this.#plans.get(monitor.device)?.unwatch(monitor);
    this.#neighbourhood.forget(monitor);
  }

  #runTimers(): void {
    for (;;) {
      const monitor = this.#timers.take(this.#now);
      if (monitor === undefined) return;
      this.#evaluate(monitor, monitor.due);
      this.#consequences.follow();
    }
  }

  /** Once an input, however many symptoms it brought. */
  #reportSymptoms(): void {
    for (const id of this.#rootCause.takeRecounted()) {
      const monitor = this.#monitors.get(id);
      if (monitor === undefined) continue;
      monitor.alarm.updatedAt = this.#now;
      this.#changes.monitor(monitor);
      this.#reporter.note(monitor, "symptoms", this.#now);
    }
  }

  #act(input: ActionInput): void {
    const refused = act(this.#monitors.get(input.alarm), input, Math.max(this.#now, input.receivedAt));
    if (refused !== undefined) this.#reporter.add({ kind: "refused", ...refused });
    const monitor = this.#monitors.get(input.alarm);
    if (refused === undefined && monitor !== undefined) this.#world.touched(monitor);
  }
}
