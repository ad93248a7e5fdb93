/**
 * What an edge node's births said: which name an alias stands for, and which datatype a name has. DATA leaves both out
 * [tck-id-payloads-alias-data-cmd-requirement, tck-id-payloads-metric-datatype-not-req].
 *
 * One table an edge node, with a scope for the node itself and one for each device. The specification wants aliases
 * unique over the whole node [tck-id-payloads-alias-uniqueness]; keeping scopes apart serves peers that do not.
 */
import { DataType } from "@campus-ops/device-profiles/vocabulary";
import { interpret } from "./interpretation.ts";
import type { Metric, Payload } from "./payload.ts";

/** Metrics that one birth may declare; what comes after is not learned. */
export const METRICS_LEARNED_MAX = 65_536;

export interface ResolvedMetrics {
  /** Every metric with name and, where the birth gave one, datatype; values interpreted. */
  readonly metrics: readonly NamedMetric[];
  /** Aliases that no birth declared: without a rebirth their values mean nothing. */
  readonly unresolved: readonly number[];
  /** Names that the birth did not declare. They are handed on all the same, with the datatype they brought, if any. */
  readonly undeclared: readonly string[];
}

export interface NamedMetric extends Metric {
  readonly name: string;
}

interface Declaration {
  readonly name: string;
  readonly datatype: DataType;
}

interface Scope {
  readonly byAlias: ReadonlyMap<number, Declaration>;
  readonly byName: ReadonlyMap<string, Declaration>;
}

export class AliasTable {
  #node: Scope | undefined;
  readonly #devices = new Map<string, Scope>();

  /** Learns an NBIRTH (`device` undefined), which ends every scope there was, or a DBIRTH, which replaces its own. */
  learn(device: string | undefined, birth: Payload): void {
    if (device !== undefined) {
      this.#devices.set(device, declarations(birth));
      return;
    }
    this.#devices.clear();
    this.#node = declarations(birth);
  }

  /** True when a birth of the node (`device` undefined) or of the device has been learned. */
  isBorn(device: string | undefined): boolean {
    return device === undefined ? this.#node !== undefined : this.#devices.has(device);
  }

  /** True when a DATA message has no alias that the births did not declare. */
  knowsAliases(device: string | undefined, data: Payload): boolean {
    const scope = device === undefined ? this.#node : this.#devices.get(device);
    return data.metrics.every(
      ({ name, alias }) => name !== undefined || alias === undefined || scope?.byAlias.has(alias) === true,
    );
  }

  /** Forgets a device that died: it has to be born again before its DATA means anything. */
  forget(device: string): void {
    this.#devices.delete(device);
  }

  /** Names and interprets the metrics of a DATA message. */
  resolve(device: string | undefined, data: Payload): ResolvedMetrics {
    const scope = device === undefined ? this.#node : this.#devices.get(device);
    const metrics: NamedMetric[] = [];
    const unresolved: number[] = [];
    const undeclared: string[] = [];
    for (const metric of data.metrics) {
      const declared = declarationOf(scope, metric);
      if (declared !== undefined) metrics.push(complete(metric, declared));
      else if (metric.name !== undefined) {
        undeclared.push(metric.name);
        metrics.push({ ...metric, name: metric.name });
      } else if (metric.alias !== undefined) unresolved.push(metric.alias);
    }
    return { metrics, unresolved, undeclared };
  }
}

function declarations(birth: Payload): Scope {
  const byAlias = new Map<number, Declaration>();
  const byName = new Map<string, Declaration>();
  for (const { name, alias, datatype } of birth.metrics) {
    if (name === undefined || byName.size >= METRICS_LEARNED_MAX) continue;
    const declaration = { name, datatype: datatype ?? DataType.Unknown };
    byName.set(name, declaration);
    if (alias !== undefined) byAlias.set(alias, declaration);
  }
  return { byAlias, byName };
}

function declarationOf(scope: Scope | undefined, { name, alias }: Metric): Declaration | undefined {
  if (name !== undefined) return scope?.byName.get(name);
  return alias === undefined ? undefined : scope?.byAlias.get(alias);
}

function complete(metric: Metric, { name, datatype }: Declaration): NamedMetric {
  // A value that came with a datatype of its own has been interpreted by the decoder.
  if (metric.datatype !== undefined) return { ...metric, name };
  const value = interpret(metric.value, datatype);
  return value === undefined
    ? { ...metric, name, datatype: DataType.Unknown }
    : { ...metric, name, datatype, value };
}
