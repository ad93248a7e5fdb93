/**
 * Modbus protocol data units, both directions, for the eight function codes that move data.
 * MODBUS Application Protocol Specification V1.1b3, chapters 6 and 7.
 *
 * A cell is one coil or discrete input (0 or 1) or one register (0 to 65535).
 */
export type ModbusTable = "coil" | "discrete" | "input" | "holding";

export interface ReadRequest {
  readonly operation: "read";
  readonly table: ModbusTable;
  readonly pduAddress: number;
  readonly quantity: number;
}

export interface WriteRequest {
  readonly operation: "write";
  readonly table: "coil" | "holding";
  readonly pduAddress: number;
  readonly cells: readonly number[];
  /** Function 15 or 16 even for a single cell; some devices know no other. */
  readonly multiple?: boolean;
}

export type ModbusRequest = ReadRequest | WriteRequest;

/** Chapter 7. */
export const EXCEPTIONS = {
  1: "illegal function",
  2: "illegal data address",
  3: "illegal data value",
  4: "server device failure",
  5: "acknowledge",
  6: "server device busy",
  8: "memory parity error",
  10: "gateway path unavailable",
  11: "gateway target device failed to respond",
} as const;
export type ExceptionCode = keyof typeof EXCEPTIONS;

export type ModbusResponse =
  | { readonly kind: "cells"; readonly cells: readonly number[] }
  | { readonly kind: "written" }
  | { readonly kind: "exception"; readonly code: number };

/** The bytes are no Modbus, or no answer to what was asked. */
export class ModbusFrameError extends Error {
  override readonly name = "ModbusFrameError";
}

export const PDU_BYTES_MAX = 253;
/** 6.3, 6.4: 125 fit, and some devices fail above 120. */
export const READ_REGISTERS_MAX = 125;
/** 6.1, 6.2. */
export const READ_BITS_MAX = 2000;
const WRITE_REGISTERS_MAX = 123;
const WRITE_BITS_MAX = 1968;

const READ_FUNCTIONS = { coil: 1, discrete: 2, holding: 3, input: 4 } as const;
const TABLES_READ: Readonly<Record<number, ModbusTable>> = {
  1: "coil",
  2: "discrete",
  3: "holding",
  4: "input",
};
const EXCEPTION_FLAG = 0x80;
const COIL_ON = 0xff00;

export const isBitTable = (table: ModbusTable): table is "coil" | "discrete" =>
  table === "coil" || table === "discrete";

export const readQuantityMax = (table: ModbusTable): number =>
  isBitTable(table) ? READ_BITS_MAX : READ_REGISTERS_MAX;

/** The function that carries `request` out. */
export function functionCode(request: ModbusRequest): number {
  if (request.operation === "read") return READ_FUNCTIONS[request.table];
  const single = request.cells.length === 1 && request.multiple !== true;
  if (request.table === "coil") return single ? 5 : 15;
  return single ? 6 : 16;
}

export function encodeRequest(request: ModbusRequest): Uint8Array {
  const code = functionCode(request);
  if (request.operation === "read")
    return Uint8Array.of(code, ...word(request.pduAddress), ...word(request.quantity));
  const [first = 0] = request.cells;
  if (code === 5) return Uint8Array.of(code, ...word(request.pduAddress), ...word(first === 0 ? 0 : COIL_ON));
  if (code === 6) return Uint8Array.of(code, ...word(request.pduAddress), ...word(first));
  const data = packCells(request.table, request.cells);
  return Uint8Array.of(
    code,
    ...word(request.pduAddress),
    ...word(request.cells.length),
    data.length,
    ...data,
  );
}

