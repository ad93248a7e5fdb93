/**
 * A command's life: requested → written → read back until the device shows it (confirmed), or nobody can say in time
 * (unknown); or the edge or the device said no (refused). A write that was answered is not a write that happened, so
 * only the read-back confirms.
 */
import { type MetricName, metricDefinition, type SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { fits } from "./report-by-exception.ts";

/** From the request until the outcome must be known. */
export const COMMAND_MS_MAX = 10_000;
export const READ_BACK_INTERVAL_MS = 500;
/** Commands waiting for one device; one more is refused. */
export const COMMANDS_WAITING_MAX = 16;

export type CommandState = "writing" | "reading-back" | "confirmed" | "unknown" | "refused";

export type CommandInput =
  /** The device took the write. */
  | "write-accepted"
  /** The device, or the driver, said no: nothing was done. */
  | "write-refused"
  /** No answer, or a broken one: it may have been done. */
  | "write-uncertain"
  | "read-back-matches"
  | "read-back-differs"
  | "deadline";

const TRANSITIONS: Readonly<Record<CommandState, Partial<Record<CommandInput, CommandState>>>> = {
  writing: {
    "write-accepted": "reading-back",
    "write-refused": "refused",
    "write-uncertain": "reading-back",
    deadline: "unknown",
  },
  "reading-back": {
    "read-back-matches": "confirmed",
    "read-back-differs": "reading-back",
    deadline: "unknown",
  },
  confirmed: {},
  unknown: {},
  refused: {},
};

/** Inputs that a state does not expect leave it as it is: an outcome, once told, never changes. */
export function stepCommand(state: CommandState, input: CommandInput): CommandState {
  return TRANSITIONS[state][input] ?? state;
}

export function isSettled(state: CommandState): state is "confirmed" | "unknown" | "refused" {
  return state === "confirmed" || state === "unknown" || state === "refused";
}

/** Why a command cannot even be tried, in words for the operator; undefined when it can. */
export function refusal(metric: MetricName, value: SampleValue, known: boolean): string | undefined {
  const definition = metricDefinition(metric);
  if (definition === undefined) return `${metric} is not a metric of the capability dictionary`;
  if (definition.writable !== true) return `${metric} cannot be written`;
  if (!known) return `this device has no ${metric}`;
  if (value === null || !fits(value, definition.datatype))
    return `${String(value)} is not a value ${metric} can hold`;
  if (definition.values !== undefined && !Object.hasOwn(definition.values, String(value))) {
    return `${String(value)} is not one of ${Object.keys(definition.values).join(", ")}`;
  }
  return undefined;
}

/** States a device passes through on its way to what was asked: seeing one proves that it obeyed. */
const ON_THE_WAY: Readonly<Record<MetricName, Readonly<Record<string, string>>>> = {
  "Projector/Power": { on: "warming", off: "cooling" },
};

export function readBackConfirms(metric: MetricName, asked: SampleValue, found: SampleValue): boolean {
  if (found === asked) return true;
  return found !== null && ON_THE_WAY[metric]?.[String(asked)] === found;
}
