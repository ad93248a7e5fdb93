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
}

export const NO_ALIASES: EdgeAliases = { next: 1, node: new Map(), devices: new Map() };

interface Aliased {
  readonly metrics: readonly Metric[];
  readonly aliases: EdgeAliases;
}

/** A birth of the node begins anew: its devices have to be born after it. */
export function withNodeAliases(metrics: readonly Metric[]): Aliased {
  const { scope, aliased, next } = give(metrics, NO_ALIASES.next);
  return { metrics: aliased, aliases: { next, node: scope, devices: new Map() } };
}

export function withDeviceAliases(
  before: EdgeAliases,
  device: DeviceId,
  metrics: readonly Metric[],
): Aliased {
  const { scope, aliased, next } = give(metrics, before.next);
  return {
    metrics: aliased,
    aliases: { ...before, next, devices: new Map(before.devices).set(device, scope) },
  };
}

function give(
  metrics: readonly Metric[],
  first: number,
): { scope: Scope; aliased: readonly Metric[]; next: number } {
  const scope = new Map<string, number>();
  let next = first;
  const aliased = metrics.map((metric): Metric => {
    if (metric.name === undefined) return metric;
    const alias = scope.get(metric.name) ?? next++;
    scope.set(metric.name, alias);
    return { ...metric, alias };
  });
  return { scope, aliased, next };
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
