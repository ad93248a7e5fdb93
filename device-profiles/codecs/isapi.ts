/** ISAPI: the questions that are asked of cameras, recorders and terminals, and what their answers say. */
import type { Timestamp } from "../vocabulary/index.ts";
import { booleanIn, type IsapiNode, listIn, nodeAt, numberIn, textIn } from "./isapi-document.ts";
import { parseDateTime } from "./iso-time.ts";

export const ISAPI_PATHS = {
  alertStream: "/ISAPI/Event/notification/alertStream",
  deviceInfo: "/ISAPI/System/deviceInfo",
  time: "/ISAPI/System/time",
  workStatus: "/ISAPI/AccessControl/AcsWorkStatus?format=json",
  acsEvent: "/ISAPI/AccessControl/AcsEvent?format=json",
  storage: "/ISAPI/ContentMgmt/Storage",
  channelStatus: "/ISAPI/ContentMgmt/InputProxy/channels/status",
  search: "/ISAPI/ContentMgmt/search",
  door: (door: number): string => `/ISAPI/AccessControl/RemoteControl/door/${door}`,
  /** The first stream of a channel, 101 for channel 1. */
  picture: (channel: number): string => `/ISAPI/Streaming/channels/${channel}01/picture`,
} as const;

const NAMESPACE = "http://www.isapi.org/ver20/XMLSchema";

/** One entry of the alert stream. */
export interface IsapiAlert {
  /** Lower case: the spelling differs between firmwares. */
  readonly eventType: string;
  readonly active: boolean;
  /** 0 where the alert names none. */
  readonly channel: number;
  /** As the device wrote it. */
  readonly time: string | undefined;
  /** Set when the alert is an access controller's event. */
  readonly access?: AccessRecord;
}

/** What happened at a door, live or from the log. */
export interface AccessRecord {
  readonly serial: number;
  readonly major: number;
  readonly minor: number;
  /** As the device wrote it. */
  readonly time: string | undefined;
  readonly door: number | undefined;
  readonly reader: number | undefined;
  readonly cardNo: string | undefined;
  readonly employeeNo: string | undefined;
  readonly temperature: number | undefined;
  readonly temperatureUnit: string | undefined;
}

/** Undefined for a document that is no alert. */
export function parseAlert(document: IsapiNode): IsapiAlert | undefined {
  const eventType = textIn(document, "eventType")?.toLowerCase();
  if (eventType === undefined) return undefined;
  const time = textIn(document, "dateTime");
  const access = parseAccessRecord(nodeAt(document, "AccessControllerEvent"), time);
  return {
    eventType,
    active: textIn(document, "eventState")?.toLowerCase() !== "inactive",
    channel: numberIn(document, "channelID") ?? numberIn(document, "dynChannelID") ?? 0,
    time,
    ...(access === undefined ? {} : { access }),
  };
}

const SERIAL_MAX = 0xffff_ffff;

/** `time` for the stream, whose entries have it outside. Undefined without a serial number or a kind. */
function parseAccessRecord(node: IsapiNode | undefined, time?: string): AccessRecord | undefined {
  const serial = numberIn(node, "serialNo");
  const major = numberIn(node, "majorEventType") ?? numberIn(node, "major");
  const minor = numberIn(node, "subEventType") ?? numberIn(node, "minor");
  if (serial === undefined || !Number.isInteger(serial) || serial < 0 || serial > SERIAL_MAX)
    return undefined;
  if (major === undefined || minor === undefined) return undefined;
  return {
    serial,
    major,
    minor,
    time: textIn(node, "time") ?? time,
    door: numberIn(node, "doorNo"),
    reader: numberIn(node, "cardReaderNo"),
    cardNo: textIn(node, "cardNo"),
    employeeNo: textIn(node, "employeeNoString") ?? textIn(node, "employeeNo"),
    temperature: numberIn(node, "currTemperature"),
    temperatureUnit: textIn(node, "thermometryUnit"),
  };
}

