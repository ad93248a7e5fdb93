/**
 * Bytes to payload. Hostile bytes give a typed error, take bounded memory and never throw.
 *
 * Tolerance, where the specification leaves room or peers need it:
 * - unknown fields, and known fields in a wire type they do not have, are skipped; the last of a repeated scalar counts;
 * - a datatype that 3.0 does not know, or one that the value cannot be, becomes `Unknown` with the value as it came, so
 *   that in a decoded payload value and datatype always agree and one odd metric does not cost the others;
 * - a metric without a value is null;
 * - a metric without a datatype keeps its value raw (see `interpretation.ts`) until an alias table interprets it.
 */
import { readDataSet } from "./decode-dataset.ts";
import { readMetaData, readPropertySet } from "./decode-properties.ts";
import type { Metric, MetricValue, Payload, Scalar, Template, TemplateParameter } from "./payload.ts";
import { agree, agreeScalar, type Mutable, PayloadReader, readScalar, UNKNOWN } from "./payload-reader.ts";
import { type DecodeError, DecodeFailure } from "./protobuf-reader.ts";
import { METRIC, METRIC_SCALARS, PARAMETER, PARAMETER_SCALARS, PAYLOAD, TEMPLATE } from "./wire.ts";

export const PAYLOAD_BYTES_MAX = 1024 * 1024;

export type DecodeResult =
  | { readonly ok: true; readonly payload: Payload }
  | { readonly ok: false; readonly error: DecodeError };

export function decodePayload(bytes: Uint8Array): DecodeResult {
  if (bytes.length > PAYLOAD_BYTES_MAX) {
    const message = `a payload of ${bytes.length} bytes; ${PAYLOAD_BYTES_MAX} are allowed`;
    return { ok: false, error: { kind: "too-large", offset: 0, message } };
  }
  try {
    return { ok: true, payload: readPayload(new PayloadReader(bytes)) };
  } catch (failure) {
    if (!(failure instanceof DecodeFailure)) throw failure;
    const { kind, offset, message } = failure;
    return { ok: false, error: { kind, offset, message } };
  }
}

function readPayload(reader: PayloadReader): Payload {
  const metrics: Metric[] = [];
  const payload: Mutable<Payload> = { metrics };
  const end = reader.length;
  while (reader.position < end) {
    const tag = reader.uint32();
    switch (tag) {
      case PAYLOAD.metrics:
        metrics.push(readMetric(reader));
        break;
      case PAYLOAD.timestamp:
        payload.timestamp = reader.safeInteger("the payload's timestamp");
        break;
      case PAYLOAD.seq:
        payload.seq = reader.safeInteger("seq");
        break;
      case PAYLOAD.uuid:
        payload.uuid = reader.string();
        break;
      case PAYLOAD.body:
        payload.body = reader.bytes();
        break;
      default:
        reader.skip(tag);
    }
  }
  return payload;
}

