/**
 * One rule watching one device (and instance): the condition, the delays, and the alarm that comes of them.
 *
 * The delays run in event time. A monitor is looked at when something it watches changes and when its `due` comes; in
 * both cases {@link Monitor.evaluate} is told at which moment of event time, and does the same thing.
 */
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmState, EvidenceSample } from "../api.ts";
import type { Assignment } from "./assign.ts";
import type { Calendar } from "./calendar.ts";
import { bindCondition } from "./conditions/bind.ts";
import {
  type BoundCondition,
  type Memory,
  NEVER,
  type Subject,
  type Verdict,
} from "./conditions/condition.ts";
import type { Device } from "./device.ts";
import { durationText, qualityText, text } from "./explain.ts";
import { alarmId } from "./identity.ts";
import { type AlarmEvent, nextState } from "./lifecycle.ts";
import { numbersAt, type Rule } from "./rule.ts";
import type { Suppression } from "./suppression.ts";
import type { Timed } from "./timers.ts";

/** Readings kept as evidence of one alarm. */
export const EVIDENCE_SAMPLES_MAX = 32;

export interface Alarm {
  state: AlarmState;
  /** 0 until it is raised for the first time. */
  occurrence: number;
  raisedAt: Timestamp;
  receivedAt: Timestamp;
  returnedAt: Timestamp | null;
  acknowledged: { readonly by: string; readonly at: Timestamp; readonly comment?: string } | null;
  /** Absent in what was stored before alarms could be given to a person. */
  assigned?: Assignment | null;
  causeId: string | null;
  shelvedUntil: Timestamp | null;
  updatedAt: Timestamp;
  /** It became known long after it happened. */
  late: boolean;
  /** The drill it began in; absent in what was stored before there were drills. */
  drill?: string | null;
  explanation: LocalText;
  evidence: readonly EvidenceSample[];
}

/** What a monitor needs of the world around it. */
export interface World {
  readonly now: Timestamp;
  readonly calendar: Calendar;
  /** What upstream explains a failure of this device: an active cause, one that is about to show, or nothing. */
  causeOf(device: Device): { readonly active: Monitor } | { readonly pending: Monitor } | undefined;
  /** A transition took place; the alarm already shows it. */
  moved(monitor: Monitor, from: AlarmState, event: AlarmEvent, by: string, comment: string | undefined): void;
  /** The state stays, and the alarm says something new: nobody can see its condition any more. */
  noted(monitor: Monitor, event: "unknown"): void;
  /** What people declared to be suppressed, and this is part of it. */
  suppressionOf(monitor: Monitor): Suppression | undefined;
  /** The drill that an alarm which begins now is part of. */
  drillOf(monitor: Monitor): string | undefined;
  /** The condition of a cause became true or ended. */
  causeChanged(monitor: Monitor): void;
  /** Its condition, delays included, became true or ended, whether or not that moved the alarm. */
  activeChanged(monitor: Monitor): void;
  /** A symptom that stays suppressed is now explained by another alarm. */
  symptomMoved(before: string | undefined, after: string): void;
  touched(monitor: Monitor): void;
}

export interface StoredMonitor {
  readonly ordinal: number;
  readonly rule: string;
  readonly device: string;
  readonly instance: string | null;
  /** Absent when the rule's condition has changed since: it begins anew, its alarm goes on. */
  readonly memory?: Memory;
  readonly trueSince: Timestamp | null;
  readonly falseSince: Timestamp | null;
  readonly unknown: boolean;
  readonly active: boolean;
  readonly graceUntil: Timestamp | null;
  readonly waitUntil: Timestamp | null;
  readonly due: Timestamp | null;
  readonly lookedAt: Timestamp;
  readonly alarm: Alarm;
}

export class Monitor implements Timed {
  readonly id: string;
  readonly ordinal: number;
  readonly rule: Rule;
  readonly device: Device;
  readonly instance: string | undefined;
  readonly condition: BoundCondition;
  readonly alarm: Alarm;
  due: Timestamp = NEVER;
  scheduled: Timestamp = NEVER;
  /** The condition is true, its on-delay over and its off-delay not. Goes on beneath shelving and suppression. */
  active = false;
  /** It changed since it was last stored; kept by the change log. */
  unsaved = false;
  /** The moment of event time at which it was last evaluated. */
  lookedAt: Timestamp = 0;
  /** An active alarm whose condition nobody can see any more. */
  unknown = false;
  #trueSince: Timestamp | undefined;
  #falseSince: Timestamp | undefined;
  /** Its cause is gone; until then its own recovery is waited for. */
  #graceUntil: Timestamp | undefined;
  /** Something upstream seems to be failing too; until then that is waited for. */
  #waitUntil: Timestamp | undefined;
  readonly #world: World;
  readonly #numbers: ReturnType<typeof numbersAt>;