export interface AcsEventPage {
  readonly records: readonly AccessRecord[];
  /** How many entries the page had, readable or not: the next page begins behind them. */
  readonly entries: number;
  readonly more: boolean;
  readonly totalMatches: number;
}

export function parseAcsEvents(document: IsapiNode): AcsEventPage | undefined {
  const status = textIn(document, "responseStatusStrg");
  if (status === undefined) return undefined;
  const entries = listIn(document, "InfoList");
  return {
    records: entries.flatMap((entry) => parseAccessRecord(entry) ?? []),
    entries: entries.length,
    more: status === "MORE",
    totalMatches: numberIn(document, "totalMatches") ?? entries.length,
  };
}

/** Asks for every kind of event between two times, as the device writes times. */
export function acsEventSearch(
  searchID: string,
  position: number,
  maxResults: number,
  startTime: string,
  endTime: string,
): string {
  const condition = { searchID, searchResultPosition: position, maxResults, major: 0, minor: 0 };
  return JSON.stringify({ AcsEventCond: { ...condition, startTime, endTime } });
}

export interface IsapiDeviceInfo {
  readonly model: string | undefined;
  readonly serialNumber: string | undefined;
  readonly firmwareVersion: string | undefined;
}

export function parseDeviceInfo(document: IsapiNode): IsapiDeviceInfo | undefined {
  const model = textIn(document, "model");
  const serialNumber = textIn(document, "serialNumber");
  if (model === undefined && serialNumber === undefined) return undefined;
  return { model, serialNumber, firmwareVersion: textIn(document, "firmwareVersion") };
}

export interface IsapiClock {
  readonly time: Timestamp;
  /** The device's time zone, for the times that it writes without one. */
  readonly zone_minutes: number;
}

export function parseTime(document: IsapiNode): IsapiClock | undefined {
  const localTime = textIn(document, "localTime");
  if (localTime === undefined) return undefined;
  const zone_minutes = zoneOf(localTime) ?? posixZone(textIn(document, "timeZone")) ?? 0;
  const time = parseDeviceTime(localTime, zone_minutes);
  return time === undefined ? undefined : { time, zone_minutes };
}

const OFFSET = /(?:Z|[+-]\d{2}:?\d{2})$/i;

/** An instant on the device's clock; a text without an offset is in the device's zone. */
export function parseDeviceTime(text: string | undefined, zone_minutes: number): Timestamp | undefined {
  const time = text === undefined ? undefined : parseDateTime(text.replace(" ", "T"));
  if (text === undefined || time === undefined) return undefined;
  return OFFSET.test(text) ? time : time - zone_minutes * 60_000;
}

