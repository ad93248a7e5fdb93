import { GOOD, type Sample, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Meeting } from "./switchboard.ts";

/** What a session tells of the calls at its port and in its device's name. */
export function callSamples<Message, Settings>(
  { board, extension }: Meeting<Message, Settings>,
  eventTime: Timestamp,
): readonly Sample[] {
  const counts = {
    "Connectivity/RefusedCalls": extension.refused,
    "Connectivity/UnknownCallers": board.unknownCallers,
    "Connectivity/Malformed": extension.malformed,
  };
  return Object.entries(counts).map(([metric, value]) => ({ metric, value, quality: GOOD, eventTime }));
}
