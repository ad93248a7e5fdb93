/**
 * Whether a message carries anything precious: a metric or event of the alarm or access class, by the dictionary, or a
 * birth or death, without which nothing else can be read.
 */
import type { NodeMessage } from "@campus-ops/broker/sparkplug";
import {
  addressKey,
  eventDefinition,
  isPrecious,
  metricDefinition,
} from "@campus-ops/device-profiles/vocabulary";

export class PreciousContent {
  /** By node or device: the aliases under which its birth has declared something precious. */
  readonly #aliases = new Map<string, ReadonlySet<number>>();

  /** Messages must be given in order; only births tell it anything. */
  learn({ type, address, payload }: NodeMessage): void {
    if (type !== "NBIRTH" && type !== "DBIRTH") return;
    const aliases = payload.metrics.flatMap(({ name, alias }) =>
      alias !== undefined && isPreciousName(name) ? [alias] : [],
    );
    this.#aliases.set(addressKey(address), new Set(aliases));
  }

  isIn({ type, address, payload }: NodeMessage): boolean {
    if (type !== "NDATA" && type !== "DDATA") return true;
    const known = this.#aliases.get(addressKey(address));
    return payload.metrics.some(({ name, alias }) =>
      name === undefined ? alias !== undefined && known?.has(alias) === true : isPreciousName(name),
    );
  }
}

function isPreciousName(name: string | undefined): boolean {
  if (name === undefined) return false;
  const dataClass = (metricDefinition(name) ?? eventDefinition(name))?.dataClass;
  return dataClass !== undefined && isPrecious(dataClass);
}
