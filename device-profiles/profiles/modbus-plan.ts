import { isBitTable, type ReadRequest } from "../codecs/modbus-pdu.ts";
import type { Span } from "./modbus-profile.ts";

/** Several devices in the field fail between 120 and the 125 registers the specification allows. */
export const PLAN_REGISTERS_MAX = 120;
export const PLAN_BITS_MAX = 1000;

/**
 * The fewest reads that bring all spans: neighbours of one table are joined, up to `gap` cells that nobody asked for
 * between them, and no span is ever cut in two, because only one read is one moment in the device.
 */
export function planReads(spans: readonly Span[], gap = 0): readonly ReadRequest[] {
  const ordered = spans.toSorted((a, b) =>
    a.table === b.table ? a.pduAddress - b.pduAddress : a.table < b.table ? -1 : 1,
  );
  const reads: ReadRequest[] = [];
  for (const span of ordered) {
    const last = reads.at(-1);
    const end = span.pduAddress + span.quantity;
    if (last !== undefined && last.table === span.table) {
      const quantity = Math.max(last.pduAddress + last.quantity, end) - last.pduAddress;
      const near = span.pduAddress <= last.pduAddress + last.quantity + gap;
      const fits = quantity <= (isBitTable(span.table) ? PLAN_BITS_MAX : PLAN_REGISTERS_MAX);
      if (near && fits) {
        reads[reads.length - 1] = { ...last, quantity };
        continue;
      }
    }
    reads.push({ operation: "read", ...span });
  }
  return reads;
}
