/** What projectors on a serial line have in common: one at the end of each line, and slow to answer. */
import type { SerialControlProfile } from "./serial-control-profile.ts";

export const SERIAL_PROJECTOR = {
  protocol: "serial-control",
  class: "projector",
  proven: "vectors",
  pollInterval_ms: 10_000,
  gap_ms: 50,
  answer_ms: 1_000,
  retries: 1,
  deviceNumber: 0,
} as const satisfies Partial<SerialControlProfile>;