/** What a server was asked, or the exception it has to answer with. */
export function parseRequest(pdu: Uint8Array): ModbusRequest | { readonly exception: ExceptionCode } {
  const code = pdu[0] ?? 0;
  if (pdu.length < 5) return { exception: code >= 1 && code <= 4 ? 3 : 1 };
  const pduAddress = wordAt(pdu, 1);
  const second = wordAt(pdu, 3);
  const table = TABLES_READ[code];
  if (table !== undefined) {
    const fits = pdu.length === 5 && second >= 1 && second <= readQuantityMax(table);
    return fits ? { operation: "read", table, pduAddress, quantity: second } : { exception: 3 };
  }
  if (code === 5) {
    if (pdu.length !== 5 || (second !== 0 && second !== COIL_ON)) return { exception: 3 };
    return { operation: "write", table: "coil", pduAddress, cells: [second === 0 ? 0 : 1] };
  }
  if (code === 6) {
    return pdu.length === 5
      ? { operation: "write", table: "holding", pduAddress, cells: [second] }
      : { exception: 3 };
  }
  if (code !== 15 && code !== 16) return { exception: 1 };
  const target = code === 15 ? "coil" : "holding";
  const max = code === 15 ? WRITE_BITS_MAX : WRITE_REGISTERS_MAX;
  const bytes = cellBytes(target, second);
  if (second < 1 || second > max || pdu[5] !== bytes || pdu.length !== 6 + bytes) return { exception: 3 };
  const cells = unpackCells(target, pdu.subarray(6), second);
  return { operation: "write", table: target, pduAddress, cells, multiple: true };
}

/** The answer to `request`: what was read, or the echo of what was written. */
export function encodeResponse(request: ModbusRequest, cells: readonly number[]): Uint8Array {
  const code = functionCode(request);
  if (request.operation === "read") {
    const data = packCells(request.table, cells);
    return Uint8Array.of(code, data.length, ...data);
  }
  return encodeRequest(request).slice(0, 5);
}

/** How long the PDU is that answers `request`, unless it is an exception. */
export const responsePduBytes = (request: ModbusRequest): number =>
  request.operation === "read" ? 2 + cellBytes(request.table, request.quantity) : 5;

/** What the PDU of function 15 or 16 says of its own data. */
export const writeByteCount = (pdu: Uint8Array): number => pdu[5] ?? 0;

export function encodeException(requestPdu: Uint8Array, code: ExceptionCode): Uint8Array {
  return Uint8Array.of((requestPdu[0] ?? 0) | EXCEPTION_FLAG, code);
}

/** Reads the answer to `request`. Throws {@link ModbusFrameError} when it is none. */
export function parseResponse(request: ModbusRequest, pdu: Uint8Array): ModbusResponse {
  const expected = functionCode(request);
  const code = pdu[0];
  if (code === (expected | EXCEPTION_FLAG)) {
    const exception = pdu[1];
    if (pdu.length !== 2 || exception === undefined)
      throw new ModbusFrameError("an exception response must have two bytes");
    return { kind: "exception", code: exception };
  }
  if (code !== expected) throw new ModbusFrameError(`asked with function ${expected}, answered with ${code}`);
  if (request.operation === "read") {
    const bytes = cellBytes(request.table, request.quantity);
    if (pdu[1] !== bytes || pdu.length !== 2 + bytes) {
      throw new ModbusFrameError(`asked for ${bytes} bytes of data, got ${pdu.length - 2}`);
    }
    return { kind: "cells", cells: unpackCells(request.table, pdu.subarray(2), request.quantity) };
  }
  const echo = encodeRequest(request).subarray(0, 5);
  if (pdu.length !== 5 || !echo.every((byte, index) => pdu[index] === byte)) {
    throw new ModbusFrameError("the answer to a write does not repeat the request");
  }
  return { kind: "written" };
}

const word = (value: number): readonly [number, number] => [(value >>> 8) & 0xff, value & 0xff];
const wordAt = (bytes: Uint8Array, offset: number): number =>
  ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);

const cellBytes = (table: ModbusTable, quantity: number): number =>
  isBitTable(table) ? Math.ceil(quantity / 8) : quantity * 2;

/** Bits travel eight to a byte, the lowest address in the lowest bit (6.1). */
function packCells(table: ModbusTable, cells: readonly number[]): Uint8Array {
  if (!isBitTable(table)) return Uint8Array.from(cells.flatMap(word));
  const bytes = new Uint8Array(Math.ceil(cells.length / 8));
  cells.forEach((cell, index) => {
    if (cell !== 0) bytes[index >>> 3] = (bytes[index >>> 3] ?? 0) | (1 << (index & 7));
  });
  return bytes;
}

function unpackCells(table: ModbusTable, bytes: Uint8Array, quantity: number): readonly number[] {
  return Array.from({ length: quantity }, (_, index) =>
    isBitTable(table) ? ((bytes[index >>> 3] ?? 0) >>> (index & 7)) & 1 : wordAt(bytes, index * 2),
  );
}
