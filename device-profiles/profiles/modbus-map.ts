/** A profile's register map as an installer reads it: made from the profile, so that it cannot say anything else. */
import type { ModbusTable } from "../codecs/modbus-pdu.ts";
import {
  CLOCK_REGISTERS,
  type ModbusPoint,
  type ModbusProfile,
  RECORD_HEADER_REGISTERS,
  type RecordLog,
  type RegisterField,
  type Span,
  spansOf,
} from "./modbus-profile.ts";

export interface MapRow {
  readonly table: ModbusTable;
  /** PDU address; within the record for the fields of a log. */
  readonly address: number;
  readonly quantity: number;
  /** Metric, or what the log keeps there. */
  readonly holds: string;
  readonly layout: string;
}

export interface RegisterMap {
  /** In the order of tables and addresses. */
  readonly cells: readonly MapRow[];
  /** The layout of one record of the log, by offset. */
  readonly record: readonly MapRow[];
}

export function registerMap({ identity, points, log }: ModbusProfile): RegisterMap {
  const cells = Object.entries({ ...identity, ...points }).flatMap(([metric, point]) =>
    spansOf(point).map(
      (span): MapRow => ({
        table: span.table,
        address: span.pduAddress,
        quantity: span.quantity,
        holds: metric,
        layout: cellLayout(point, span),
      }),
    ),
  );
  return {
    cells: [...cells, ...(log === undefined ? [] : logCells(log))].toSorted((a, b) =>
      a.table === b.table ? a.address - b.address : a.table < b.table ? -1 : 1,
    ),
    record: log === undefined ? [] : recordRows(log),
  };
}

function cellLayout(point: ModbusPoint, span: Span): string {
  switch (point.kind) {
    case "register":
      return layoutOf(point);
    case "bit":
      return span.table === "coil" && span.pduAddress === point.latchCoil
        ? "latch: set by the rising edge, cleared by writing 0"
        : "1 is true";
    case "antivalent":
      return span.pduAddress === point.makes
        ? "make contact"
        : "break contact; a fault when both say the same";
  }
}

function logCells({
  table,
  clockAt,
  newestAt,
  firstRecordAt,
  capacity,
  recordRegisters,
}: RecordLog): readonly MapRow[] {
  return [
    {
      table,
      address: clockAt,
      quantity: CLOCK_REGISTERS,
      holds: "clock",
      layout: "uint32 ABCD seconds since 1970-01-01T00:00Z, uint16 milliseconds",
    },
    { table, address: newestAt, quantity: 2, holds: "newest serial number", layout: "uint32 ABCD; 0: none" },
    {
      table,
      address: firstRecordAt,
      quantity: capacity * recordRegisters,
      holds: "log",
      layout: `${capacity} records of ${recordRegisters}; number n in slot (n − 1) mod ${capacity}`,
    },
  ];
}

function recordRows({ table, fields }: RecordLog): readonly MapRow[] {
  const header: MapRow = {
    table,
    address: 0,
    quantity: RECORD_HEADER_REGISTERS,
    holds: "serial number, time",
    layout: "uint32 ABCD, uint32 ABCD seconds since 1970-01-01T00:00Z, uint16 milliseconds",
  };
  const rows = Object.entries(fields).map(
    ([name, field]): MapRow => ({
      table,
      address: field.offset,
      quantity: field.codec.registers,
      holds: name,
      layout: layoutOf(field),
    }),
  );
  return [header, ...rows];
}

function layoutOf(field: RegisterField): string {
  const { name } = field.codec;
  switch (field.type) {
    case "number": {
      const scale = field.divisor === undefined ? "" : `, ${field.divisor} counts to the unit`;
      const none = (field.sentinels ?? []).map((value) => `, ${value}: no reading`).join("");
      return `${name}${scale}${none}`;
    }
    case "choice":
      return `${name}: ${Object.entries(field.values)
        .map(([code, value]) => `${code} ${value}`)
        .join(", ")}`;
    case "flag":
      return `${name}, bits 0x${field.mask.toString(16).padStart(4, "0")}`;
    case "text":
      return name;
  }
}
