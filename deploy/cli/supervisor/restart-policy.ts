/**
 * When a process that ended is started again. Pure: what happened and a random number go in, a decision comes out.
 *
 * The delay doubles with every failure in a row and is jittered, so that processes that failed for one reason do not
 * come back in step. A process that held for {@link STABLE_MS} has proven itself, and its next failure counts as the
 * first one.
 */
import { EXIT_AGAIN, EXIT_CONFIGURATION } from "@campus-ops/service";

export const RESTART_DELAY_FIRST_MS = 250;
export const RESTART_DELAY_MAX_MS = 30_000;
export const STABLE_MS = 60_000;

/** How a process ended: by itself with a code, or by a signal. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** From start to end. */
  readonly ranFor_ms: number;
}

export type RestartDecision =
  | { readonly kind: "restart"; readonly after_ms: number; readonly failures: number }
  /** Its configuration must be mended by a person: starting again would say the same thing again. */
  | { readonly kind: "give-up" };

/**
 * @param failures endings in a row before this one
 * @param random   0 included to 1 excluded
 */
export function decideRestart(failures: number, ending: Ending, random: number): RestartDecision {
  if (ending.code === EXIT_CONFIGURATION) return { kind: "give-up" };
  if (ending.code === EXIT_AGAIN) return { kind: "restart", after_ms: 0, failures: 0 };
  const inARow = ending.ranFor_ms >= STABLE_MS ? 1 : failures + 1;
  const ceiling = Math.min(RESTART_DELAY_MAX_MS, RESTART_DELAY_FIRST_MS * 2 ** (inARow - 1));
  // Never less than half: an immediate restart in a tight loop would burn the machine that has to recover.
  return { kind: "restart", after_ms: Math.round(ceiling * (0.5 + random / 2)), failures: inARow };
}
