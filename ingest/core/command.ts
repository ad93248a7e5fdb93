/** The life of a command: requested → confirmed, unknown or refused; unknown may still turn out, the others are final. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { CommandView } from "../api.ts";

/** After this long without a result nobody can say whether the device did it. */
export const COMMAND_MS_MAX = 30_000;

export type CommandOutcome = Exclude<CommandView["state"], "requested">;

const NEXT: Readonly<Record<CommandView["state"], readonly CommandOutcome[]>> = {
  requested: ["confirmed", "unknown", "refused"],
  unknown: ["confirmed", "refused"],
  confirmed: [],
  refused: [],
};

/** The command after `outcome`, or undefined when that outcome comes too late to change anything. */
export function settle(
  command: CommandView,
  outcome: CommandOutcome,
  at: Timestamp,
  detail?: string,
): CommandView | undefined {
  if (!NEXT[command.state].includes(outcome)) return undefined;
  return { ...command, state: outcome, settledAt: at, ...(detail === undefined ? {} : { detail }) };
}

export function isOverdue({ state, requestedAt }: CommandView, now: Timestamp): boolean {
  return state === "requested" && now - requestedAt >= COMMAND_MS_MAX;
}

export function isOutcome(text: unknown): text is CommandOutcome {
  return text === "confirmed" || text === "unknown" || text === "refused";
}
