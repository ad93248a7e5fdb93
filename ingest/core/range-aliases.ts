/** Finds the hand-off's range in a message, by name or by the alias that the sender's birth gave it. */
import {
  HANDOFF_RANGE,
  interpret,
  type NodeMessage,
  type RecordRange,
  readRange,
} from "@campus-ops/broker/sparkplug";
import { addressKey, DataType } from "@campus-ops/device-profiles/vocabulary";

export class RangeAliases {
  readonly #aliases = new Map<string, number>();

  /** Messages must be given in order, births among them. Undefined for a message without a range, or with a broken one. */
  rangeOf({ type, address, payload }: NodeMessage): RecordRange | undefined {
    if (type === "NDEATH" || type === "DDEATH") return undefined;
    const key = addressKey(address);
    if (type === "NBIRTH" || type === "DBIRTH") {
      const alias = payload.metrics.find(({ name }) => name === HANDOFF_RANGE)?.alias;
      if (alias === undefined) this.#aliases.delete(key);
      else this.#aliases.set(key, alias);
      return undefined;
    }
    const known = this.#aliases.get(key);
    const metric = payload.metrics.find(
      ({ name, alias }) =>
        name === HANDOFF_RANGE || (name === undefined && alias !== undefined && alias === known),
    );
    if (metric === undefined) return undefined;
    if (metric.datatype !== undefined) return readRange(metric);
    const value = interpret(metric.value, DataType.UInt64Array);
    return value === undefined ? undefined : readRange({ ...metric, value });
  }
}
