/**
 * Whether a message carries anything of certain classes, by the dictionary: what is precious (alarm and access) unless others
 * are said. A birth or death always does, because nothing else can be read without it.
 */
import type { NodeMessage } from "@campus-ops/broker/sparkplug";
import {
  addressKey,
  type DataClass,
  eventDefinition,
  isPrecious,
  metricDefinition,
} from "@campus-ops/device-profiles/vocabulary";

export class PreciousContent {
  /** By node or device: the aliases under which its birth has declared something of those classes. */
  readonly #aliases = new Map<string, ReadonlySet<number>>();
  readonly #isWanted: (dataClass: DataClass) => boolean;

  constructor(isWanted: (dataClass: DataClass) => boolean = isPrecious) {
    this.#isWanted = isWanted;
  }

  /** Messages must be given in order; only births tell it anything. */
  learn({ type, address, payload }: NodeMessage): void {
    if (type !== "NBIRTH" && type !== "DBIRTH") return;
    const aliases = payload.metrics.flatMap(({ name, alias }) =>
      alias !== undefined && this.#isWantedName(name) ? [alias] : [],
    );
    this.#aliases.set(addressKey(address), new Set(aliases));
  }

  isIn({ type, address, payload }: NodeMessage): boolean {
    if (type !== "NDATA" && type !== "DDATA") return true;
    const known = this.#aliases.get(addressKey(address));
    return payload.metrics.some(({ name, alias }) =>
      name === undefined ? alias !== undefined && known?.has(alias) === true : this.#isWantedName(name),
    );
  }

  #isWantedName(name: string | undefined): boolean {
    if (name === undefined) return false;
    const dataClass = (metricDefinition(name) ?? eventDefinition(name))?.dataClass;
    return dataClass !== undefined && this.#isWanted(dataClass);
  }
}
