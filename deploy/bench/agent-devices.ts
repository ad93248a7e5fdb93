/**
 * The devices of the agent's benchmark, in a process of their own: the simulators of the profiles, over their real
 * protocols. Sends where they are, then moves each one's world once a second, and tells when asked how evenly it was
 * polled.
 */
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { type SimulatedDevice, startSimulator } from "@campus-ops/device-profiles/simulator";
import { type MetricName, metricDefinition } from "@campus-ops/device-profiles/vocabulary";
import { build } from "hdr-histogram-js";

/** 500 devices, as a large school has them, by profile. */
const MIX: Readonly<Record<string, number>> = {
  "environment-sensor/generic-room-monitor": 80,
  "environment-sensor/xy-md02": 50,
  "environment-sensor/senseair-s8": 20,
  "meter/eastron-sdm630": 30,
  "meter/peacefair-pzem-004t": 30,
  "access-gate/generic-modbus-controller": 60,
  "panic-button/generic-supervised-input": 60,
  "actuator/waveshare-modbus-rtu-relay": 40,
  "switch/generic-poe": 50,
  "projector/generic-pjlink-class-2": 30,
  "camera/generic-onvif": 50,
};

const POLL_MS = 1_000;
/** Requests nearer to each other than this are of one poll. */
const SAME_POLL_MS = 300;
const MICROSECONDS = 1_000;

export interface BenchDevice {
  readonly id: string;
  readonly profile: string;
  readonly url: string;
}

export interface PollReport {
  readonly polls: number;
  /** How far the time between two polls of a device was from a second, in milliseconds. */
  readonly jitter_ms: { readonly p50: number; readonly p99: number; readonly max: number };
}

export type FromDevices =
  | { readonly kind: "devices"; readonly devices: readonly BenchDevice[] }
  | ({ readonly kind: "report" } & PollReport);

class PollTimes {
  readonly #last = new Map<string, number>();
  #jitter_us = build({ numberOfSignificantValueDigits: 3 });
  #polls = 0;

  /** A request has come. */
  note(device: string): void {
    const now = performance.now();
    const before = this.#last.get(device);
    if (before !== undefined && now - before < SAME_POLL_MS) return;
    this.#last.set(device, now);
    this.#polls += 1;
    if (before === undefined) return;
    this.#jitter_us.recordValue(Math.round(Math.abs(now - before - POLL_MS) * MICROSECONDS));
  }

  /** Of all that was since the last time. */
  report(): PollReport {
    const of = (percentile: number) => this.#jitter_us.getValueAtPercentile(percentile) / MICROSECONDS;
    const report = { polls: this.#polls, jitter_ms: { p50: of(50), p99: of(99), max: of(100) } };
    this.#jitter_us = build({ numberOfSignificantValueDigits: 3 });
    this.#polls = 0;
    return report;
  }
}

const times = new PollTimes();
const devices: BenchDevice[] = [];
const worlds: { readonly device: SimulatedDevice; readonly metric: MetricName; readonly rest: number }[] = [];
for (const [id, count] of Object.entries(MIX)) {
  const profile = findProfile(id);
  if (profile === undefined) throw new Error(`there is no profile ${id}`);
  for (let each = 1; each <= count; each += 1) {
    const name = `${id.replace(/\W/g, "-")}-${each}`;
    const device = await startSimulator(profile, { onRequest: () => times.note(name) });
    devices.push({ id: name, profile: id, url: device.url });
    const moving = Object.keys(profile.protocol === "modbus" ? profile.points : {}).find(
      (metric) => metricDefinition(metric)?.kind === "gauge",
    );
    const rest = moving === undefined ? undefined : device.get(moving);
    if (moving !== undefined && typeof rest === "number") worlds.push({ device, metric: moving, rest });
  }
}

let second = 0;
setInterval(() => {
  second += 1;
  for (const { device, metric, rest } of worlds) {
    const deadband = metricDefinition(metric)?.deadband ?? 1;
    device.set(metric, rest + (second % 2) * 2 * deadband);
  }
}, POLL_MS);

const tell = (message: FromDevices): void => void process.send?.(message);
process.on("message", () => tell({ kind: "report", ...times.report() }));
process.on("disconnect", () => process.exit());
tell({ kind: "devices", devices });
