/**
 * The edge node's side of a Sparkplug session (chapters 5.4 to 5.10, 6.4.19 to 6.4.25), as a pure function.
 *
 * ```
 *  offline ──connect──> connecting ──connected──> subscribing ──subscribed──> waiting ──STATE online──> birthing
 *     ^                                                             └─(no primary host)──────────────────^  │ birth
 *     └──────── connection-lost, stop, primary host offline ────────────────────────────────── online <────┘
 *                                                                       rebirth command: online ──> birthing
 * ```
 *
 * An adapter around an MQTT client keeps the state, feeds inputs and carries effects out in the order given:
 *
 * | effect         | the adapter                                                                                  |
 * | -------------- | -------------------------------------------------------------------------------------------- |
 * | `connect`      | connects (MQTT 3.1.1, clean session, `will`), stores `bdSeq` durably, then feeds `connected`   |
 * | `subscribe`    | subscribes, then feeds `subscribed`                                                           |
 * | `birth-needed` | gathers what the node and its devices are now and feeds `birth`; sends no `data` before       |
 * | `publish`      | publishes                                                                                     |
 * | `command`      | acts on it (`readCommand`); a rebirth in it has been dealt with                               |
 * | `disconnect`   | sends DISCONNECT once what was published has gone out; connects again when `again` is true,   |
 * |                | to the next server if it has several                                                          |
 * | `not-sent`     | keeps what it wanted to send: the outbox has it                                               |
 * | `malformed`    | counts and logs it                                                                            |
 *
 * It also feeds `message` for everything received, `connection-lost` when the link is gone, and with several servers
 * `host-silent` when the primary host has said nothing on this one for as long as the adapter waits. The state is immutable.
 * Aliases are the session's business: births and data are passed in with names and datatypes.
 */
