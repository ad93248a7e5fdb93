/**
 * What a Modbus device is, in data: which metric lies at which address, in which codec, and where the device keeps the
 * log of what happened. Addresses are PDU addresses, 0 to 65535; the “40001” of manuals is `holding`, 0.
 */
import type { ModbusTable } from "../codecs/modbus-pdu.ts";
import type { RegisterCodec } from "../codecs/registers.ts";
import type { EventName, MetricName, SampleValue } from "../vocabulary/index.ts";
import type { ProfileCommon } from "./profile.ts";

export interface ModbusProfile extends ProfileCommon {
  readonly protocol: "modbus";
  /** Facts for the birth, read once after connecting. */
  readonly identity: Readonly<Record<MetricName, ModbusPoint>>;
  /** Everything that is read at each poll. */
  readonly points: Readonly<Record<MetricName, ModbusPoint>>;
  readonly log?: RecordLog;
  /**
   * How many cells nobody asked for may be read to join two neighbouring reads. 0 unless the device is known to answer
   * addresses it does not document; most answer them with exception 2.
   */
  readonly readGap?: number;
  /** What a healthy device shows when nothing happens: where the simulator starts. */
  readonly atRest: Readonly<Record<MetricName, SampleValue>>;
}

/** How a value lies in registers. `T` is what the codec knows; the metric holds what is made of it. */
export type RegisterField =
  | {
      readonly type: "number";
      readonly codec: RegisterCodec<number>;
      /** Register counts that make one unit: 10 where 215 means 21.5. */
      readonly divisor?: number;
      /** Register values, before dividing, that mean “no reading”. */
      readonly sentinels?: readonly number[];
    }
  | {
      readonly type: "choice";
      readonly codec: RegisterCodec<number>;
      /** Code in the register → value of the metric. Any other code is a bad reading. */
      readonly values: Readonly<Record<number, string>>;
    }
  /** True when any of the bits in `mask` is set. A register can hold many of them, so they are read and never written. */
  | { readonly type: "flag"; readonly codec: RegisterCodec<number>; readonly mask: number }
  /** The empty text means that the device said nothing. */
  | { readonly type: "text"; readonly codec: RegisterCodec<string> };

export type RegisterPoint = RegisterField & {
  readonly kind: "register";
  readonly table: "holding" | "input";
  readonly pduAddress: number;
};

export interface BitPoint {
  readonly kind: "bit";
  readonly table: "coil" | "discrete";
  readonly pduAddress: number;
  /**
   * Coil that the device sets when the bit rises and keeps until 0 is written to it, so that a signal shorter than
   * the polling period is still seen. The metric is true while either is set.
   */
  readonly latchCoil?: number;
}

/**
 * Two contacts of one button, of which exactly one must be closed: `makes` closes when it is pressed, `breaks` opens.
 * Both open is a cut line, both closed a short circuit, and the metric is true for either.
 */
export interface AntivalentPoint {
  readonly kind: "antivalent";
  readonly table: "discrete";
  readonly makes: number;
  readonly breaks: number;
}

export type ModbusPoint = RegisterPoint | BitPoint | AntivalentPoint;

/**
 * A log the device keeps in a ring of records. The record with serial number n lies in slot (n − 1) mod `capacity`; it
 * is complete before the register of the newest serial number moves to it.
 */
export interface RecordLog {
  readonly event: EventName;
  readonly table: "holding" | "input";
  /** The newest record's serial number, uint32 ABCD; 0 when there is none. */
  readonly newestAt: number;
  /** The device's clock: seconds since 1970-01-01T00:00Z as uint32 ABCD, then milliseconds as uint16. */
  readonly clockAt: number;
  readonly firstRecordAt: number;
  readonly capacity: number;
  /** Registers of one record. It begins with serial number (2), seconds (2) and milliseconds (1). */
  readonly recordRegisters: number;
  readonly fields: Readonly<Record<string, RecordField>>;
}

