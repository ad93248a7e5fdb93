/**
 * From a change at a device to its alarm on the live stream, under the load of the demonstration.
 *
 * The clock starts before the simulated device is told and stops when the stream's event was read, both in this
 * process. What polling costs is part of the figure. What a rule waits on purpose is not: the event-driven case has a
 * rule of its own that waits for nothing (latency-pack.yaml), and one case with an on-delay shows what that adds, since
 * the rules' clock is the journal's and ticks with every entry, at least once a second.
 */

import { resolve } from "node:path";
import type { AlarmView } from "@campus-ops/dashboards/api";
import type { MetricName } from "@campus-ops/device-profiles/vocabulary";
import { build, type Histogram } from "hdr-histogram-js";
import { AlarmFeed, ApiClient, SimulatorControl } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { HubProcess } from "../testing/hub-process.ts";
import type { Result } from "./result.ts";

interface Case {
  readonly title: string;
  readonly metric: MetricName;
  readonly rule: string;
  /** On-delay of that rule in its pack. */
  readonly ruleDelay_ms: number;
  /** 0 where the device tells by itself. */
  readonly pollInterval_ms: number;
  readonly devices: readonly string[];
  readonly rounds: number;
}

const CAMPUSES = ["qiyun-no1", "qiyun-shiyan", "muhe-hepan"] as const;
const at = (ids: readonly string[]): readonly string[] =>
  CAMPUSES.flatMap((campus) => ids.map((id) => `${campus}/box-1/${id}`));

const TARGET_MS = 300;

const CASES: readonly Case[] = [
  {
    title: "event-driven: ONVIF PullPoint",
    metric: "Video/Loss",
    rule: "bench-video-loss",
    ruleDelay_ms: 0,
    pollInterval_ms: 0,
    devices: at(["camera-corridor-3", "camera-hall-b"]),
    rounds: 40,
  },
  {
    title: "event-driven: ONVIF PullPoint, rule with an on-delay",
    metric: "Video/Tamper",
    rule: "camera-tampered",
    ruleDelay_ms: 3_000,
    pollInterval_ms: 0,
    devices: at(["camera-corridor-3", "camera-hall-b"]),
    rounds: 8,
  },
  {
    title: "polled: Modbus",
    metric: "Panic/Pressed",
    rule: "panic-pressed",
    ruleDelay_ms: 0,
    pollInterval_ms: 250,
    devices: at(["panic-office"]),
    rounds: 60,
  },
];

export async function latency(report: (result: Result) => void): Promise<void> {
  const pack = resolve(import.meta.dirname, "latency-pack.yaml");
  const hub = await HubProcess.start({ packs: [pack] });
  try {
    await hub.ready();
    const api = new ApiClient(hub.url);
    await eventually("all devices working", async () => {
      const { devices } = await api.devices();
      return devices.filter(({ health }) => health === "working").length >= 60 ? true : undefined;
    });
    const feed = await new AlarmFeed(hub.url).listening();
    const control = new SimulatorControl(hub.private_("simulators"));
    for (const each of CASES) {
      const histogram = build({ numberOfSignificantValueDigits: 3 });
      await Promise.all(each.devices.map((device) => measure(each, device, feed, control, histogram)));
      report(resultOf(each, histogram));
    }
    feed.close();
  } finally {
    await hub.stop();
  }
}

async function measure(
  { metric, rule, ruleDelay_ms, pollInterval_ms, rounds }: Case,
  device: string,
  { alarms }: AlarmFeed,
  control: SimulatorControl,
  histogram: Histogram,
): Promise<void> {
  const isOurs = (alarm: AlarmView): boolean => alarm.device.key === device && alarm.rule.endsWith(rule);
  for (let round = 0; round < rounds; round += 1) {
    const since = alarms.all.length;
    const startedAt = performance.now();
    const raised = alarms
      .until(`${rule} of ${device}`, (alarm) => isOurs(alarm) && alarm.state === "unacknowledged", { since })
      .then(() => performance.now());
    await control.set(device, metric, true);
    histogram.recordValue(Math.max(0, (await raised) - startedAt - ruleDelay_ms));
    await control.set(device, metric, false);
    await alarms.until(`${device} over`, (alarm) => isOurs(alarm) && alarm.state !== "unacknowledged", {
      since,
    });
    // The next change must fall anywhere between two polls, not always right after one.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * (pollInterval_ms + 100)));
  }
}

function resultOf({ title, ruleDelay_ms, pollInterval_ms }: Case, histogram: Histogram): Result {
  const percentile = (each: number): number => Math.round(histogram.getValueAtPercentile(each));
  const p95_ms = percentile(95);
  const target_p95_ms = TARGET_MS + pollInterval_ms;
  return {
    case: title,
    n: histogram.totalCount,
    p50_ms: percentile(50),
    p95_ms,
    p99_ms: percentile(99),
    max_ms: Math.round(histogram.maxValue),
    ruleDelay_ms,
    pollInterval_ms,
    target_p95_ms,
    met: p95_ms < target_p95_ms,
  };
}