import {
  type CampusId,
  DataType,
  type DeviceId,
  type NodeId,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { BD_SEQ, REBIRTH } from "./commands.ts";
import { decodePayload } from "./decode.ts";
import {
  type EdgeAliases,
  NO_ALIASES,
  withDeviceAliases,
  withNames,
  withNobodyBorn,
  withNodeAliases,
} from "./edge-aliases.ts";
import { encodePayload } from "./encode.ts";
import { type HostState, readState } from "./host-state.ts";
import type { Metric, Payload } from "./payload.ts";
import type { DecodeError } from "./protobuf-reader.ts";
import type { Publication, Subscription } from "./publication.ts";
import { commandTopics, type DeviceMessageType, formatTopic, type HostId, parseTopic } from "./topics.ts";

export interface EdgeSessionOptions {
  readonly campus: CampusId;
  readonly node: NodeId;
  /** The host whose STATE decides whether this node is in session; absent: none is waited for. */
  readonly primaryHost?: HostId;
  /** Brokers to choose from. With several, one whose primary host is offline or silent is left for the next; 1 unless said. */
  readonly servers?: number;
  /**
   * For the next CONNECT: one more than the last that was used, kept over restarts so that the will of a session before
   * the restart is never taken for this one's. 0 for a node that never connected.
   */
  readonly bdSeq?: number;
}

export type EdgePhase = "offline" | "connecting" | "subscribing" | "waiting" | "birthing" | "online";

export interface EdgeSession {
  readonly options: EdgeSessionOptions;
  readonly phase: EdgePhase;
  /** Of the present CONNECT, or of the next one when offline. */
  readonly bdSeq: number;
  /** Of the next message. */
  readonly seq: number;
  /** The newest STATE of the primary host in this MQTT session. */
  readonly host: HostState | undefined;
  readonly aliases: EdgeAliases;
}

/** A birth's metrics: every metric it will ever send, with name, datatype and value or null. Aliases are added here. */
export interface DeviceBirth {
  readonly device: DeviceId;
  readonly metrics: readonly Metric[];
}

export type EdgeInput =
  | { readonly kind: "connect" }
  | { readonly kind: "connected" }
  | { readonly kind: "subscribed" }
  | {
      readonly kind: "connection-lost";
      /** The CONNECT never left, as when nobody listens at the address: the next one bears the same bdSeq. */
      readonly unsent?: boolean;
    }
  | { readonly kind: "host-silent" }
  | { readonly kind: "message"; readonly topic: string; readonly payload: Uint8Array }
  | {
      readonly kind: "birth";
      readonly time: Timestamp;
      /** The node's own metrics and all template definitions; bdSeq and Node Control/Rebirth are added here. */
      readonly metrics: readonly Metric[];
      readonly devices: readonly DeviceBirth[];
    }
  | { readonly kind: "device-birth"; readonly time: Timestamp; readonly birth: DeviceBirth }
  | { readonly kind: "device-death"; readonly time: Timestamp; readonly device: DeviceId }
  | {
      readonly kind: "data";
      readonly time: Timestamp;
      /** Absent for the node's own. */
      readonly device?: DeviceId;
      readonly metrics: readonly Metric[];
    }
  | { readonly kind: "stop" };

export type EdgeEffect =
  | { readonly kind: "connect"; readonly will: Publication; readonly bdSeq: number }
  | { readonly kind: "subscribe"; readonly subscriptions: readonly Subscription[] }
  | { readonly kind: "birth-needed"; readonly why: "session" | "rebirth" }
  | { readonly kind: "publish"; readonly publication: Publication }
  | { readonly kind: "command"; readonly device?: DeviceId; readonly payload: Payload }
  | { readonly kind: "disconnect"; readonly again: boolean }
  | { readonly kind: "not-sent"; readonly device?: DeviceId; readonly why: NotSent }
  | { readonly kind: "malformed"; readonly topic: string; readonly error?: DecodeError };

/**
 * not-in-session: births have not gone out · device-not-born: its DBIRTH has not gone out, or its DDEATH has ·
 * undeclared: a metric that the birth did not have; the node or device has to be born anew with it.
 */
export type NotSent = "not-in-session" | "device-not-born" | "undeclared";

export interface EdgeStep {
  readonly state: EdgeSession;
  readonly effects: readonly EdgeEffect[];
}

/** bdSeq and seq run from 0 to 255 and begin again. */
const SEQUENCE_MODULUS = 256;
const following = (number: number): number => (number + 1) % SEQUENCE_MODULUS;

export function edgeSession(options: EdgeSessionOptions): EdgeSession {
  const bdSeq = (options.bdSeq ?? 0) % SEQUENCE_MODULUS;
  return { options, phase: "offline", bdSeq, seq: 0, host: undefined, aliases: NO_ALIASES };
}

export function stepEdgeSession(state: EdgeSession, input: EdgeInput): EdgeStep {
  switch (input.kind) {
    case "connect":
      return connect(state);
    case "connected":
      return connected(state);
    case "subscribed":
      return subscribed(state);
    case "connection-lost":
      return { state: connectionLost(state, input.unsent === true), effects: [] };
    case "host-silent":
      return state.phase === "waiting" && severalServers(state) ? leave(state, true) : unchanged(state);
    case "message":
      return message(state, input.topic, input.payload);
    case "birth":
      return birth(state, input.time, input.metrics, input.devices);
    case "device-birth":
      return deviceBirth(state, input.time, input.birth);
    case "device-death":
      return deviceDeath(state, input.time, input.device);
    case "data":
      return data(state, input.time, input.device, input.metrics);
    case "stop":
      return leave(state, false);
  }
}

const unchanged = (state: EdgeSession): EdgeStep => ({ state, effects: [] });

const severalServers = ({ options }: EdgeSession): boolean => (options.servers ?? 1) > 1;

function connectionLost(state: EdgeSession, unsent: boolean): EdgeSession {
  if (state.phase === "offline") return state;
  const next = offline(state);
  return unsent && state.phase === "connecting" ? { ...next, bdSeq: state.bdSeq } : next;
}

/** The next CONNECT has a bdSeq of its own [tck-id-topics-nbirth-bdseq-increment]. */
function offline(state: EdgeSession): EdgeSession {
  return {
    ...state,
    phase: "offline",
    bdSeq: following(state.bdSeq),
    host: undefined,
    aliases: withNobodyBorn(state.aliases),
  };
}

function connect(state: EdgeSession): EdgeStep {
  if (state.phase !== "offline") return unchanged(state);
  return {
    state: { ...state, phase: "connecting" },
    effects: [{ kind: "connect", will: deathCertificate(state), bdSeq: state.bdSeq }],
  };
}

/** NDEATH: bdSeq and nothing else, no seq, QoS 1, not retained [tck-id-topics-ndeath-payload, tck-id-topics-ndeath-seq]. */
function deathCertificate({ options, bdSeq }: EdgeSession): Publication {
  const { campus, node } = options;
  const topic = formatTopic({ type: "NDEATH", address: { campus, node } });
  return { topic, payload: encodePayload({ metrics: [bdSeqMetric(bdSeq)] }), qos: 1, retain: false };
}

const bdSeqMetric = (bdSeq: number): Metric => ({ name: BD_SEQ, datatype: DataType.Int64, value: bdSeq });

function connected(state: EdgeSession): EdgeStep {
  if (state.phase !== "connecting") return unchanged(state);
  const { campus, node, primaryHost } = state.options;
  const filters = [...commandTopics(campus, node)];
  if (primaryHost !== undefined) filters.push(formatTopic({ type: "STATE", host: primaryHost }));
  const subscriptions = filters.map((filter): Subscription => ({ filter, qos: 1 }));
  return { state: { ...state, phase: "subscribing" }, effects: [{ kind: "subscribe", subscriptions }] };
}

function subscribed(state: EdgeSession): EdgeStep {
  if (state.phase !== "subscribing") return unchanged(state);
  const waiting: EdgeSession = { ...state, phase: "waiting" };
  if (state.options.primaryHost === undefined) return needBirth(waiting, "session");
  // A retained STATE may have come with the subscription, before its acknowledgement.
  return state.host === undefined ? unchanged(waiting) : hostSaid(waiting, state.host);
}

function needBirth(state: EdgeSession, why: "session" | "rebirth"): EdgeStep {
  return { state: { ...state, phase: "birthing" }, effects: [{ kind: "birth-needed", why }] };
}

function message(state: EdgeSession, topicText: string, payload: Uint8Array): EdgeStep {
  const topic = parseTopic(topicText);
  if (topic?.type === "STATE") {
    if (topic.host !== state.options.primaryHost) return unchanged(state);
    const host = readState(payload);
    if (host === undefined) return { state, effects: [{ kind: "malformed", topic: topicText }] };
    // An older timestamp is the late will of a session that has been replaced.
    if (state.host !== undefined && host.timestamp < state.host.timestamp) return unchanged(state);
    return hostSaid({ ...state, host }, host);
  }
  if (topic?.type !== "NCMD" && topic?.type !== "DCMD") return unchanged(state);
  const { campus, node } = topic.address;
  if (campus !== state.options.campus || node !== state.options.node) return unchanged(state);
  const decoded = decodePayload(payload);
  if (!decoded.ok) return { state, effects: [{ kind: "malformed", topic: topicText, error: decoded.error }] };
  if (topic.type === "DCMD") {
    const { device } = topic.address;
    const named = withNames(state.aliases.devices.get(device), decoded.payload);
    return { state, effects: [{ kind: "command", device, payload: named }] };
  }
  const command: EdgeEffect = { kind: "command", payload: withNames(state.aliases.node, decoded.payload) };
  const rebirth = decoded.payload.metrics.some(({ name, value }) => name === REBIRTH && value === true);
  if (!rebirth || state.phase !== "online") return { state, effects: [command] };
  const reborn = needBirth(state, "rebirth");
  return { state: reborn.state, effects: [command, ...reborn.effects] };
}

function hostSaid(state: EdgeSession, host: HostState): EdgeStep {
  switch (state.phase) {
    case "waiting":
      if (host.online) return needBirth(state, "session");
      return severalServers(state) ? leave(state, true) : unchanged(state);
    case "birthing":
    case "online":
      return host.online ? unchanged(state) : leave(state, true);
    default:
      return unchanged(state);
  }
}

/** An intended end: NDEATH, then DISCONNECT [tck-id-operational-behavior-edge-node-intentional-disconnect-ndeath]. */
function leave(state: EdgeSession, again: boolean): EdgeStep {
  if (state.phase === "offline") return unchanged(state);
  const effects: EdgeEffect[] = [{ kind: "disconnect", again }];
  if (state.phase !== "connecting") {
    effects.unshift({ kind: "publish", publication: deathCertificate(state) });
  }
  return { state: offline(state), effects };
}

function birth(
  state: EdgeSession,
  time: Timestamp,
  metrics: readonly Metric[],
  devices: readonly DeviceBirth[],
): EdgeStep {
  if (state.phase !== "birthing" && state.phase !== "online") {
    return { state, effects: [{ kind: "not-sent", why: "not-in-session" }] };
  }
  const { campus, node } = state.options;
  const rebirth: Metric = { name: REBIRTH, datatype: DataType.Boolean, value: false };
  const named = withNodeAliases(state.aliases, chronological([bdSeqMetric(state.bdSeq), ...metrics], time));
  // Never with an alias [tck-id-operational-behavior-data-commands-rebirth-name-aliases].
  const all = chronological([rebirth, ...named.metrics], time);
  const payload = encodePayload({ timestamp: time, metrics: all, seq: 0 });
  const topic = formatTopic({ type: "NBIRTH", address: { campus, node } });
  const effects: EdgeEffect[] = [{ kind: "publish", publication: { topic, payload, qos: 0, retain: false } }];
  let next: EdgeSession = { ...state, phase: "online", seq: 1, aliases: named.aliases };
  for (const each of devices) {
    const step = deviceBirth(next, time, each);
    next = step.state;
    effects.push(...step.effects);
  }
  return { state: next, effects };
}

function deviceBirth(state: EdgeSession, time: Timestamp, { device, metrics }: DeviceBirth): EdgeStep {
  if (state.phase !== "online") {
    return { state, effects: [{ kind: "not-sent", device, why: "not-in-session" }] };
  }
  const named = withDeviceAliases(state.aliases, device, chronological(metrics, time));
  const payload = encodePayload({ timestamp: time, metrics: named.metrics, seq: state.seq });
  const born: EdgeSession = { ...state, aliases: named.aliases };
  return send(born, "DBIRTH", device, payload);
}

function deviceDeath(state: EdgeSession, time: Timestamp, device: DeviceId): EdgeStep {
  const refused = unready(state, device);
  if (refused !== undefined) return { state, effects: [{ kind: "not-sent", device, why: refused }] };
  const devices = new Map(state.aliases.devices);
  devices.delete(device);
  const dead: EdgeSession = { ...state, aliases: { ...state.aliases, devices } };
  return send(dead, "DDEATH", device, encodePayload({ timestamp: time, metrics: [], seq: state.seq }));
}

function data(
  state: EdgeSession,
  time: Timestamp,
  device: DeviceId | undefined,
  metrics: readonly Metric[],
): EdgeStep {
  const why = unready(state, device);
  if (why !== undefined) return { state, effects: [notSent(device, why)] };
  const scope = device === undefined ? state.aliases.node : state.aliases.devices.get(device);
  const aliased: Metric[] = [];
  for (const metric of chronological(metrics, time)) {
    const alias = scope?.get(metric.name ?? "");
    if (alias === undefined) return { state, effects: [notSent(device, "undeclared")] };
    aliased.push({ ...metric, alias });
  }
  const payload = encodePayload({ timestamp: time, metrics: aliased, seq: state.seq }, { compact: true });
  if (device !== undefined) return send(state, "DDATA", device, payload);
  const { campus, node } = state.options;
  const topic = formatTopic({ type: "NDATA", address: { campus, node } });
  return published(state, { topic, payload, qos: 0, retain: false });
}

function unready(state: EdgeSession, device: DeviceId | undefined): NotSent | undefined {
  if (state.phase !== "online") return "not-in-session";
  return device === undefined || state.aliases.devices.has(device) ? undefined : "device-not-born";
}

function notSent(device: DeviceId | undefined, why: NotSent): EdgeEffect {
  return device === undefined ? { kind: "not-sent", why } : { kind: "not-sent", device, why };
}

/**
 * Values go in the order of their times [tck-id-operational-behavior-data-publish-nbirth-order], and every metric has one
 * [tck-id-payloads-name-birth-data-requirement]: what has none of its own (bdSeq, definitions) stands first and takes
 * the oldest.
 */
function chronological(metrics: readonly Metric[], now: Timestamp): readonly Metric[] {
  let ordered = true;
  let oldest = now;
  let before = Number.NEGATIVE_INFINITY;
  for (const { timestamp } of metrics) {
    if (timestamp === undefined || timestamp < before) ordered = false;
    before = timestamp ?? before;
    oldest = Math.min(oldest, timestamp ?? oldest);
  }
  if (ordered) return metrics;
  const timed = metrics.map((metric) => ({ ...metric, timestamp: metric.timestamp ?? oldest }));
  return timed.toSorted((a, b) => a.timestamp - b.timestamp);
}

function send(state: EdgeSession, type: DeviceMessageType, device: DeviceId, payload: Uint8Array): EdgeStep {
  const { campus, node } = state.options;
  const topic = formatTopic({ type, address: { campus, node, device } });
  return published(state, { topic, payload, qos: 0, retain: false });
}

/** seq counts all messages of the node and its devices [tck-id-payloads-sequence-num-incrementing]. */
function published(state: EdgeSession, publication: Publication): EdgeStep {
  return { state: { ...state, seq: following(state.seq) }, effects: [{ kind: "publish", publication }] };
}
