/**
 * Who hangs from whom: what a device's birth names as its upstream device on the same edge box, and the box itself at
 * the end of every chain.
 */
import type { Device } from "./device.ts";

/** A chain of switches longer than this is a mistake in a configuration, or a circle. */
export const UPSTREAM_DEPTH_MAX = 16;

/** Everything `device` depends on, the nearest first. */
export function upstreamOf(device: Device, devices: ReadonlyMap<string, Device>): readonly Device[] {
  const chain: Device[] = [];
  let current = device;
  while (!current.isNode && chain.length < UPSTREAM_DEPTH_MAX) {
    const next = devices.get(current.facts.dependsOn ?? current.node) ?? devices.get(current.node);
    if (next === undefined || next === device || chain.includes(next)) break;
    chain.push(next);
    current = next;
  }
  const box = devices.get(device.node);
  if (box !== undefined && box !== device && !chain.includes(box)) chain.push(box);
  return chain;
}
