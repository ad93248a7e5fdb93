/**
 * Commands: NCMD to an edge node, DCMD to one of its devices. QoS 0, not retained, no seq (chapter 5.15).
 *
 * Ours are ordinary writes of a metric, so that any Sparkplug host can command our devices. A host of ours adds an id in
 * a metric of its own, and hears what became of the command in a `Command/Result` event with that id.
 */
import {
  type Address,
  DataType,
  type MetricName,
  metricDefinition,
  type SampleValue,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { encodePayload } from "./encode.ts";
import { type Acknowledgement, acknowledgementMetric, HANDOFF_ACK, readAcknowledgement } from "./handoff.ts";
import { interpret } from "./interpretation.ts";
import {
  type Dispute,
  disputeMetric,
  HANDOFF_DISPUTE,
  HANDOFF_RECALL,
  HANDOFF_TWIN,
  readDispute,
  readTwin,
  recallMetric,
  twinMetric,
} from "./outbox-account.ts";
import type { Metric } from "./payload.ts";
import { PICTURE_PREFIX, PICTURE_REQUEST, type PictureRequest, readPictureRequest } from "./pictures.ts";
import type { Publication } from "./publication.ts";
import { formatTopic } from "./topics.ts";

export const BD_SEQ = "bdSeq";
export const REBIRTH = "Node Control/Rebirth";
/** In DCMD and NCMD: String, the id under which the outcome is reported. */
export const COMMAND_ID = "Command/Id";

export interface WriteCommand {
  /** Absent in the command of a host that is not ours. */
  readonly id?: string;
  readonly metric: MetricName;
  readonly value: SampleValue;
}

export interface ReadCommand {
  readonly rebirth: boolean;
  readonly acknowledgements: readonly Acknowledgement[];
  /** The host holds numbers of an epoch that this edge node never sent. */
  readonly dispute?: Dispute;
  /** What the host had confirmed and has lost. */
  readonly recall?: Acknowledgement;
  /** The epochs of the edge nodes that take turns under one identity. */
  readonly twin?: readonly number[];
  /** A picture of one of the node's cameras is wanted. */
  readonly picture?: PictureRequest;
  readonly writes: readonly WriteCommand[];
  /** Names that are not in the dictionary, cannot be written, or came with a value of another type. */
  readonly refused: readonly string[];
}

type NodeAddress = Pick<Address, "campus" | "node">;

/** Asks an edge node for its births [tck-id-operational-behavior-data-commands-ncmd-rebirth-value]. */
export function rebirthCommand({ campus, node }: NodeAddress, time: Timestamp): Publication {
  return command({ campus, node }, time, [
    { name: REBIRTH, timestamp: time, datatype: DataType.Boolean, value: true },
  ]);
}

/** Tells an edge node what the journal holds durably. */
export function acknowledgeCommand(
  { campus, node }: NodeAddress,
  acknowledgement: Acknowledgement,
  time: Timestamp,
): Publication {
  return command({ campus, node }, time, [acknowledgementMetric(acknowledgement)]);
}

/** Tells an edge node that what it numbers is somebody else's already. */
export function disputeCommand(
  { campus, node }: NodeAddress,
  dispute: Dispute,
  time: Timestamp,
): Publication {
  return command({ campus, node }, time, [disputeMetric(dispute)]);
}

/** Asks an edge node for what the host had confirmed and has lost. */
export function recallCommand(
  { campus, node }: NodeAddress,
  lost: Acknowledgement,
  time: Timestamp,
): Publication {
  return command({ campus, node }, time, [recallMetric(lost)]);
}

/** Tells an edge node that another one bears its identity. */
export function twinCommand(
  { campus, node }: NodeAddress,
  epochs: readonly number[],
  time: Timestamp,
): Publication {
  return command({ campus, node }, time, [twinMetric(epochs)]);
}

/** Writes a metric of a device, or of the node. Throws on a metric or value that the dictionary does not have. */
export function writeCommand(to: Address, write: WriteCommand, time: Timestamp): Publication {
  const definition = metricDefinition(write.metric);
  if (definition === undefined) throw new TypeError(`${write.metric} is not in the capability dictionary`);
  const { datatype } = definition;
  const metrics: Metric[] = [{ name: write.metric, timestamp: time, datatype, value: write.value }];
  if (write.id !== undefined) {
    metrics.push({ name: COMMAND_ID, timestamp: time, datatype: DataType.String, value: write.id });
  }
  return command(to, time, metrics);
}

function command(to: Address, time: Timestamp, metrics: readonly Metric[]): Publication {
  const { campus, node, device } = to;
  const topic =
    device === undefined
      ? formatTopic({ type: "NCMD", address: { campus, node } })
      : formatTopic({ type: "DCMD", address: { campus, node, device } });
  const payload = encodePayload({ timestamp: time, metrics }, { compact: true });
  return { topic, payload, qos: 0, retain: false };
}

/** Reads the metrics of an NCMD or DCMD that have their names. Never throws: what makes no sense is in `refused`. */
export function readCommand(metrics: readonly Metric[]): ReadCommand {
  const acknowledgements: Acknowledgement[] = [];
  const values: { metric: MetricName; value: SampleValue }[] = [];
  const refused: string[] = [];
  let rebirth = false;
  let id: string | undefined;
  let dispute: Dispute | undefined;
  let twin: readonly number[] | undefined;
  let recall: Acknowledgement | undefined;
  const picture = readPictureRequest(metrics);
  for (const metric of metrics) {
    const name = metric.name ?? `alias ${metric.alias ?? "of none"}`;
    if (name === REBIRTH) rebirth ||= metric.value === true;
    else if (name === COMMAND_ID && typeof metric.value === "string") id = metric.value;
    else if (name === HANDOFF_ACK) {
      const acknowledgement = readAcknowledgement(interpreted(metric, DataType.UInt64Array));
      if (acknowledgement === undefined) refused.push(name);
      else acknowledgements.push(acknowledgement);
    } else if (name === HANDOFF_DISPUTE) {
      dispute = readDispute(metric);
      if (dispute === undefined) refused.push(name);
    } else if (name === HANDOFF_RECALL) {
      recall = readAcknowledgement(interpreted(metric, DataType.UInt64Array));
      if (recall === undefined) refused.push(name);
    } else if (name === HANDOFF_TWIN) {
      twin = readTwin(metric);
      if (twin === undefined) refused.push(name);
    } else if (name.startsWith(PICTURE_PREFIX)) {
      if (name === PICTURE_REQUEST && picture === undefined) refused.push(name);
    } else {
      const definition = metricDefinition(name);
      const value = definition?.writable === true ? interpret(metric.value, definition.datatype) : undefined;
      if (value === undefined || (typeof value === "object" && value !== null)) refused.push(name);
      else values.push({ metric: name, value });
    }
  }
  const writes = id === undefined ? values : values.map((write) => ({ id, ...write }));
  const identity = {
    ...(dispute === undefined ? {} : { dispute }),
    ...(twin === undefined ? {} : { twin }),
    ...(recall === undefined ? {} : { recall }),
    ...(picture === undefined ? {} : { picture }),
  };
  return { rebirth, acknowledgements, ...identity, writes, refused };
}

/** A command leaves its datatypes out, so that an array is still bytes. */
function interpreted(metric: Metric, datatype: DataType): Metric {
  if (metric.datatype !== undefined) return metric;
  return { ...metric, value: interpret(metric.value, datatype) ?? null };
}
