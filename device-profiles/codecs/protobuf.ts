/**
 * The wire format of Protocol Buffers (protobuf.dev, “Encoding”), as far as messages of others need it: fields one by
 * one, without a schema. Groups, which proto3 does not have, are refused.
 */
export class ProtobufError extends Error {
  override readonly name = "ProtobufError";
}

/** A varint as its 64 bits without a sign; everything else as its bytes: a text, a message, a fixed-width number. */
export type WireValue = bigint | Uint8Array;

const VARINT_BYTES_MAX = 10;
const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };
const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** Field numbers and values in the order in which they stand. Throws {@link ProtobufError} where the message breaks. */
export function* protobufFields(message: Uint8Array): Generator<readonly [field: number, value: WireValue]> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let i = 0; i < VARINT_BYTES_MAX; i += 1) {
      const byte = message[at];
      if (byte === undefined) throw new ProtobufError("the message ends inside a number");
      at += 1;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError(`a number of more than ${VARINT_BYTES_MAX} bytes`);
  };
  while (at < message.length) {
    const tag = varint();
    const field = Number(tag >> 3n);
    const wireType = Number(tag & 7n);
    if (field === 0) throw new ProtobufError("a field without a number");
    if (wireType === VARINT) {
      yield [field, varint()];
      continue;
    }
    const length = wireType === LENGTH_DELIMITED ? Number(varint()) : FIXED_BYTES[wireType];
    if (length === undefined) throw new ProtobufError(`wire type ${wireType}`);
    if (length > message.length - at) throw new ProtobufError("the message ends inside a field");
    yield [field, message.subarray(at, at + length)];
    at += length;
  }
}

/** Of a field that is told several times the last one counts, as everywhere in Protocol Buffers. */
export function protobufMessage(message: Uint8Array): ReadonlyMap<number, WireValue> {
  return new Map(protobufFields(message));
}

/** `int32`, `int64`, `uint32`, `bool`; zero where the field is absent. */
export function integerOf(value: WireValue | undefined): number {
  if (value === undefined) return 0;
  if (typeof value !== "bigint") throw new ProtobufError("bytes where a number belongs");
  return Number(BigInt.asIntN(64, value));
}

/** `float`; zero where the field is absent. */
export function floatOf(value: WireValue | undefined): number {
  if (value === undefined) return 0;
  if (typeof value === "bigint" || value.length !== 4) throw new ProtobufError("no four bytes of a float");
  return new DataView(value.buffer, value.byteOffset, 4).getFloat32(0, true);
}

/** `bytes` or a message; empty where the field is absent. */
export function bytesOf(value: WireValue | undefined): Uint8Array {
  if (value === undefined) return new Uint8Array();
  if (typeof value === "bigint") throw new ProtobufError("a number where bytes belong");
  return value;
}

/** `string`; empty where the field is absent. */
export function textOf(value: WireValue | undefined): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(value));
  } catch (error) {
    if (error instanceof ProtobufError) throw error;
    throw new ProtobufError("a text that is not UTF-8");
  }
}

/** A message of these fields. Numbers are not negative. */
export function encodeProtobuf(
  fields: readonly (readonly [field: number, value: number | Uint8Array])[],
): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(([field, value]) =>
      typeof value === "number"
        ? [...varintBytes(field * 8 + VARINT), ...varintBytes(value)]
        : [...varintBytes(field * 8 + LENGTH_DELIMITED), ...varintBytes(value.length), ...value],
    ),
  );
}

function varintBytes(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 0x80)) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest % 0x80) + 0x80);
  }
}
