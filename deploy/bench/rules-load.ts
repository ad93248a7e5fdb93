/** What the benches of the rules core feed it with. */
import { cycleCalendar } from "@campus-ops/rules/core/calendar";
import { compilePack } from "@campus-ops/rules/core/compile";
import { Engine } from "@campus-ops/rules/core/engine";
import type { DataInput, SampleInput } from "@campus-ops/rules/core/input";
import type { ConditionDocument, RuleDocument } from "@campus-ops/rules/core/pack-document";
import type { Rule } from "@campus-ops/rules/core/rule";

export const DEVICES = 400;
export const SERIES_EACH = 50;
const GROUPS = 100;
export const BEGIN = Date.UTC(2026, 8, 7, 1);

const text = { zh: "测", en: "t" };
const GOOD = { status: "good" } as const;
const VOLTAGE = "Phase/*/Voltage";

/** Of each group of devices: two thresholds and a window, as a pack of a meter room has them. */
export const CONDITIONS: readonly ConditionDocument[] = [
  { threshold: { metric: VOLTAGE, above: 253, deadband: 2 } },
  { threshold: { metric: VOLTAGE, below: 198, deadband: 2 } },
  { window: { metric: VOLTAGE, statistic: "mean", over: "1m", above: 246, deadband: 1 } },
];

export function ruleOf(id: string, group: number, condition: ConditionDocument): RuleDocument {
  return {
    id,
    version: 1,
    title: text,
    priority: 3,
    selector: { class: ["meter"], within: [`990100/990101/school/g${group}`] },
    condition,
    instance: "*",
    card: { cause: text, consequence: text, action: text },
    respondWithin: "5m",
  };
}

export function compiled(documents: readonly RuleDocument[]): readonly Rule[] {
  const { rules, problems } = compilePack({ pack: "bench", title: text, rules: documents }, {}, new Set());
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return rules;
}

export const rules300 = (): readonly Rule[] =>
  compiled(
    Array.from({ length: GROUPS }, (_, group) =>
      CONDITIONS.map((condition, index) => ruleOf(`g${group}-${index}`, group, condition)),
    ).flat(),
  );

export function engineOf(rules: readonly Rule[]): Engine {
  const calendar = cycleCalendar({ period_ms: 1_000, anchor: 0, windows: {} });
  const engine = new Engine({ rules, calendar, campusPath: (campus) => campus, grace_ms: 30_000 });
  let seq = 0;
  const born = (address: string, values: Readonly<Record<string, string | number>>): void => {
    seq += 1;
    const samples = Object.entries(values).map(([name, value]) => sample(name, value, BEGIN));
    engine.step({ kind: "birth", seq, receivedAt: BEGIN, address, samples });
  };
  born("school/box", { "Properties/Class": "edge-box" });
  for (let device = 0; device < DEVICES; device += 1) {
    born(key(device), {
      "Properties/Class": "meter",
      "Properties/Path": `990100/990101/school/g${device % GROUPS}`,
      ...Object.fromEntries(names.map((name) => [name, 230])),
    });
  }
  return engine;
}

export const key = (device: number): string => `school/box/meter-${device}`;
export const names = Array.from({ length: SERIES_EACH }, (_, index) => `Phase/${index + 1}/Voltage`);

export function sample(name: string, value: string | number, eventTime: number): SampleInput {
  return { name, value, quality: GOOD, eventTime, historical: false };
}

/** A second of all series: each moves a little, and one in a thousand goes beyond its limit for a while. */
export function round(index: number): readonly DataInput[] {
  const at = BEGIN + (index + 1) * 1_000;
  return Array.from({ length: DEVICES }, (_, device) => ({
    kind: "data",
    seq: DEVICES + 1 + index * DEVICES + device,
    receivedAt: at,
    address: key(device),
    samples: names.map((name, series) => {
      const beyond = (device * SERIES_EACH + series + Math.floor(index / 10)) % 1_000 === 0;
      return sample(name, beyond ? 255 : 228 + ((index + series + device) % 9) / 2, at - 20);
    }),
    events: [],
  }));
}
