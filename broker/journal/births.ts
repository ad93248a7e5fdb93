/** Which births count: the newest of every address, and no device's birth that its node's newer birth has voided. */
import { addressKey } from "@campus-ops/device-profiles/vocabulary";
import type { JournalEntry } from "./journal.ts";

/**
 * Of births in order of their numbers, those that are current after the last of them. An NBIRTH voids the births of the
 * node's devices (Sparkplug 3.0, 6.4.19: devices are born again after their node), so a device that was taken out of an
 * agent's configuration does not travel from segment to segment for ever.
 */
export function currentBirths(births: Iterable<JournalEntry>): JournalEntry[] {
  const nodes = new Map<string, { node: JournalEntry | undefined; devices: Map<string, JournalEntry> }>();
  for (const birth of births) {
    if (birth.address === undefined) continue;
    const { campus, node, device } = birth.address;
    const key = addressKey({ campus, node });
    if (device === undefined) {
      nodes.set(key, { node: birth, devices: new Map() });
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
