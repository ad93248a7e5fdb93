import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isBitTable, type ModbusTable } from "../codecs/modbus-pdu.ts";
import { PLAN_BITS_MAX, PLAN_REGISTERS_MAX, planReads } from "./modbus-plan.ts";
import type { Span } from "./modbus-profile.ts";

const holding = (pduAddress: number, quantity = 1): Span => ({ table: "holding", pduAddress, quantity });

describe("planning reads", () => {
  test("neighbours become one read, whatever order they are given in", () => {
    expect(planReads([holding(12), holding(10, 2), holding(13, 2)])).toEqual([
      { operation: "read", table: "holding", pduAddress: 10, quantity: 5 },
    ]);
  });

  test("nobody's cells in between are read only as far as the gap allows", () => {
    expect(planReads([holding(0), holding(3)])).toHaveLength(2);
    expect(planReads([holding(0), holding(3)], 1)).toHaveLength(2);
    expect(planReads([holding(0), holding(3)], 2)).toEqual([
      { operation: "read", table: "holding", pduAddress: 0, quantity: 4 },
    ]);
  });

  test("tables are never mixed", () => {
    expect(planReads([holding(0), { table: "input", pduAddress: 1, quantity: 1 }])).toHaveLength(2);
  });

  test("121 registers need two reads", () => {
    expect(planReads(Array.from({ length: 121 }, (_, address) => holding(address)))).toHaveLength(2);
    expect(planReads(Array.from({ length: 120 }, (_, address) => holding(address)))).toHaveLength(1);
  });

  test("every span lies whole in one read, and no read is too long", () => {
    const span = fc.record({
      table: fc.constantFrom<ModbusTable>("coil", "discrete", "input", "holding"),
      pduAddress: fc.integer({ min: 0, max: 300 }),
      quantity: fc.integer({ min: 1, max: 14 }),
    });
    fc.assert(
      fc.property(fc.array(span, { maxLength: 60 }), fc.integer({ min: 0, max: 20 }), (spans, gap) => {
        const reads = planReads(spans, gap);
        for (const { table, pduAddress, quantity } of spans) {
          const holds = reads.some(
            (read) =>
              read.table === table &&
              read.pduAddress <= pduAddress &&
              read.pduAddress + read.quantity >= pduAddress + quantity,
          );
          expect(holds).toBe(true);
        }
        for (const { table, quantity } of reads)
          expect(quantity).toBeLessThanOrEqual(isBitTable(table) ? PLAN_BITS_MAX : PLAN_REGISTERS_MAX);
      }),
    );
  });
});
