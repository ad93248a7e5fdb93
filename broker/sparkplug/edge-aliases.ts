/** The aliases that an edge node gives its metrics in its births: unique over the node [tck-id-payloads-alias-uniqueness]. */
import type { DeviceId } from "@campus-ops/device-profiles/vocabulary";
import type { Metric, Payload } from "./payload.ts";

type Scope = ReadonlyMap<string, number>;

export interface EdgeAliases {
  /** The next alias to give. */
  readonly next: number;
  readonly node: Scope;
  /** The devices that are born. */
  readonly devices: ReadonlyMap<DeviceId, Scope>;
  /**
   * Every alias that was ever given, by device, the node's own under "". A later birth gives the same again: when a
   * rebirth overtakes or loses messages on its way, a host may read by one birth what was sent after another.
   */
  readonly given: ReadonlyMap<string, Scope>;
}

export const NO_ALIASES: EdgeAliases = { next: 1, node: new Map(), devices: new Map(), given: new Map() };

/** Nobody is born any more; what was given stays given. */
export function withNobodyBorn({ given, next }: EdgeAliases): EdgeAliases {
  return { ...NO_ALIASES, given, next };
}

interface Aliased {
  readonly metrics: readonly Metric[];
  readonly aliases: EdgeAliases;
}

/** A birth of the node begins anew: its devices have to be born after it. */
export function withNodeAliases(before: EdgeAliases, metrics: readonly Metric[]): Aliased {
  const { scope, aliased, ...more } = give(before, "", metrics);
  return { metrics: aliased, aliases: { ...more, node: scope, devices: new Map() } };
}

export function withDeviceAliases(
  before: EdgeAliases,
  device: DeviceId,
  metrics: readonly Metric[],
): Aliased {
  const { scope, aliased, ...more } = give(before, device, metrics);
  const devices = new Map(before.devices).set(device, scope);
  return { metrics: aliased, aliases: { ...before, ...more, devices } };
}

function give(before: EdgeAliases, owner: string, metrics: readonly Metric[]) {
  const known = new Map(before.given.get(owner));
  const scope = new Map<string, number>();
  let { next } = before;
  const aliased = metrics.map((metric): Metric => {
    if (metric.name === undefined) return metric;
    const alias = known.get(metric.name) ?? next++;
    known.set(metric.name, alias);
    scope.set(metric.name, alias);
    return { ...metric, alias };
  });
  return { scope, aliased, next, given: new Map(before.given).set(owner, known) };
}

/** A host may name what it writes by the alias of the birth [tck-id-payloads-alias-data-cmd-requirement]. */
export function withNames(scope: Scope | undefined, command: Payload): Payload {
  if (scope === undefined || command.metrics.every(({ name }) => name !== undefined)) return command;
  const names = new Map([...scope].map(([name, alias]) => [alias, name]));
  const metrics = command.metrics.map((metric): Metric => {
    const name = metric.name ?? names.get(metric.alias ?? 0);
    return name === undefined ? metric : { ...metric, name };
  });
  return { ...command, metrics };
}
