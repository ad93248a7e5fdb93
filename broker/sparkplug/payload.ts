/**
 * The Sparkplug B payload (specification 3.0, chapter 6.4) as TypeScript sees it.
 * 64-bit integers are numbers where that is exact and `bigint` where it is not.
 */
import type { DataType } from "@campus-ops/device-profiles/vocabulary";

export interface Payload {
  /** Milliseconds since the Unix epoch, UTC: when the message was sent. */
  readonly timestamp?: number;
  readonly metrics: readonly Metric[];
  /** 0 to 255; absent in NDEATH and in commands. */
  readonly seq?: number;
  readonly uuid?: string;
  readonly body?: Uint8Array;
}

export interface Metric {
  readonly name?: string;
  readonly alias?: number;
  /** Milliseconds since the Unix epoch, UTC: when the value was true (event time). */
  readonly timestamp?: number;
  /** Present in births; DATA may leave it out, then the alias table knows. */
  readonly datatype?: DataType;
  readonly isHistorical?: boolean;
  readonly isTransient?: boolean;
  readonly metadata?: MetaData;
  readonly properties?: PropertySet;
  /** `null` travels as `is_null`. */
  readonly value: MetricValue;
}

export type Scalar = boolean | number | bigint | string | null;

export type MetricValue =
  | Scalar
  | Uint8Array
  | DataSet
  | Template
  | readonly number[]
  | readonly (number | bigint)[]
  | readonly boolean[]
  | readonly string[];

export interface MetaData {
  readonly isMultiPart?: boolean;
  readonly contentType?: string;
  readonly size?: number;
  readonly seq?: number;
  readonly fileName?: string;
  readonly fileType?: string;
  readonly md5?: string;
  readonly description?: string;
}

export interface DataSet {
  readonly kind: "dataset";
  readonly columns: readonly string[];
  readonly types: readonly DataType[];
  readonly rows: readonly (readonly Scalar[])[];
}

export interface Template {
  readonly kind: "template";
  readonly version?: string;
  /** The name of the definition that this is an instance of; absent in a definition. */
  readonly templateRef?: string;
  readonly isDefinition?: boolean;
  readonly metrics: readonly Metric[];
  readonly parameters?: readonly TemplateParameter[];
}

export interface TemplateParameter {
  readonly name: string;
  readonly type: DataType;
  readonly value: Scalar;
}

export type PropertySet = Readonly<Record<string, PropertyValue>>;

export interface PropertyValue {
  readonly type: DataType;
  readonly value: Scalar | PropertySet | readonly PropertySet[];
}