/** One metric, from its length on. The fields that DATA is made of come first: this loop is the codec's hot path. */
function readMetric(reader: PayloadReader): Metric {
  reader.element();
  const end = reader.delimited();
  let name: string | undefined;
  let alias: number | undefined;
  let timestamp: number | undefined;
  let datatype: number | undefined;
  let rare: RareFields | undefined;
  let value: MetricValue = null;
  let isNull = false;
  while (reader.position < end) {
    const tag = reader.uint32();
    switch (tag) {
      case METRIC.alias:
        alias = reader.safeInteger("an alias");
        break;
      case METRIC.timestamp:
        timestamp = reader.safeInteger("a metric's timestamp");
        break;
      case METRIC_SCALARS.int:
        value = reader.uint32();
        break;
      case METRIC_SCALARS.long:
        value = reader.uint64();
        break;
      case METRIC_SCALARS.float:
        value = reader.float();
        break;
      case METRIC_SCALARS.double:
        value = reader.double();
        break;
      case METRIC_SCALARS.boolean:
        value = reader.bool();
        break;
      case METRIC_SCALARS.string:
        // Texts in data are states, most of them, and a state has few values.
        value = reader.name();
        break;
      case METRIC.name:
        name = reader.name();
        break;
      case METRIC.datatype:
        datatype = reader.uint32();
        break;
      case METRIC.isNull:
        isNull = reader.bool();
        break;
      case METRIC.bytes:
        value = reader.bytes();
        break;
      case METRIC.dataset:
        value = readDataSet(reader);
        break;
      case METRIC.template:
        value = readTemplate(reader);
        break;
      default:
        rare = readRare(reader, tag, rare);
    }
  }
  reader.finish(end);
  if (isNull) value = null;
  if (rare === undefined && timestamp !== undefined) {
    // Objects made at once are smaller and faster than objects that grow.
    if (name === undefined && datatype === undefined && alias !== undefined)
      return { alias, timestamp, value };
    if (name !== undefined && datatype === undefined && alias === undefined)
      return { name, timestamp, value };
  }
  const typed = datatype === undefined ? undefined : agree(value, datatype);
  if (rare === undefined && timestamp !== undefined && name !== undefined && typed !== undefined) {
    return alias === undefined
      ? { name, timestamp, datatype: typed.datatype, value: typed.value }
      : { name, alias, timestamp, datatype: typed.datatype, value: typed.value };
  }
  const metric: Mutable<Metric> = { value: typed === undefined ? value : typed.value };
  if (name !== undefined) metric.name = name;
  if (alias !== undefined) metric.alias = alias;
  if (timestamp !== undefined) metric.timestamp = timestamp;
  if (typed !== undefined) metric.datatype = typed.datatype;
  return rare === undefined ? metric : Object.assign(metric, rare);
}

type RareFields = Mutable<Pick<Metric, "isHistorical" | "isTransient" | "metadata" | "properties">>;

function readRare(
  reader: PayloadReader,
  tag: number,
  before: RareFields | undefined,
): RareFields | undefined {
  const rare = before ?? {};
  switch (tag) {
    case METRIC.isHistorical:
      rare.isHistorical = reader.bool();
      return rare;
    case METRIC.isTransient:
      rare.isTransient = reader.bool();
      return rare;
    case METRIC.properties:
      rare.properties = readPropertySet(reader);
      return rare;
    case METRIC.metadata:
      rare.metadata = readMetaData(reader);
      return rare;
    default:
      reader.skip(tag);
      return before;
  }
}

function readTemplate(reader: PayloadReader): Template {
  reader.enter();
  const end = reader.delimited();
  const metrics: Metric[] = [];
  const parameters: TemplateParameter[] = [];
  const template: Mutable<Template> = { kind: "template", metrics };
  while (reader.position < end) {
    const tag = reader.uint32();
    switch (tag) {
      case TEMPLATE.version:
        template.version = reader.string();
        break;
      case TEMPLATE.metrics:
        metrics.push(readMetric(reader));
        break;
      case TEMPLATE.parameters:
        parameters.push(readParameter(reader));
        template.parameters = parameters;
        break;
      case TEMPLATE.templateRef:
        template.templateRef = reader.string();
        break;
      case TEMPLATE.isDefinition:
        template.isDefinition = reader.bool();
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.finish(end);
  reader.leave();
  return template;
}

function readParameter(reader: PayloadReader): TemplateParameter {
  reader.element();
  const end = reader.delimited();
  let name = "";
  let type: number = UNKNOWN;
  let raw: Scalar = null;
  while (reader.position < end) {
    const tag = reader.uint32();
    if (tag === PARAMETER.name) name = reader.string();
    else if (tag === PARAMETER.type) type = reader.uint32();
    else {
      const scalar = readScalar(reader, tag, PARAMETER_SCALARS);
      if (scalar === undefined) reader.skip(tag);
      else raw = scalar;
    }
  }
  reader.finish(end);
  const { value, datatype } = agreeScalar(raw, type);
  return { name, type: datatype, value };
}
