/** What the journal says, read once and without a crash. */
import { JournalDecoder } from "@campus-ops/broker/journal/decoder";
import { addressKey } from "@campus-ops/device-profiles/vocabulary";
import { collectPoints, type SamplePoint } from "@campus-ops/ingest/core/points";
import { DeviceRegistry, noChanges } from "@campus-ops/ingest/core/registry";
import { Engine } from "@campus-ops/rules/core/engine";
import { type AlarmRow, alarmRow, effectsOf } from "./alarm-copy.ts";
import type { JournalView } from "./journal.ts";
import { campusPath, ENGINE } from "./site.ts";

export interface Reference {
  readonly registry: DeviceRegistry;
  readonly points: readonly SamplePoint[];
  readonly alarms: readonly AlarmRow[];
  /** Samples and events that the rules took. */
  readonly inputs: number;
}

export function reference(view: JournalView): Reference {
  const decoder = new JournalDecoder();
  const engine = new Engine(ENGINE);
  const registry = new DeviceRegistry(campusPath);
  const points: SamplePoint[] = [];
  const alarms: AlarmRow[] = [];
  for (const entry of view.read(0, view.last)) {
    const decoded = decoder.decode(entry);
    if (decoded.address !== undefined) collectPoints(decoded, addressKey(decoded.address), points);
    registry.apply(decoded, noChanges());
    for (const effect of effectsOf(engine, decoded))
      if (effect.kind === "transition") alarms.push(alarmRow(effect));
  }
  return { registry, points, alarms, inputs: engine.counters.inputs };
}