  constructor(
    world: World,
    ordinal: number,
    rule: Rule,
    subject: Subject,
    stored: StoredMonitor | undefined,
  ) {
    this.#world = world;
    this.ordinal = ordinal;
    this.rule = rule;
    this.device = subject.device;
    this.instance = subject.instance;
    this.id = alarmId(rule.id, subject.device.key, subject.instance);
    // A device that moves takes its old place’s numbers with it until the rules are read again.
    this.#numbers = numbersAt(rule, subject.device.facts.path);
    this.condition = bindCondition(this.#numbers.condition, subject, stored?.memory);
    this.alarm = stored === undefined ? newAlarm() : { ...stored.alarm };
    if (stored === undefined) return;
    this.active = stored.active;
    this.unknown = stored.unknown;
    this.#trueSince = stored.trueSince ?? undefined;
    this.#falseSince = stored.falseSince ?? undefined;
    this.#graceUntil = stored.graceUntil ?? undefined;
    this.#waitUntil = stored.waitUntil ?? undefined;
    this.due = stored.due ?? NEVER;
    this.lookedAt = stored.lookedAt ?? 0;
  }

  save(): StoredMonitor {
    return {
      ordinal: this.ordinal,
      rule: this.rule.id,
      device: this.device.key,
      instance: this.instance ?? null,
      memory: this.condition.save(),
      trueSince: this.#trueSince ?? null,
      falseSince: this.#falseSince ?? null,
      unknown: this.unknown,
      active: this.active,
      graceUntil: this.#graceUntil ?? null,
      waitUntil: this.#waitUntil ?? null,
      due: this.due === NEVER ? null : this.due,
      lookedAt: this.lookedAt,
      alarm: this.alarm,
    };
  }

  /** True, and waiting for its on-delay: a cause in this state may be about to explain its symptoms. */
  get pending(): boolean {
    return !this.active && this.#trueSince !== undefined && this.due !== NEVER;
  }

  /** Nothing ever came of it and nothing is about to: it can be forgotten. */
  idle(at: Timestamp): boolean {
    return (
      !this.active && this.alarm.occurrence === 0 && this.alarm.state === "normal" && this.condition.idle(at)
    );
  }

  /** Not active, waiting for nothing, and its condition is certainly not true: a look would change nothing. */
  rests(at: Timestamp): boolean {
    return (
      !this.active &&
      this.due === NEVER &&
      this.#trueSince === undefined &&
      this.condition.rests?.(at) === true
    );
  }

  evaluate(at: Timestamp): void {
    const before = this.active;
    this.lookedAt = at;
    this.#endShelving();
    const verdict = this.#verdict(at);
    if (verdict === "unknown") this.#onUnknown();
    else if (verdict) this.#onTrue(at);
    else this.#onFalse(at);
    this.#schedule(at, verdict);
    this.#world.touched(this);
    if (this.active !== before) this.#world.activeChanged(this);
  }

  /** Something that was true once, and is over or has been overtaken. Raised, and at once returned. */
  raiseLate(at: Timestamp, evidence: readonly EvidenceSample[], explanation: LocalText): void {
    const { alarm } = this;
    const covered =
      alarm.occurrence > 0 && at >= alarm.raisedAt && (this.active || at <= (alarm.returnedAt ?? at));
    if (covered || this.active || nextState(alarm.state, "raise") === undefined) return;
    this.#begin(at, evidence, explanation, true);
    this.transition("raise", "rule");
    alarm.returnedAt = this.#world.now;
    this.transition(this.rule.latching ? "latch" : "return", "rule");
    this.#world.touched(this);
  }

  /** Does what the table allows; false, and nothing happens, where it allows nothing. */
  transition(event: AlarmEvent, by: string, comment?: string, at: Timestamp = this.#world.now): boolean {
    const from = this.alarm.state;
    const to = nextState(from, event);
    if (to === undefined) return false;
    this.alarm.state = to;
    this.alarm.updatedAt = at;
    if (to !== "shelved") this.alarm.shelvedUntil = null;
    // What rings again asks for an answer again.
    if (to === "unacknowledged") this.alarm.acknowledged = null;
    if (to !== "suppressed-by-design") this.#graceUntil = undefined;
    this.#world.moved(this, from, event, by, comment);
    return true;
  }

  /** Its cause turned out to be `cause`. */
  becomeSymptomOf(cause: Monitor): void {
    const { alarm } = this;
    this.#graceUntil = undefined;
    if (alarm.state === "suppressed-by-design") {
      this.#world.symptomMoved(alarm.causeId ?? undefined, cause.id);
      alarm.causeId = cause.id;
    } else if (nextState(alarm.state, "suppress") !== undefined && alarm.state !== "normal") {
      alarm.causeId = cause.id;
      this.transition("suppress", "rule");
    }
    this.#world.touched(this);
  }

  /** Its cause has ended: it has until `until` to recover by itself. */
  graceUntil(until: Timestamp): void {
    if (this.alarm.state !== "suppressed-by-design") return;
    this.#graceUntil = until;
    this.due = Math.min(this.due, until);
    this.#world.touched(this);
  }

  /** People declared that it is not to ring until then. Latching alarms take no notice. */
  suppress({ until, by, reason }: Suppression): void {
    if (!this.active || this.rule.latching || this.alarm.state === "suppressed-by-design") return;
    if (this.transition("suppress", by, reason)) this.graceUntil(until);
  }

  /** What raised it was nothing: it is over, and the next that comes raises it anew. */
  dismiss(at: Timestamp): void {
    this.condition.dismiss?.(at);
    this.alarm.returnedAt ??= at;
    this.#trueSince = undefined;
    this.#falseSince = undefined;
    this.unknown = false;
    if (!this.active) return;
    this.active = false;
    this.#world.activeChanged(this);
  }

  shelve(until: Timestamp): void {
    this.alarm.shelvedUntil = until;
    this.due = Math.min(this.due, until);
  }

  #verdict(at: Timestamp): Verdict {
    // What it still had to say before it was taken out of service counts as it did.
    if (this.device.retired && !this.device.online) return false;
    const verdict = this.condition.verdict(at);
    return verdict === false || this.#inForce(at) ? verdict : false;
  }

