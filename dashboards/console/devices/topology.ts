/** What hangs from what on one edge box, as its devices say. */
import type { DeviceView } from "@campus-ops/ingest/api";

export interface Branch {
  readonly device: DeviceView;
  readonly children: readonly Branch[];
}

/** The devices that hang from nothing, each with what hangs from it. A ring is cut where it is entered. */
export function topologyOf(devices: readonly DeviceView[]): readonly Branch[] {
  const known = new Set(devices.map(({ device }) => device));
  const below = Map.groupBy(devices, ({ dependsOn }) =>
    dependsOn !== undefined && known.has(dependsOn) ? dependsOn : "",
  );
  const placed = new Set<string>();
  const branch = (device: DeviceView): Branch => {
    placed.add(device.device);
    const children = (below.get(device.device) ?? []).filter((child) => !placed.has(child.device));
    for (const child of children) placed.add(child.device);
    return { device, children: children.toSorted(byKey).map(branch) };
  };
  const roots = (below.get("") ?? []).toSorted(byKey).map(branch);
  // Only a ring has no root: it is entered at its first device.
  const rings = devices
    .toSorted(byKey)
    .flatMap((device) => (placed.has(device.device) ? [] : [branch(device)]));
  return [...roots, ...rings];
}

/** How many hang from it, directly or not. */
export const descendants = ({ children }: Branch): number =>
  children.reduce((sum, child) => sum + 1 + descendants(child), 0);

const byKey = (a: DeviceView, b: DeviceView): number => (a.key < b.key ? -1 : 1);
