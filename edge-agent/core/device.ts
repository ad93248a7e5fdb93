/**
 * What the agent knows of one device, and what of that is news: readings in, reports out. The edge box itself is kept
 * the same way, as a device whose readings come from the agent.
 */
import {
  DATA_CLASSES,
  type DataClass,
  type DeviceEvent,
  eventDefinition,
  GOOD,
  type MetricName,
  metricDefinition,
  type Quality,
  type Reading,
  type Sample,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import type { Random } from "./backoff.ts";
import type { Instant } from "./clock.ts";
import {
  COMMISSIONING_STATE,
  Commissioning,
  type CommissioningState,
  isMarked,
  trusted,
  type WrongReading,
  wrongReadings,
} from "./commissioning.ts";
import { answered, type Failure, failed, type Reachability, UNTRIED } from "./reachability.ts";
import { RecentIds } from "./recent-ids.ts";
import { ExceptionFilter, fits, type Refusal } from "./report-by-exception.ts";

/** One data class's share of what a device reported at once: it becomes one record of the outbox. */
export interface Report {
  readonly dataClass: DataClass;
  readonly samples: readonly Sample[];
  readonly events: readonly DeviceEvent[];
}

/** Devices hand the same events over again after a reconnect; so many ids are remembered to recognise them. */
export const EVENT_IDS_MAX = 1_024;

const NOT_READ: Quality = { status: "bad", reason: "not-read" };
const EDGE_CLOCK: Quality = { status: "uncertain", reason: "edge-clock" };
const UNREACHABLE: Quality = { status: "bad", reason: "unreachable" };

export type EventRefusal = "unknown-event" | "wrong-fields" | "repeated";

export class DeviceModel {
  readonly #filter = new ExceptionFilter();
  readonly #declared: readonly MetricName[];
  readonly #eventIds = new RecentIds(EVENT_IDS_MAX);
  readonly #eventsRefused = new Map<EventRefusal, number>();
  readonly #commissioning: Commissioning;
  #reachability: Reachability = UNTRIED;
  #failures = 0;

  /**
   * `declared` are the metrics that the device's profile promises; they are in every birth, read or not.
   * `properties` are known from the configuration and true from the beginning. A device that nobody has `confirmed` is
   * commissioning.
   */
  constructor(declared: readonly MetricName[], properties: readonly Sample[], confirmed = true) {
    this.#declared = declared;
    this.#commissioning = new Commissioning(confirmed);
    for (const sample of properties) this.#filter.offer(sample, 0);
  }

  get online(): boolean {
    return this.#reachability.online === true;
  }

  /** It was tried and does not answer; a device that was not tried yet is neither online nor this. */
  get isUnreachable(): boolean {
    return this.#reachability.online === false;
  }

  get failures(): number {
    return this.#failures;
  }

  refused(reason: Refusal | EventRefusal): number {
    return reason === "unknown-event" || reason === "wrong-fields" || reason === "repeated"
      ? (this.#eventsRefused.get(reason) ?? 0)
      : this.#filter.refused(reason);
  }

  latest(metric: MetricName): Sample | undefined {
    return this.#filter.latest(metric);
  }

  get commissioning(): CommissioningState {
    return this.#commissioning.state;
  }

  /** What speaks against the device's profile or wiring. */
  wrongReadings(): readonly WrongReading[] {
    return wrongReadings(this.#filter.all());
  }

  /** A person says that the device is the one meant. What was marked is told again without the mark. */
  confirm(at: Instant): readonly Report[] {
    this.#commissioning.confirm();
    const reports = new ReportBuilder();
    this.#offer(reports, [...this.#filter.all()].filter(isMarked).map(trusted), at);
    this.#offer(reports, [this.#commissioningState(at)], at);
    return reports.build();
  }

  /** The device was replaced or moved: what it says is marked again. */
  reopen(at: Instant): readonly Report[] {
    this.#commissioning.reopen();
    const reports = new ReportBuilder();
    this.#offer(reports, [...this.#filter.all(), this.#commissioningState(at)], at);
    return reports.build();
  }

  /** True when the last birth would have to name metrics that it did not: a new birth is due. */
  knows(metric: MetricName): boolean {
    return this.#filter.latest(metric) !== undefined || this.#declared.includes(metric);
  }

  /** Takes what a look at the device, or a message from it, brought. It also proves that the device can be reached. */
  accept(reading: Reading, at: Instant): readonly Report[] {
    const reports = new ReportBuilder();
    const step = answered(this.#reachability);
    this.#reachability = step.state;
    if (step.became === "online") this.#offer(reports, connectivity(true, this.#failures, at), at);
    this.#offer(reports, reading.samples, at);
    for (const event of reading.events) {
      const dataClass = this.#admit(event);
      if (dataClass !== undefined) {
        reports.event(dataClass, this.#commissioning.doubt(doubted(event, at)));
      }
    }
    const before = this.#commissioning.state;
    if (this.#commissioning.look(this.#filter.all()) !== before) {
      this.#offer(reports, [this.#commissioningState(at)], at);
    }
    return reports.build();
  }

  /** These events could not be kept: should the device hand them over again, they are news. */
  forget(events: readonly DeviceEvent[]): void {
    for (const event of events) this.#eventIds.forget(identityOf(event));
  }

  /** The device did not answer. Its values keep standing, and say by their quality that nobody can see them. */
  fail(at: Instant, failure: Failure, random: Random): { reports: readonly Report[]; wait_ms: number } {
    const reports = new ReportBuilder();
    const step = failed(this.#reachability, at.uptime_ms, failure, random);
    this.#reachability = step.state;
    this.#failures += 1;
    if (step.became === "offline") {
      this.#offer(reports, connectivity(false, this.#failures, at), at);
      const unseen = [...this.#filter.all()]
        .filter(({ metric }) => !metric.startsWith("Connectivity/") && !isAttribute(metric))
        .map((sample) => ({ ...sample, quality: UNREACHABLE, eventTime: at.wall }));
      this.#offer(reports, unseen, at);
    }
    return { reports: reports.build(), wait_ms: step.wait_ms };
  }

  /** Every metric of the device with its newest value; null with quality `not-read` where there is none yet. */
  birth(at: Instant): readonly Sample[] {
    const samples = new Map<MetricName, Sample>();
    if (this.#reachability.online === undefined) {
      const unknown = { metric: "Connectivity/Online", value: false, quality: NOT_READ, eventTime: at.wall };
      samples.set(unknown.metric, unknown);
    }
    for (const metric of this.#declared) {
      samples.set(metric, { metric, value: null, quality: NOT_READ, eventTime: at.wall });
    }
    for (const sample of this.#filter.all()) samples.set(sample.metric, sample);
    return [...samples.values()];
  }

  #offer(reports: ReportBuilder, samples: readonly Sample[], at: Instant): void {
    for (const offered of samples) {
      const doubtful = this.#commissioning.doubt(doubted(offered, at), offered.metric);
      const sample = this.#filter.offer(doubtful, at.uptime_ms);
      if (sample !== undefined) reports.sample(sample);
    }
  }

  #commissioningState({ wall }: Instant): Sample {
    return {
      metric: COMMISSIONING_STATE,
      value: this.#commissioning.state,
      quality: GOOD,
      eventTime: wall,
    };
  }

  /** The event's data class when it is new and is what the dictionary says it is. */
  #admit(event: DeviceEvent): DataClass | undefined {
    const definition = eventDefinition(event.event);
    if (definition === undefined) return this.#refuse("unknown-event");
    const declared = Object.entries(definition.fields);
    const complete =
      Object.keys(event.fields).length === declared.length &&
      declared.every(([name, { datatype }]) => fitsField(event.fields[name], datatype));
    if (!complete) return this.#refuse("wrong-fields");
    const id = identityOf(event);
    return this.#eventIds.isNew(id) ? definition.dataClass : this.#refuse("repeated");
  }

  #refuse(reason: EventRefusal): undefined {
    this.#eventsRefused.set(reason, (this.#eventsRefused.get(reason) ?? 0) + 1);
    return undefined;
  }
}

const identityOf = ({ event, id }: DeviceEvent): string => `${event}\u0000${id}`;

function fitsField(value: SampleValue | undefined, datatype: Parameters<typeof fits>[1]): boolean {
  return value !== undefined && fits(value, datatype);
}

function connectivity(online: boolean, failures: number, at: Instant): Sample[] {
  return [
    { metric: "Connectivity/Online", value: online, quality: GOOD, eventTime: at.wall },
    { metric: "Connectivity/Failures", value: failures, quality: GOOD, eventTime: at.wall },
  ];
}

/** Recorded while the box does not know the time; once it does, the change of quality is news and is reported. */
export function doubted<T extends { readonly quality: Quality }>(what: T, { untrusted }: Instant): T {
  return untrusted === true && what.quality.status === "good" ? { ...what, quality: EDGE_CLOCK } : what;
}

function isAttribute(metric: MetricName): boolean {
  return metricDefinition(metric)?.kind === "attribute";
}

class ReportBuilder {
  readonly #classes = new Map<DataClass, { samples: Sample[]; events: DeviceEvent[] }>();

  sample(sample: Sample): void {
    const definition = metricDefinition(sample.metric);
    if (definition !== undefined) this.#of(definition.dataClass).samples.push(sample);
  }

  event(dataClass: DataClass, event: DeviceEvent): void {
    this.#of(dataClass).events.push(event);
  }

  /** The most precious first. */
  build(): readonly Report[] {
    return DATA_CLASSES.flatMap((dataClass) => {
      const content = this.#classes.get(dataClass);
      return content === undefined ? [] : [{ dataClass, ...content }];
    });
  }

  #of(dataClass: DataClass): { samples: Sample[]; events: DeviceEvent[] } {
    const existing = this.#classes.get(dataClass);
    if (existing !== undefined) return existing;
    const created = { samples: [], events: [] };
    this.#classes.set(dataClass, created);
    return created;
  }
}
