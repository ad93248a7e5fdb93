/**
 * The topic namespace `spBv1.0` (specification 3.0, chapter 4): `spBv1.0/<group>/<type>/<edge node>[/<device>]` and
 * `spBv1.0/STATE/<host>`. The group is the campus.
 */
import { type Address, CampusId, DeviceId, ID_PATTERN, NodeId } from "@campus-ops/device-profiles/vocabulary";

export const NAMESPACE = "spBv1.0";
/** What a host subscribes to. */
export const ALL_TOPICS = `${NAMESPACE}/#`;

/** The host id of one campus, where each has a host of its own: a change of hands there is of no concern to the others. */
export const hostOfCampus = (host: HostId, campus: string): HostId => `${host}-${campus}`;

/** Filter of everything that the edge nodes of a campus (group) say. */
export const campusTopics = (campus: CampusId): string => `${NAMESPACE}/${campus}/#`;

/** A host id travels in a topic too; it is held to the rules of the other ids. */
export type HostId = string;

const NODE_TYPES = ["NBIRTH", "NDEATH", "NDATA", "NCMD"] as const;
const DEVICE_TYPES = ["DBIRTH", "DDEATH", "DDATA", "DCMD"] as const;
export type NodeMessageType = (typeof NODE_TYPES)[number];
export type DeviceMessageType = (typeof DEVICE_TYPES)[number];
export type MessageType = NodeMessageType | DeviceMessageType;

export interface NodeTopic {
  readonly type: NodeMessageType;
  readonly address: { readonly campus: CampusId; readonly node: NodeId };
}

export interface DeviceTopic {
  readonly type: DeviceMessageType;
  readonly address: Required<Address>;
}

export interface StateTopic {
  readonly type: "STATE";
  readonly host: HostId;
}

export type Topic = NodeTopic | DeviceTopic | StateTopic;

/** A Sparkplug topic whose ids are not ones of this platform: a third party's edge node on the same broker. */
export interface ForeignTopic {
  readonly type: "foreign";
  readonly messageType: MessageType;
  readonly group: string;
  readonly node: string;
  readonly device?: string;
}

export function formatTopic(topic: Topic): string {
  if (topic.type === "STATE") return `${NAMESPACE}/STATE/${topic.host}`;
  const { campus, node } = topic.address;
  const base = `${NAMESPACE}/${campus}/${topic.type}/${node}`;
  return "device" in topic.address ? `${base}/${topic.address.device}` : base;
}

const OUR_ID = new RegExp(ID_PATTERN);
const HOST_ID = /^[^+#/]+$/;

/** Reads a topic; undefined when it is not Sparkplug B. */
export function parseTopic(topic: string): Topic | ForeignTopic | undefined {
  const [namespace, group, type, node, device, ...rest] = topic.split("/");
  if (namespace !== NAMESPACE || group === undefined || type === undefined || rest.length > 0)
    return undefined;
  if (group === "STATE" && node === undefined) {
    return HOST_ID.test(type) ? { type: "STATE", host: type } : undefined;
  }
  if (group === "" || node === undefined || node === "" || device === "") return undefined;
  const ours = OUR_ID.test(group) && OUR_ID.test(node) && (device === undefined || OUR_ID.test(device));
  if (isNodeType(type)) {
    if (device !== undefined) return undefined;
    if (!ours) return { type: "foreign", messageType: type, group, node };
    return { type, address: { campus: CampusId(group), node: NodeId(node) } };
  }
  if (!isDeviceType(type) || device === undefined) return undefined;
  if (!ours) return { type: "foreign", messageType: type, group, node, device };
  return { type, address: { campus: CampusId(group), node: NodeId(node), device: DeviceId(device) } };
}

function isNodeType(type: string): type is NodeMessageType {
  return (NODE_TYPES as readonly string[]).includes(type);
}

function isDeviceType(type: string): type is DeviceMessageType {
  return (DEVICE_TYPES as readonly string[]).includes(type);
}

/** What an edge node subscribes to for its commands and those of its devices. */
export function commandTopics(campus: CampusId, node: NodeId): readonly string[] {
  return [`${NAMESPACE}/${campus}/NCMD/${node}`, `${NAMESPACE}/${campus}/DCMD/${node}/+`];
}
