import type { ModbusTable } from "./modbus-pdu.ts";

/** The four tables of a Modbus device (V1.1b3, 4.3), as far as they are known. A cell that was never set is not there. */
export class ModbusImage {
  readonly #tables: Readonly<Record<ModbusTable, Map<number, number>>> = {
    coil: new Map(),
    discrete: new Map(),
    input: new Map(),
    holding: new Map(),
  };

  write(table: ModbusTable, pduAddress: number, cells: readonly number[]): void {
    cells.forEach((cell, index) => {
      this.#tables[table].set(pduAddress + index, cell);
    });
  }

  copy(): ModbusImage {
    const copy = new ModbusImage();
    for (const [table, cells] of Object.entries(this.#tables)) {
      const own = copy.#tables[table as ModbusTable];
      for (const [address, cell] of cells) own.set(address, cell);
    }
    return copy;
  }

  /** Undefined when any of the cells is missing. */
  read(table: ModbusTable, pduAddress: number, quantity: number): readonly number[] | undefined {
    const cells: number[] = [];
    for (let address = pduAddress; address < pduAddress + quantity; address += 1) {
      const cell = this.#tables[table].get(address);
      if (cell === undefined) return undefined;
      cells.push(cell);
    }
    return cells;
  }
}
