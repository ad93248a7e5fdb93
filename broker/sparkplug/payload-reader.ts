/** What the parts of the decoder share: bounds, scalar fields, and the agreement of value and datatype. */
import { DataType } from "@campus-ops/device-profiles/vocabulary";
import { interpret } from "./interpretation.ts";
import type { MetricValue, Scalar } from "./payload.ts";
import { ProtobufReader } from "./protobuf-reader.ts";
import type { ScalarTags } from "./wire.ts";

/** Templates in templates, property sets in property sets. */
export const NESTING_DEPTH_MAX = 8;
/** Metrics, properties, parameters and cells of one payload together: an empty one takes two bytes to send. */
export const ELEMENTS_MAX = 131_072;

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A protobuf reader that counts what it has made and how deep it is. */
export class PayloadReader extends ProtobufReader {
  #elements = 0;
  #depth = 0;

  element(): void {
    this.#elements += 1;
    if (this.#elements > ELEMENTS_MAX) this.fail("too-many", `more than ${ELEMENTS_MAX} metrics and cells`);
  }

  enter(): void {
    this.#depth += 1;
    if (this.#depth > NESTING_DEPTH_MAX) this.fail("too-deep", `more than ${NESTING_DEPTH_MAX} levels`);
  }

  leave(): void {
    this.#depth -= 1;
  }
}

export const UNKNOWN: DataType = DataType.Unknown;

/** Makes value and datatype agree; see `decode.ts`. */
export function agree(raw: MetricValue, datatype: number): { value: MetricValue; datatype: DataType } {
  if (datatype > DataType.DateTimeArray) return { value: raw, datatype: UNKNOWN };
  const known = datatype as DataType;
  const value = interpret(raw, known);
  return value === undefined ? { value: raw, datatype: UNKNOWN } : { value, datatype: known };
}

/** A scalar field of a property, a parameter or a cell; undefined, with nothing read, when the tag is none of them. */
export function readScalar(reader: PayloadReader, tag: number, tags: ScalarTags): Scalar | undefined {
  switch (tag) {
    case tags.int:
      return reader.uint32();
    case tags.long:
      return reader.uint64();
    case tags.float:
      return reader.float();
    case tags.double:
      return reader.double();
    case tags.boolean:
      return reader.bool();
    case tags.string:
      return reader.string();
    default:
      return undefined;
  }
}

export function agreeScalar(raw: Scalar, datatype: number): { value: Scalar; datatype: DataType } {
  const { value, datatype: agreed } = agree(raw, datatype);
  return typeof value === "object" && value !== null
    ? { value: raw, datatype: UNKNOWN }
    : { value, datatype: agreed };
}
