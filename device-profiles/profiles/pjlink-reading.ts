/** What a projector's answers mean in the platform's vocabulary. */
import {
  ERROR_PARTS,
  type PjlinkResult,
  parseErrorStatus,
  parseLamps,
  parsePower,
} from "../codecs/pjlink.ts";
import {
  GOOD,
  type MetricName,
  type Quality,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "../vocabulary/index.ts";
import type { PjlinkProfile } from "./pjlink-profile.ts";

/** Asked at each poll, in this order. */
export function pollQueries({ lamp }: PjlinkProfile): readonly string[] {
  return lamp === false ? ["POWR", "INPT", "ERST"] : ["POWR", "INPT", "LAMP", "ERST"];
}

/** Facts that are asked once; those of class 2 only where the profile has it. */
export const IDENTITY_QUERIES: Readonly<Record<1 | 2, Readonly<Record<string, MetricName>>>> = {
  1: { NAME: "System/Name", INF1: "Properties/Vendor", INF2: "Properties/Model" },
  2: { SNUM: "Properties/Serial", SVER: "Properties/Firmware" },
};

/** In standby and while the lamp warms up, a projector answers some questions with ERR3. */
const NOT_READ: Quality = { status: "uncertain", reason: "not-read" };

/**
 * The samples of one poll. Throws {@link PjlinkFrameError} where a value makes no sense. What the device does not know
 * (ERR1: a laser has no lamp hours) is left out; what it cannot say now is null and uncertain.
 */
export function readProjector(
  profile: PjlinkProfile,
  answers: Readonly<Record<string, PjlinkResult>>,
  eventTime: Timestamp,
): readonly Sample[] {
  return Object.entries(answers).flatMap(([command, answer]) => {
    if (answer.kind === "error") {
      const silent = answer.code === 1 ? [] : metricsOf(command);
      return silent.map((metric) => ({ metric, value: null, quality: NOT_READ, eventTime }));
    }
    return valuesOf(profile, command, answer.text).map(([metric, value]) => ({
      metric,
      value,
      quality: GOOD,
      eventTime,
    }));
  });
}

function valuesOf(
  profile: PjlinkProfile,
  command: string,
  text: string,
): readonly (readonly [MetricName, SampleValue])[] {
  switch (command) {
    case "POWR":
      return [["Projector/Power", parsePower(text)]];
    case "INPT":
      return [
        ["Projector/Input", (Object.hasOwn(profile.inputs, text) ? profile.inputs[text] : undefined) ?? text],
      ];
    case "LAMP":
      // Of several lamps the oldest decides when somebody has to come.
      return [["Projector/LampHours", Math.max(...parseLamps(text).map(({ hours }) => hours))]];
    case "ERST":
      return Object.entries(parseErrorStatus(text)).map(
        ([part, level]) => [`Projector/${part}`, level] as const,
      );
    default:
      return metricsOf(command).map((metric) => [metric, text === "" ? null : text] as const);
  }
}

/** Everything a projector of this profile can tell. */
export function projectorMetrics(profile: PjlinkProfile): readonly MetricName[] {
  const identity = { ...IDENTITY_QUERIES[1], ...(profile.pjlinkClass === 2 ? IDENTITY_QUERIES[2] : {}) };
  return [...Object.values(identity), ...pollQueries(profile).flatMap(metricsOf)];
}

function metricsOf(command: string): readonly MetricName[] {
  switch (command) {
    case "POWR":
      return ["Projector/Power"];
    case "INPT":
      return ["Projector/Input"];
    case "LAMP":
      return ["Projector/LampHours"];
    case "ERST":
      return ERROR_PARTS.map((part) => `Projector/${part}`);
    default: {
      const metric = IDENTITY_QUERIES[1][command] ?? IDENTITY_QUERIES[2][command];
      return metric === undefined ? [] : [metric];
    }
  }
}
