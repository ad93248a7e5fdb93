/** Which births count: the newest of every address, and no device's birth that its node's newer birth has voided. */
import { addressKey } from "@campus-ops/device-profiles/vocabulary";
import { decodePayload } from "../sparkplug/codec.ts";
import { BD_SEQ } from "../sparkplug/commands.ts";
import type { JournalEntry } from "./journal.ts";

/**
 * Of births in order of their numbers, those that are current after the last of them. An NBIRTH voids the births of the
 * node's devices (Sparkplug 3.0, 6.4.19: devices are born again after their node), so a device that was taken out of an
 * agent's configuration does not travel from segment to segment for ever. A rebirth within a session voids none: nobody
 * was away, and of a device whose birth is lost on the way the session's end must still be told.
 */
export function currentBirths(births: Iterable<JournalEntry>): JournalEntry[] {
  const nodes = new Map<string, { node: JournalEntry | undefined; devices: Map<string, JournalEntry> }>();
  for (const birth of births) {
    if (birth.address === undefined) continue;
    const { campus, node, device } = birth.address;
    const key = addressKey({ campus, node });
    if (device === undefined) {
      const before = nodes.get(key);
      const devices = before !== undefined && isSameSession(before.node, birth) ? before.devices : undefined;
      nodes.set(key, { node: birth, devices: devices ?? new Map() });
      continue;
    }
    const known = nodes.get(key) ?? { node: undefined, devices: new Map() };
    known.devices.set(device, birth);
    nodes.set(key, known);
  }
  return [...nodes.values()]
    .flatMap(({ node, devices }) =>
      node === undefined ? [...devices.values()] : [node, ...devices.values()],
    )
    .sort((a, b) => a.seq - b.seq);
}

function isSameSession(before: JournalEntry | undefined, birth: JournalEntry): boolean {
  const bdSeq = bdSeqOf(birth);
  return before !== undefined && bdSeq !== undefined && bdSeqOf(before) === bdSeq;
}

function bdSeqOf({ payload }: JournalEntry): number | undefined {
  const decoded = decodePayload(payload);
  const metric = decoded.ok ? decoded.payload.metrics.find(({ name }) => name === BD_SEQ) : undefined;
  return typeof metric?.value === "number" ? metric.value : undefined;
}
