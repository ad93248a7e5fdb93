/**
 * What the order of bytes and words might be, where a value of a device that is being put into service looks wrong.
 * Makers lay values of two registers out in four ways, and manuals are silent or wrong about which.
 */
import {
  float32,
  int16,
  int32,
  type RegisterCodec,
  uint16,
  uint32,
  type WordOrder,
} from "../codecs/registers.ts";

/** What the registers may hold. */
export type NumberLayout = "int16" | "uint16" | "int32" | "uint32" | "float32";

export interface OrderQuestion {
  /** One register or two, as they were read. */
  readonly registers: readonly number[];
  readonly layout: NumberLayout;
  readonly divisor?: number;
  /** What the value can be, in the metric's own unit. */
  readonly plausible: readonly [min: number, max: number];
}

export interface OrderSuggestion {
  readonly order: WordOrder;
  readonly value: number;
}

const ORDERS: readonly WordOrder[] = ["ABCD", "CDAB", "BADC", "DCBA"];
/** Floats of the wrong order are mostly all but nought, which lies in many a plausible range. */
const FLOAT_NOT_NOUGHT = 1e-6;

/**
 * The orders in which the registers hold a plausible value, the most usual first; orders that give the same value are
 * named once. One suggestion is an answer; none means that address or layout are wrong, and several that another
 * reading, at another value, has to decide. Registers that are all nought say nothing.
 */
export function suggestOrders(question: OrderQuestion): readonly OrderSuggestion[] {
  const { registers, layout, divisor = 1, plausible } = question;
  if (registers.every((word) => word === 0)) return [];
  const suggestions: OrderSuggestion[] = [];
  for (const order of ORDERS) {
    const codec = codecOf(layout, order);
    if (codec.registers !== registers.length) continue;
    const value = codec.decode(swapped(registers, layout, order)) / divisor;
    if (!Number.isFinite(value) || value < plausible[0] || value > plausible[1]) continue;
    if (layout === "float32" && Math.abs(value) < FLOAT_NOT_NOUGHT) continue;
    if (suggestions.every((other) => other.value !== value)) suggestions.push({ order, value });
  }
  return suggestions;
}

function codecOf(layout: NumberLayout, order: WordOrder): RegisterCodec<number> {
  switch (layout) {
    case "int16":
      return int16();
    case "uint16":
      return uint16();
    case "int32":
      return int32(order);
    case "uint32":
      return uint32(order);
    case "float32":
      return float32(order);
  }
}

/** One register has no order of words, but its bytes may be swapped: BADC says so. */
function swapped(registers: readonly number[], layout: NumberLayout, order: WordOrder): readonly number[] {
  const single = layout === "int16" || layout === "uint16";
  return single && (order === "BADC" || order === "DCBA")
    ? registers.map((word) => ((word & 0xff) << 8) | (word >>> 8))
    : registers;
}
