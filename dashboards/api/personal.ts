/**
 * What only some may see of the samples behind an alarm: cards and the like for who has `personal`, the temperature of a
 * person for who has `personal.health`. The capability dictionary says which fields are personal.
 */
import { type AssetPath, eventDefinition } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmDetail } from "./api.ts";
import { type Caller, mayAt } from "./identity.ts";
import { ApiProblem } from "./problem.ts";

/** Stands in the place of what is not shown. */
export const MASKED = "***";
/** Of a person, since no other temperature is personal. */
const HEALTH_UNIT = "Cel";

type Sample = AlarmDetail["evidence"][number];

export interface Shown {
  readonly evidence: readonly Sample[];
  /** What there was to see: nothing personal, nothing of it hidden, or some of it. */
  readonly personal: "none" | "shown" | "masked";
}

/** The samples as the caller may see them at `path`. */
export function asSeenBy(caller: Caller, path: AssetPath, evidence: readonly Sample[]): Shown {
  const cards = mayAt(caller, "personal", path);
  const health = mayAt(caller, "personal.health", path);
  let shown = false;
  let masked = false;
  const samples = evidence.map((sample): Sample => {
    const definitions = eventDefinition(sample.name)?.fields;
    if (sample.fields === undefined || definitions === undefined) return sample;
    const fields = Object.entries(sample.fields).map(([name, value]) => {
      const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
      if (definition?.personal !== true || value === null) return [name, value] as const;
      const may = definition.unit === HEALTH_UNIT ? health : cards;
      shown ||= may;
      masked ||= !may;
      return [name, may ? value : MASKED] as const;
    });
    return { ...sample, fields: Object.fromEntries(fields) };
  });
  return { evidence: samples, personal: masked ? "masked" : shown ? "shown" : "none" };
}

/** A signed bundle holds everything: who may not see all of it does not get it. Throws {@link ApiProblem}. */
export function demandAllOf(caller: Caller, { device, evidence }: AlarmDetail): void {
  if (asSeenBy(caller, device.path, evidence).personal !== "masked") return;
  throw new ApiProblem("not-allowed", {
    zh: "证据中有您无权查看的个人信息，请由有权限的人导出",
    en: "the evidence holds personal data that you may not see; somebody who may has to export it",
  });
}
