import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { float32, int32 } from "../codecs/registers.ts";
import { suggestOrders } from "./modbus-orders.ts";

const VOLTS = [100, 300] as const;
const orders = fc.constantFrom("ABCD" as const, "CDAB" as const, "BADC" as const, "DCBA" as const);

describe("the order of words and bytes is suggested", () => {
  test("for 230.5 V as a float, in each of the four", () => {
    fc.assert(
      fc.property(orders, (order) => {
        const registers = float32(order).encode(230.5);
        expect(suggestOrders({ registers, layout: "float32", plausible: VOLTS })).toEqual([
          { order, value: 230.5 },
        ]);
      }),
    );
  });

  test("for any float of a plausible size, the true one among them", () => {
    fc.assert(
      fc.property(orders, fc.float({ min: 100, max: 300, noNaN: true }), (order, value) => {
        const suggested = suggestOrders({
          registers: float32(order).encode(value),
          layout: "float32",
          plausible: VOLTS,
        });
        expect(suggested.map((each) => Math.fround(each.value))).toContain(value);
      }),
    );
  });

  test("for an integer with a divisor, and where the sign matters", () => {
    const registers = int32("CDAB").encode(-1204);
    const question = { registers, layout: "int32", divisor: 10_000, plausible: [-2, 2] } as const;
    expect(suggestOrders(question)).toEqual([{ order: "CDAB", value: -0.1204 }]);
    const wider = suggestOrders({ ...question, plausible: [-10, 10] });
    expect(wider.map(({ order }) => order)).toEqual(["CDAB", "DCBA"]);
  });

  test("for the bytes of a single register", () => {
    const question = { registers: [0xd700], layout: "int16", divisor: 10, plausible: [-40, 85] } as const;
    expect(suggestOrders(question)).toEqual([{ order: "BADC", value: 21.5 }]);
  });

  test("once where two orders say the same", () => {
    const question = { registers: [0x4343, 0x4343], layout: "uint32", plausible: [0, 2 ** 32] } as const;
    expect(suggestOrders(question)).toEqual([{ order: "ABCD", value: 0x43434343 }]);
  });

  test("not at all from nought, from what is never plausible, or for the wrong number of registers", () => {
    expect(suggestOrders({ registers: [0, 0], layout: "float32", plausible: [0, 300] })).toEqual([]);
    expect(suggestOrders({ registers: [0xffff, 0xffff], layout: "float32", plausible: VOLTS })).toEqual([]);
    expect(suggestOrders({ registers: [230], layout: "float32", plausible: VOLTS })).toEqual([]);
  });
});
