/** Equipment that was on with nobody there: when, what, and what it took where somebody measures that. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { UseRecord } from "./class-hours.ts";
import type { Session } from "./sessions.ts";

export interface LeftOn {
  readonly room: string;
  readonly from: Timestamp;
  readonly to: Timestamp;
  /** Keys of what was on in that session. */
  readonly devices: readonly string[];
}

/** The stretches of the records that are waste, cut to when the equipment was on. */
export function leftOnOf(
  records: readonly UseRecord[],
  sessions: readonly Session[],
  now: Timestamp,
): readonly LeftOn[] {
  return records
    .filter(({ use }) => use === "waste")
    .flatMap(({ room, ...record }) =>
      sessions.flatMap((session) => {
        const from = Math.max(record.from, session.from);
        const to = Math.min(record.to, session.to ?? now);
        return from < to ? [{ room, from, to, devices: session.devices }] : [];
      }),
    );
}

/**
 * kW·h of a stretch, from what meters counted in periods of `step_ms`; of a period that lies in it in part, that part.
 * Undefined where no period of it was measured.
 */
export function energyIn(
  { from, to }: Pick<LeftOn, "from" | "to">,
  measured: readonly (readonly [start: Timestamp, energy: number])[],
  step_ms: number,
): number | undefined {
  let energy: number | undefined;
  for (const [start, value] of measured) {
    const within = Math.min(to, start + step_ms) - Math.max(from, start);
    if (within > 0) energy = (energy ?? 0) + (value * within) / step_ms;
  }
  return energy;
}
