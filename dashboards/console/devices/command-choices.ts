import { metricDefinition, parseMetricName } from "@campus-ops/device-profiles/vocabulary";
import type { JsonValue, MetricView } from "@campus-ops/ingest/api";
import type { Catalogue } from "../text/zh.ts";

/** One thing a person may do to a device: the values to write, each after the one before it was confirmed. */
export interface CommandChoice {
  readonly title: string;
  readonly metric: string;
  readonly values: readonly [JsonValue, ...JsonValue[]];
}

/** What can be done about one metric, in the words of the trade; nothing when it is not writable. */
export function commandChoices({ name, value }: MetricView, t: Catalogue): readonly CommandChoice[] {
  if (metricDefinition(name)?.writable !== true) return [];
  const parsed = parseMetricName(name);
  const choice = (title: string, ...values: CommandChoice["values"]): CommandChoice => ({
    title,
    metric: name,
    values,
  });
  switch (`${parsed?.capability}/${parsed?.metric}`) {
    case "Relay/Closed":
      return [value === true ? choice(t.commands.open, false) : choice(t.commands.close, true)];
    case "Door/Unlocked":
      return [value === true ? choice(t.commands.lock, false) : choice(t.commands.unlock, true)];
    case "Projector/Power":
      return [
        value === "off" || value === "cooling"
          ? choice(t.commands.powerOn, "on")
          : choice(t.commands.powerOff, "off"),
      ];
    case "PoE/Enabled":
      return value === true
        ? [choice(t.commands.poeCycle, false, true), choice(t.commands.poeOff, false)]
        : [choice(t.commands.poeOn, true)];
    default:
      return typeof value === "boolean" ? [choice(t.commands.set(value ? t.off : t.on), !value)] : [];
  }
}
