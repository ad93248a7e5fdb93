/** What is wrong with a configuration beyond its shape. */

export interface Dependent {
  readonly id: string;
  readonly dependsOn?: string;
}

/** Every cycle of `dependsOn`, once, as the ids along it. A device has one upstream, so cycles never share a device. */
export function cyclesOf(devices: readonly Dependent[]): readonly (readonly string[])[] {
  const upstream = new Map(devices.map(({ id, dependsOn }) => [id, dependsOn]));
  const visited = new Set<string>();
  const cycles: string[][] = [];
  for (const { id } of devices) {
    const trail: string[] = [];
    let at: string | undefined = id;
    while (at !== undefined && upstream.has(at) && !visited.has(at)) {
      visited.add(at);
      trail.push(at);
      at = upstream.get(at);
    }
    const start = at === undefined ? -1 : trail.indexOf(at);
    if (start >= 0) cycles.push(trail.slice(start));
  }
  return cycles;
}
