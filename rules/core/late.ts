/**
 * What arrives long after it happened: from a backlog, or by an event's own time. It raises nothing live. What would
 * have mattered is written down; where the rule says `late: show`, it is raised with its own time and at once returned.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../api.ts";
import { type Device, isKnown } from "./device.ts";
import type { LateEffect } from "./effect.ts";
import { metricTitle, metricValueText, text } from "./explain.ts";
import type { SampleInput } from "./input.ts";
import type { Monitor } from "./monitor.ts";
import type { Rule } from "./rule.ts";

/** A reading from the past, older than what is known now. Answers with what is to be written down. */
export function lateSample(
  monitors: readonly Monitor[],
  device: Device,
  sample: SampleInput,
  at: Timestamp,
  seq: number,
  receivedAt: Timestamp,
): readonly LateEffect[] {
  if (!isKnown(sample.quality)) return [];
  return monitors.flatMap((monitor): readonly LateEffect[] => {
    const { rule } = monitor;
    if (!monitor.condition.late(sample.name, sample.value)) return [];
    if (rule.late === "record") return [lateRecord(rule, device, sample.name, at, seq, receivedAt)];
    const { name, value, quality } = sample;
    const evidence: EvidenceSample = {
      device: device.key,
      name,
      value,
      quality,
      eventTime: at,
      journalSeq: seq,
    };
    const title = metricTitle(name);
    const shown = metricValueText(name, value);
    monitor.raiseLate(
      at,
      [evidence],
      text(
        `${title.zh}曾为“${shown.zh}”（离线期间发生，补报）`,
        `${title.en} was “${shown.en}” (it happened while the edge box was away)`,
      ),
    );
    return [];
  });
}

/** An event that belongs to the past and is shown all the same: the condition as it was then. */
export function showLateEvent(monitor: Monitor, at: Timestamp): void {
  if (monitor.condition.verdict(at) !== true) return;
  const { zh, en } = monitor.condition.explain(at);
  monitor.raiseLate(at, monitor.condition.evidence(), text(`${zh}（补报）`, `${en} (reported late)`));
}

export function lateRecord(
  rule: Rule,
  device: Device,
  name: string,
  eventTime: Timestamp,
  seq: number,
  receivedAt: Timestamp,
): LateEffect {
  return { kind: "late", seq, rule: rule.id, device: device.key, name, eventTime, receivedAt };
}