  #inForce(at: Timestamp): boolean {
    const { schedule } = this.rule;
    if (schedule === undefined) return true;
    return schedule.windows.some((window) => this.#world.calendar.isIn(window, at)) === schedule.inside;
  }

  #onUnknown(): void {
    this.#falseSince = undefined;
    if (!this.active || this.unknown) return;
    this.unknown = true;
    const seen = this.condition.evidence();
    this.alarm.evidence = [...this.alarm.evidence, ...seen].slice(-EVIDENCE_SAMPLES_MAX);
    const bad = seen.find(({ quality }) => quality.status !== "good");
    const why =
      bad === undefined
        ? text("设备或边缘盒离线", "the device or its edge box is away")
        : qualityText(bad.quality);
    const { zh, en } = this.alarm.explanation;
    this.alarm.explanation = text(`${zh}。目前状态未知：${why.zh}`, `${en}. Now unknown: ${why.en}`);
    this.alarm.updatedAt = this.#world.now;
    this.#world.noted(this, "unknown");
  }

  #onTrue(at: Timestamp): void {
    this.#falseSince = undefined;
    this.#trueSince ??= at;
    this.unknown = false;
    if (!this.active) {
      if (at >= this.#trueSince + this.#numbers.onDelay_ms) this.#raise(at, this.#trueSince);
    } else if (this.alarm.state === "suppressed-by-design" && at >= (this.#graceUntil ?? NEVER)) {
      const cause = this.#world.causeOf(this.device);
      const declared = this.#world.suppressionOf(this);
      if (cause !== undefined && "active" in cause) {
        this.becomeSymptomOf(cause.active);
      } else if (declared === undefined) {
        this.transition("release", "rule");
      } else {
        this.graceUntil(declared.until);
      }
    }
  }

  #onFalse(at: Timestamp): void {
    this.#trueSince = undefined;
    this.#waitUntil = undefined;
    this.unknown = false;
    if (!this.active) return;
    this.#falseSince ??= at;
    if (at < this.#falseSince + this.#numbers.offDelay_ms) return;
    this.active = false;
    this.alarm.returnedAt = this.#falseSince;
    this.#falseSince = undefined;
    this.transition(this.rule.latching ? "latch" : "return", "rule");
    if (this.rule.cause) this.#world.causeChanged(this);
  }

  #raise(at: Timestamp, since: Timestamp): void {
    const cause = this.rule.symptom ? this.#world.causeOf(this.device) : undefined;
    if (cause !== undefined && "pending" in cause && this.#waitUntil === undefined) {
      this.#waitUntil = Math.max(cause.pending.due, at) + 1;
    }
    if (this.#waitUntil !== undefined && at < this.#waitUntil && !(cause !== undefined && "active" in cause))
      return;
    this.#waitUntil = undefined;
    this.active = true;
    const lasted = durationText(this.#numbers.onDelay_ms);
    const explanation = this.condition.explain(at);
    this.#begin(
      since,
      this.#evidence(),
      this.#numbers.onDelay_ms === 0
        ? explanation
        : text(`${explanation.zh}，已持续 ${lasted.zh}`, `${explanation.en}, for ${lasted.en}`),
      false,
    );
    if (cause !== undefined && "active" in cause) {
      this.alarm.causeId = cause.active.id;
      this.transition("suppress", "rule");
    } else {
      const declared = this.#world.suppressionOf(this);
      if (declared === undefined) this.transition("raise", "rule");
      else this.suppress(declared);
    }
    if (this.rule.cause) this.#world.causeChanged(this);
  }

  /** A new occurrence, unless people have put the alarm where it does not show. */
  #begin(
    raisedAt: Timestamp,
    evidence: readonly EvidenceSample[],
    explanation: LocalText,
    late: boolean,
  ): void {
    const { alarm } = this;
    if (nextState(alarm.state, "raise") === undefined) return;
    alarm.occurrence += 1;
    alarm.raisedAt = raisedAt;
    alarm.receivedAt = this.#world.now;
    alarm.returnedAt = null;
    alarm.acknowledged = null;
    alarm.assigned = null;
    alarm.causeId = null;
    alarm.late = late;
    alarm.drill = this.#world.drillOf(this) ?? null;
    alarm.explanation = explanation;
    alarm.evidence = evidence.slice(0, EVIDENCE_SAMPLES_MAX);
  }

  #evidence(): readonly EvidenceSample[] {
    const more = this.rule.evidence.flatMap((name) => {
      const series = this.device.series.get(name);
      return series === undefined || series.eventTime === 0 ? [] : [series];
    });
    return [
      ...this.condition.evidence(),
      ...more.map(({ name, value, quality, eventTime, seq }) => ({
        device: this.device.key,
        name,
        value,
        quality,
        eventTime,
        journalSeq: seq,
      })),
    ];
  }

  #endShelving(): void {
    const { shelvedUntil } = this.alarm;
    if (shelvedUntil === null || this.#world.now < shelvedUntil) return;
    this.transition(this.active ? "unshelve-active" : "unshelve-clear", "rule");
  }

  #schedule(at: Timestamp, verdict: Verdict): void {
    let due = this.condition.due(at);
    if (verdict === true && !this.active && this.#trueSince !== undefined) {
      due = Math.min(due, this.#waitUntil ?? this.#trueSince + this.#numbers.onDelay_ms);
    }
    if (verdict === false && this.active && this.#falseSince !== undefined) {
      due = Math.min(due, this.#falseSince + this.#numbers.offDelay_ms);
    }
    if (this.rule.schedule !== undefined && (this.active || this.condition.verdict(at) === true)) {
      due = Math.min(due, this.#world.calendar.nextChange(at));
    }
    if (this.#graceUntil !== undefined && this.#graceUntil > at) due = Math.min(due, this.#graceUntil);
    if (this.alarm.shelvedUntil !== null) due = Math.min(due, this.alarm.shelvedUntil);
    // A look that settles nothing is not repeated at the same moment.
    this.due = due > at ? due : at + 1;
  }
}

function newAlarm(): Alarm {
  return {
    state: "normal",
    occurrence: 0,
    raisedAt: 0,
    receivedAt: 0,
    returnedAt: null,
    acknowledged: null,
    causeId: null,
    shelvedUntil: null,
    updatedAt: 0,
    late: false,
    explanation: text("", ""),
    evidence: [],
  };
}
