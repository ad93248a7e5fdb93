/**
 * Sessions: from when a room's equipment goes on until it has been off for a while. A fold over what its devices said,
 * sorted by event time: whatever comes late, a backlog of three days for example, finds its place, and the sessions are
 * those that would have been found at once.
 */
import type { MetricName, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Scalar } from "../input.ts";
import { type Evidence, REACHABLE, signalOf, tellsPower } from "./signals.ts";

/** A teacher who switches off and on again within this is still in the same lesson. */
export const OFF_MS = 10 * 60_000;

/** One thing that a device in a room said, and that means something for its use. */
export interface Utterance {
  readonly device: string;
  readonly at: Timestamp;
  readonly metric: MetricName;
  /** null: nobody knows any more; the device could not be asked. */
  readonly value: Scalar;
}

export interface Session {
  readonly from: Timestamp;
  /** When the last device went off; absent while it lasts. */
  readonly to?: Timestamp;
  readonly evidence: readonly Evidence[];
  /** Devices that were on. */
  readonly devices: readonly string[];
}

/** A time in which nobody knows whether the room was used. */
export interface Blind {
  readonly from: Timestamp;
  readonly to: Timestamp;
}

export interface RoomHistory {
  readonly sessions: readonly Session[];
  readonly blind: readonly Blind[];
}

/** `utterances` sorted by time; `now` ends what lasts and closes what has been off for `off_ms`. */
export function foldSessions(
  utterances: readonly Utterance[],
  now: Timestamp,
  off_ms: number = OFF_MS,
): RoomHistory {
  const fold = new RoomFold(off_ms);
  for (const utterance of utterances) if (utterance.at <= now) fold.take(utterance);
  return fold.end(now);
}

interface OpenSession {
  readonly from: Timestamp;
  readonly evidence: Evidence[];
  readonly devices: string[];
  offSince?: Timestamp;
}

class RoomFold {
  readonly #off_ms: number;
  readonly #sessions: Session[] = [];
  readonly #blind: Blind[] = [];
  /** Whether each device is on; undefined when it is not known. */
  readonly #on = new Map<string, boolean | undefined>();
  readonly #choices = new Map<string, Scalar>();
  #open: OpenSession | undefined;
  #blindSince: Timestamp | undefined;

  constructor(off_ms: number) {
    this.#off_ms = off_ms;
  }

  take({ device, at, metric, value }: Utterance): void {
    this.#closeIfOver(at);
    if (metric === CARD_METRIC) {
      if (value === true) this.#begin(at, "card");
      else this.#offIfDark(at);
      return;
    }
    if (metric === REACHABLE) {
      if (value !== true && this.#on.has(device)) this.#know(device, undefined, at);
      return;
    }
    if (value === null) {
      if (tellsPower(metric)) this.#know(device, undefined, at);
      return;
    }
    const signal = signalOf(metric, value);
    if (signal?.kind === "power") this.#know(device, signal.on, at);
    // Somebody who walks through does not open a session; equipment does.
    else if (signal?.kind === "evidence") this.#note(signal.evidence);
    else if (signal?.kind === "choice") {
      const before = this.#choices.get(device);
      this.#choices.set(device, signal.value);
      if (before !== undefined && before !== signal.value) this.#note("signal");
    }
  }

  end(now: Timestamp): RoomHistory {
    this.#closeIfOver(now);
    const { from, evidence, devices } = this.#open ?? {};
    if (from !== undefined) this.#sessions.push({ from, evidence: evidence ?? [], devices: devices ?? [] });
    if (this.#blindSince !== undefined && this.#blindSince < now)
      this.#blind.push({ from: this.#blindSince, to: now });
    return { sessions: this.#sessions, blind: this.#blind };
  }

  #know(device: string, on: boolean | undefined, at: Timestamp): void {
    this.#on.set(device, on);
    this.#markBlind(at);
    if (on !== true) this.#offIfDark(at);
    else {
      const { devices } = this.#begin(at, "power");
      if (!devices.includes(device)) devices.push(device);
    }
  }

  #begin(at: Timestamp, evidence: Evidence): OpenSession {
    this.#open ??= { from: at, evidence: [], devices: [] };
    delete this.#open.offSince;
    this.#note(evidence);
    return this.#open;
  }

  #offIfDark(at: Timestamp): void {
    if (this.#open !== undefined && ![...this.#on.values()].includes(true)) this.#open.offSince ??= at;
  }

  #note(evidence: Evidence): void {
    if (this.#open !== undefined && !this.#open.evidence.includes(evidence))
      this.#open.evidence.push(evidence);
  }

  #markBlind(at: Timestamp): void {
    if ([...this.#on.values()].includes(undefined)) this.#blindSince ??= at;
    else if (this.#blindSince !== undefined) {
      if (at > this.#blindSince) this.#blind.push({ from: this.#blindSince, to: at });
      this.#blindSince = undefined;
    }
  }

  #closeIfOver(now: Timestamp): void {
    if (this.#open?.offSince === undefined || now - this.#open.offSince < this.#off_ms) return;
    const { from, offSince: to, evidence, devices } = this.#open;
    this.#sessions.push({ from, to, evidence, devices });
    this.#open = undefined;
  }
}

/** The event `Controller/Session` as an utterance: true when a teacher's card begins the use of a room. */
export const CARD_METRIC = "Controller/Session";
