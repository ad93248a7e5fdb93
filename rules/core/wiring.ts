/**
 * Which switch a device hangs from, worked out from what the switches tell: the stations learned on a port (a device's
 * own MAC address among them) and the LLDP neighbour of a port. Switches hang from each other towards the one that has
 * the edge box itself on a port.
 *
 * A switch that has gone tells nothing any more, so the last thing it said counts.
 */
import { type MetricName, parseMetricName } from "@campus-ops/device-profiles/vocabulary";
import type { Device } from "./device.ts";

/** What a switch tells of who is connected to it. */
export interface WiringTeller {
  readonly key: string;
  readonly wiring: ReadonlyMap<MetricName, string>;
  readonly facts: { readonly mac?: string };
}

export interface NearestPort<S> {
  readonly at: S;
  /** Its instance in the metrics: `7` of `Port/7/Stations`. */
  readonly port: string;
  /** Stations that were learned on it. */
  readonly count: number;
}

/** Does this metric say who is connected to whom? */
export function isWiring(name: MetricName): boolean {
  if (name === "System/Name") return true;
  const { capability, metric } = parseMetricName(name) ?? {};
  return capability === "Port" && (metric === "Stations" || metric === "Neighbour");
}

/** Key of the switch that each device of one edge box hangs from, by the device's key. */
export function learnUpstream(devices: readonly Device[]): ReadonlyMap<string, string> {
  const switches = devices.filter((device) => device.wiring.size > 0);
  const nearest = nearestPorts(switches);
  const learned = new Map<string, string>();
  for (const device of devices) {
    const { mac } = device.facts;
    const port = mac === undefined ? undefined : nearest.get(mac);
    if (port !== undefined && port.at !== device && !device.isNode) learned.set(device.key, port.at.key);
  }
  const box = devices.find((device) => device.isNode);
  const root = box?.facts.mac === undefined ? undefined : nearest.get(box.facts.mac)?.at;
  if (root !== undefined) {
    learned.delete(root.key);
    for (const [below, above] of treeFrom(root, switches)) learned.set(below, above);
  }
  return learned;
}

/**
 * Of several ports that have learned a station the one with the fewest has it; the others lead there, and so do those
 * whose neighbour is another switch.
 */
export function nearestPorts<S extends WiringTeller>(
  switches: readonly S[],
): ReadonlyMap<string, NearestPort<S>> {
  const nearest = new Map<string, NearestPort<S>>();
  for (const at of switches) {
    for (const [name, text] of at.wiring) {
      const { metric, instance } = parseMetricName(name) ?? {};
      if (metric !== "Stations" || instance === undefined) continue;
      const neighbour = at.wiring.get(name.replace(/Stations$/, "Neighbour"));
      if (switches.some((other) => other !== at && isNamed(other, neighbour))) continue;
      const stations = text.split(" ").filter((station) => station !== "");
      for (const station of stations) {
        const known = nearest.get(station);
        if (known === undefined || stations.length < known.count)
          nearest.set(station, { at, port: instance, count: stations.length });
      }
    }
  }
  return nearest;
}

/** Who is below whom, walking from `root` along LLDP, whichever of the two told of the other. */
function treeFrom(root: Device, switches: readonly Device[]): ReadonlyMap<string, string> {
  const linked = (a: Device, b: Device): boolean => tellsOf(a, b) || tellsOf(b, a);
  const parents = new Map<string, string>();
  const reached = new Set([root]);
  for (const above of reached) {
    for (const below of switches) {
      if (reached.has(below) || !linked(above, below)) continue;
      parents.set(below.key, above.key);
      reached.add(below);
    }
  }
  return parents;
}

function tellsOf(teller: Device, other: Device): boolean {
  for (const [name, text] of teller.wiring) {
    if (parseMetricName(name)?.metric === "Neighbour" && isNamed(other, text)) return true;
  }
  return false;
}

/** LLDP names a neighbour by its system name or, failing that, by its chassis id. */
function isNamed({ wiring, facts }: WiringTeller, neighbour: string | undefined): boolean {
  return (
    neighbour !== undefined &&
    neighbour !== "" &&
    (neighbour === wiring.get("System/Name") || neighbour === facts.mac)
  );
}
