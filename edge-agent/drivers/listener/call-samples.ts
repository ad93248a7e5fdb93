import { GOOD, type Sample, type Timestamp } from "@campus-ops/device-profiles/vocabulary";

/** What a session tells of the calls at its port and in its device's name. */
export function callSamples(
  board: { readonly unknownCallers: number },
  extension: { readonly refused: number; readonly malformed: number },
  eventTime: Timestamp,
): readonly Sample[] {
  const counts = {
    "Connectivity/RefusedCalls": extension.refused,
    "Connectivity/UnknownCallers": board.unknownCallers,
    "Connectivity/Malformed": extension.malformed,
  };
  return Object.entries(counts).map(([metric, value]) => ({ metric, value, quality: GOOD, eventTime }));
}
