/**
 * What the alert stream says to be so. An alert is repeated, about once a second, for as long as its cause lasts, and
 * most are never taken back: a state ends when it has not been repeated for {@link ALERT_HOLD_ms}.
 */
import { type IsapiAlert, parseDeviceTime } from "../codecs/isapi.ts";
import { GOOD, type MetricName, type Quality, type Sample, type Timestamp } from "../vocabulary/index.ts";
import { type Receipt, timeOfLive } from "./device-time.ts";
import { type IsapiProfile, isapiMetrics } from "./isapi-profile.ts";

export const ALERT_HOLD_ms = 5_000;
/** The channels of the largest recorders; an alert of another is not believed. */
export const CHANNEL_MAX = 512;
/** `videoloss` with `inactive` is the heartbeat: it comes while a picture is lost as well. */
const HEARTBEAT = "videoloss";

const NOT_READ: Quality = { status: "bad", reason: "not-read" };

export class AlertStates {
  readonly #profile: IsapiProfile;
  /** Metrics that are true, and when they were last said to be. */
  readonly #active = new Map<MetricName, Timestamp>();
  readonly #known = new Set<MetricName>();
  #listeningSince: Timestamp | undefined;

  constructor(profile: IsapiProfile) {
    this.#profile = profile;
    const single = isapiMetrics(profile);
    for (const { metric } of profile.alerts) if (single.includes(metric)) this.#known.add(metric);
  }

  /** The stream has begun, or was lost: then nothing is known until it has been listened to for a while. */
  listen(since: Timestamp | undefined): void {
    this.#listeningSince = since;
    if (since === undefined) this.#active.clear();
  }

  take(alert: IsapiAlert, zone_minutes: number, receipt: Receipt): readonly Sample[] {
    return this.#metricsOf(alert).map((metric) => {
      this.#known.add(metric);
      if (alert.active) this.#active.set(metric, receipt.receivedAt);
      else this.#active.delete(metric);
      const time = timeOfLive(parseDeviceTime(alert.time, zone_minutes), receipt);
      return { metric, value: alert.active, ...time };
    });
  }

  /** The end of what is not repeated any more. */
  expire(now: Timestamp): readonly Sample[] {
    const ended = [...this.#active].filter(([, last]) => now - last > ALERT_HOLD_ms);
    return ended.map(([metric]) => {
      this.#active.delete(metric);
      return { metric, value: false, quality: GOOD, eventTime: now };
    });
  }

  /** All of it, for a look at the device. */
  samples(now: Timestamp): readonly Sample[] {
    const since = this.#listeningSince;
    const settled = since !== undefined && now - since > ALERT_HOLD_ms;
    return [...this.#known].map((metric) => {
      const value = this.#active.has(metric) ? true : settled ? false : null;
      return { metric, value, quality: value === null ? NOT_READ : GOOD, eventTime: now };
    });
  }

  #metricsOf({ eventType, active, channel }: IsapiAlert): readonly MetricName[] {
    if (eventType === HEARTBEAT && !active) return [];
    const topics = this.#profile.alerts.filter((each) => each.eventType === eventType);
    return topics.flatMap(({ metric }) => {
      if (!metric.includes("*")) return [metric];
      return channel >= 1 && channel <= CHANNEL_MAX ? [metric.replace("*", String(channel))] : [];
    });
  }
}