/** The reverse, with the offset. */
export function formatDeviceTime(time: Timestamp, zone_minutes: number): string {
  const local = new Date(time + zone_minutes * 60_000).toISOString().slice(0, 19);
  const size = Math.abs(zone_minutes);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${local}${zone_minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function zoneOf(text: string): number | undefined {
  const match = /([+-])(\d{2}):?(\d{2})$/.exec(text);
  if (match === null) return /Z$/i.test(text) ? 0 : undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === "-" ? -minutes : minutes;
}

/** POSIX counts westwards: `CST-8:00:00` is eight hours ahead of UTC. */
function posixZone(text: string | undefined): number | undefined {
  const match = /^[A-Za-z]+([+-]?)(\d{1,2})(?::(\d{2}))?/.exec(text ?? "");
  if (match === null) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return match[1] === "-" ? minutes : -minutes;
}

export const DOOR_COMMANDS = ["open", "close", "alwaysOpen", "alwaysClose", "resume"] as const;
export type DoorCommand = (typeof DOOR_COMMANDS)[number];

export function remoteControlDoor(command: DoorCommand): string {
  return `<RemoteControlDoor version="2.0" xmlns="${NAMESPACE}"><cmd>${command}</cmd></RemoteControlDoor>`;
}

/** What the device says about its doors now; the first entry of each list is door 1. */
export interface AcsWorkStatus {
  /** 0 locked, 1 released, 2 and more faults of the line. */
  readonly lock: number | undefined;
  /** 0 closed, 1 open, 2 and more faults of the line. */
  readonly contact: number | undefined;
  /** 2 stays unlocked, 3 stays locked, 4 controlled. */
  readonly mode: number | undefined;
  readonly hostTampered: boolean | undefined;
}

export function parseWorkStatus(document: IsapiNode, door: number): AcsWorkStatus | undefined {
  const entry = (name: string): number | undefined => {
    const value = listIn(document, name)[door - 1];
    return typeof value === "number" ? value : undefined;
  };
  const lock = entry("doorLockStatus");
  const contact = entry("magneticStatus");
  const mode = entry("doorStatus");
  if (lock === undefined && contact === undefined && mode === undefined) return undefined;
  const host = textIn(document, "hostAntiDismantleStatus");
  return { lock, contact, mode, hostTampered: host === undefined ? undefined : host === "open" };
}

export interface IsapiDisk {
  readonly id: string;
  /** `ok`, `error`, `unformatted`, `offline`, … */
  readonly status: string;
  readonly capacity_MB: number | undefined;
  readonly free_MB: number | undefined;
}

export function parseStorage(document: IsapiNode): readonly IsapiDisk[] | undefined {
  const disks = nodeAt(document, "hddList");
  if (disks === undefined) return undefined;
  return listIn(disks, "hdd").map((disk) => ({
    id: textIn(disk, "id") ?? "",
    status: (textIn(disk, "status") ?? "").toLowerCase(),
    capacity_MB: numberIn(disk, "capacity"),
    free_MB: numberIn(disk, "freeSpace"),
  }));
}

export interface IsapiChannel {
  readonly id: number;
  readonly online: boolean | undefined;
}

export function parseChannelStatus(document: IsapiNode): readonly IsapiChannel[] {
  return listIn(document, "InputProxyChannelStatus").flatMap((channel) => {
    const id = numberIn(channel, "id");
    return id === undefined ? [] : [{ id, online: booleanIn(channel, "online") }];
  });
}

/** Asks for the oldest recording of a channel's first track. Times in a search are the device's local ones, with a Z. */
export function oldestRecordingSearch(searchID: string, channel: number, until: string): string {
  return (
    `<CMSearchDescription><searchID>${searchID}</searchID><trackList><trackID>${channel}01</trackID></trackList>` +
    `<timeSpanList><timeSpan><startTime>2000-01-01T00:00:00Z</startTime><endTime>${until}</endTime></timeSpan>` +
    `</timeSpanList><maxResults>1</maxResults><searchResultPostion>0</searchResultPostion>` +
    `<metadataList><metadataDescriptor>//recordType.meta.std-cgi.com</metadataDescriptor></metadataList>` +
    `</CMSearchDescription>`
  );
}

/** The start of the first match as the device wrote it; null when nothing is recorded, undefined for another document. */
export function parseOldestRecording(document: IsapiNode): string | null | undefined {
  if (textIn(document, "responseStatusStrg") === undefined) return undefined;
  const [first] = listIn(document, "matchList", "searchMatchItem");
  return textIn(first, "timeSpan", "startTime") ?? null;
}

/** A ResponseStatus: what the device answers to a command, and to what it refuses. */
export interface IsapiResponseStatus {
  readonly ok: boolean;
  /** `notSupport`, `badAuthorization`, `lowPrivilege` … */
  readonly subStatus: string;
}

export function parseResponseStatus(document: IsapiNode): IsapiResponseStatus | undefined {
  const code = numberIn(document, "statusCode");
  if (code === undefined) return undefined;
  const subStatus = textIn(document, "subStatusCode") ?? textIn(document, "statusString") ?? String(code);
  return { ok: code === 1, subStatus };
}
