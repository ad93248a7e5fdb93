/**
 * Who hangs from whom: what a device's birth names as its upstream device, what the switches say of their ports, and
 * what feeds it, all on the same edge box; and the box itself at the end of every chain.
 */
import type { Device } from "./device.ts";

/** Devices above one device; more are a mistake in a configuration. */
export const UPSTREAM_MAX = 32;

/** Everything `device` depends on, by network and by power, the nearest first. */
export function upstreamOf(
  device: Device,
  devices: ReadonlyMap<string, Device>,
  learned: ReadonlyMap<string, string> = NOTHING_LEARNED,
): readonly Device[] {
  const found = new Set<Device>();
  const box = devices.get(device.node);
  let level: readonly Device[] = [device];
  while (level.length > 0 && found.size < UPSTREAM_MAX) {
    const next: Device[] = [];
    for (const current of level) {
      for (const key of [current.facts.dependsOn ?? learned.get(current.key), current.facts.poweredBy]) {
        const above = key === undefined ? undefined : devices.get(key);
        if (above === undefined || above === device || above === box || found.has(above)) continue;
        found.add(above);
        next.push(above);
      }
    }
    level = next;
  }
  if (box !== undefined && box !== device) found.add(box);
  return [...found];
}

const NOTHING_LEARNED: ReadonlyMap<string, string> = new Map();
