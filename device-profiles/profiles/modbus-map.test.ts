import { describe, expect, test } from "vitest";
import { PROFILES } from "./catalogue.ts";
import { registerMap } from "./modbus-map.ts";
import type { ModbusProfile } from "./modbus-profile.ts";
import { genericPanicButton } from "./panic-button/generic-supervised-input.ts";
import { genericTemperatureScanner } from "./temperature-scanner/generic-modbus-tcp.ts";

const profiles = PROFILES.filter((profile): profile is ModbusProfile => profile.protocol === "modbus");

describe.each(profiles)("the register map of $id", (profile) => {
  const { cells, record } = registerMap(profile);

  test("says where every metric lies", () => {
    const metrics = [...Object.keys(profile.identity), ...Object.keys(profile.points)];
    expect(cells.map(({ holds }) => holds)).toEqual(expect.arrayContaining(metrics));
  });

  test("gives no register to two things", () => {
    for (const rows of [cells.filter(({ table }) => table === "input" || table === "holding"), record]) {
      rows.forEach(({ table, address, quantity, layout }, index) => {
        const next = rows[index + 1];
        // Flags share a register, and each has bits of its own.
        const shared = next?.address === address && next.layout.includes("bits") && next.layout !== layout;
        if (next?.table === table && !shared) expect(next.address).toBeGreaterThanOrEqual(address + quantity);
      });
    }
  });

  test("keeps the fields of a record within the record", () => {
    const end = Math.max(0, ...record.map(({ address, quantity }) => address + quantity));
    expect(end).toBeLessThanOrEqual(profile.log?.recordRegisters ?? 0);
  });
});

test("a row says how the number is laid out", () => {
  expect(registerMap(genericTemperatureScanner).cells).toContainEqual({
    table: "input",
    address: 19,
    quantity: 1,
    holds: "Temperature/Ambient",
    layout: "int16, 10 counts to the unit, 32767: no reading",
  });
});

test("the latch of a button is in its map", () => {
  expect(registerMap(genericPanicButton).cells).toContainEqual(
    expect.objectContaining({ table: "coil", address: 16, holds: "Panic/Pressed" }),
  );
});