/** What the driver tells of every device with a log, beside the profile's points. */
export const LOG_METRICS = ["Connectivity/LostRecords", "Connectivity/ClockOffset"] as const;

/** Everything a device of this profile can tell, events aside. */
export function modbusMetrics({ identity, points, log }: ModbusProfile): readonly MetricName[] {
  return [...Object.keys(identity), ...Object.keys(points), ...(log === undefined ? [] : LOG_METRICS)];
}

export const RECORD_HEADER_REGISTERS = 5;
export const CLOCK_REGISTERS = 3;

export type RecordField = RegisterField & {
  /** Registers from the start of the record. */
  readonly offset: number;
  /** The value names a person's card: it leaves the decoder only as a pseudonym. */
  readonly pseudonymous?: boolean;
};

type NumberOptions = Omit<Extract<RegisterField, { type: "number" }>, "type">;
type ChoiceOptions = Omit<Extract<RegisterField, { type: "choice" }>, "type">;
type FlagOptions = Omit<Extract<RegisterField, { type: "flag" }>, "type">;
type TextOptions = Omit<Extract<RegisterField, { type: "text" }>, "type">;

export const numeric = (options: NumberOptions): RegisterField => ({ type: "number", ...options });
export const choice = (options: ChoiceOptions): RegisterField => ({ type: "choice", ...options });
export const flag = (options: FlagOptions): RegisterField => ({ type: "flag", ...options });
export const text = (options: TextOptions): RegisterField => ({ type: "text", ...options });

export const holding = (pduAddress: number, field: RegisterField): RegisterPoint => ({
  kind: "register",
  table: "holding",
  pduAddress,
  ...field,
});

export const input = (pduAddress: number, field: RegisterField): RegisterPoint => ({
  kind: "register",
  table: "input",
  pduAddress,
  ...field,
});

export const coil = (pduAddress: number): BitPoint => ({ kind: "bit", table: "coil", pduAddress });

export const discrete = (pduAddress: number, options: { readonly latchCoil?: number } = {}): BitPoint => ({
  kind: "bit",
  table: "discrete",
  pduAddress,
  ...options,
});

export const antivalent = (contacts: {
  readonly makes: number;
  readonly breaks: number;
}): AntivalentPoint => ({
  kind: "antivalent",
  table: "discrete",
  ...contacts,
});

export const recordField = (
  offset: number,
  field: RegisterField,
  options: { readonly pseudonymous?: boolean } = {},
): RecordField => ({ ...field, offset, ...options });

/** Neighbouring cells of one table that have to be read together to make sense. */
export interface Span {
  readonly table: ModbusTable;
  readonly pduAddress: number;
  readonly quantity: number;
}

/** What has to be read to know a point. */
export function spansOf(point: ModbusPoint): readonly Span[] {
  switch (point.kind) {
    case "register":
      return [{ table: point.table, pduAddress: point.pduAddress, quantity: point.codec.registers }];
    case "bit": {
      const bit: Span = { table: point.table, pduAddress: point.pduAddress, quantity: 1 };
      return point.latchCoil === undefined
        ? [bit]
        : [bit, { table: "coil", pduAddress: point.latchCoil, quantity: 1 }];
    }
    case "antivalent":
      return [point.makes, point.breaks].map((pduAddress) => ({
        table: point.table,
        pduAddress,
        quantity: 1,
      }));
  }
}

/** The newest serial number and the device's clock. */
export function logHeaderSpans(log: RecordLog): readonly Span[] {
  return [
    { table: log.table, pduAddress: log.newestAt, quantity: 2 },
    { table: log.table, pduAddress: log.clockAt, quantity: CLOCK_REGISTERS },
  ];
}

/** Where the record with this serial number lies, if it has not been overwritten. */
export function recordSpan(log: RecordLog, serial: number): Span {
  const slot = (serial - 1) % log.capacity;
  return {
    table: log.table,
    pduAddress: log.firstRecordAt + slot * log.recordRegisters,
    quantity: log.recordRegisters,
  };
}
