/** Dahua's HTTP interface: tables of `key=value` lines, and the lines of the event stream. */
import type { Timestamp } from "../vocabulary/index.ts";
import { decodeDocument } from "./china-text.ts";
import { type IsapiNode, MalformedDocumentError, parseIsapi } from "./isapi-document.ts";

/** A heartbeat is asked for every so many seconds. */
export const HEARTBEAT_s = 5;

export const DAHUA_PATHS = {
  events: `/cgi-bin/eventManager.cgi?action=attach&codes=[All]&heartbeat=${HEARTBEAT_s}`,
  systemInfo: "/cgi-bin/magicBox.cgi?action=getSystemInfo",
  softwareVersion: "/cgi-bin/magicBox.cgi?action=getSoftwareVersion",
  time: "/cgi-bin/global.cgi?action=getCurrentTime",
  storage: "/cgi-bin/storageDevice.cgi?action=getDeviceAllInfo",
  accessControl: "/cgi-bin/configManager.cgi?action=getConfig&name=AccessControl",
  eventIndexes: (code: string): string => `/cgi-bin/eventManager.cgi?action=getEventIndexes&code=${code}`,
  /** Channels are counted from 1 here. */
  snapshot: (channel: number): string => `/cgi-bin/snapshot.cgi?channel=${channel}`,
  doorStatus: (door: number): string => `/cgi-bin/accessControl.cgi?action=getDoorStatus&channel=${door}`,
  openDoor: (door: number): string =>
    `/cgi-bin/accessControl.cgi?action=openDoor&channel=${door}&UserID=101&Type=Remote`,
  closeDoor: (door: number): string =>
    `/cgi-bin/accessControl.cgi?action=closeDoor&channel=${door}&UserID=101&Type=Remote`,
  /** Doors are counted from 0 in the configuration. */
  setDoorState: (door: number, state: DoorState): string =>
    `/cgi-bin/configManager.cgi?action=setConfig&AccessControl[${door - 1}].State=${state}`,
  /** Times in seconds since the Unix epoch. */
  accessRecords: (from_s: number, to_s: number, count: number): string =>
    `/cgi-bin/recordFinder.cgi?action=find&name=AccessControlCardRec&StartTime=${from_s}&EndTime=${to_s}&count=${count}`,
} as const;

export type DoorState = "Normal" | "OpenAlways" | "CloseAlways";

/** `key=value` by key. */
export type Table = ReadonlyMap<string, string>;

const LINES_MAX = 50_000;

/** Lines that are none are left out. */
export function parseTable(bytes: Uint8Array): Table {
  const table = new Map<string, string>();
  for (const line of decodeDocument(bytes).split(/\r?\n/, LINES_MAX)) {
    const equals = line.indexOf("=");
    if (equals > 0) table.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
  }
  return table;
}

/** The rows `name[0].…`, `name[1].…` of a table, each a table of its own. */
export function rowsOf(table: Table, name: string): readonly Table[] {
  const rows = new Map<number, Map<string, string>>();
  for (const [key, value] of table) {
    const match = /^(\w+)\[(\d{1,6})\]\.(.+)$/.exec(key);
    if (match === null || match[1] !== name) continue;
    const index = Number(match[2]);
    const row = rows.get(index) ?? new Map<string, string>();
    row.set(match[3] ?? "", value);
    rows.set(index, row);
  }
  return [...rows].sort(([a], [b]) => a - b).map(([, row]) => row);
}

/** One entry of the event stream. */
export interface DahuaEvent {
  readonly code: string;
  readonly action: "Start" | "Stop" | "Pulse";
  /** Channel or door, from 0. */
  readonly index: number;
  /** Null where the entry has none, or none that can be read. */
  readonly data: IsapiNode;
}

const ACTIONS = new Map<string, DahuaEvent["action"]>([
  ["Start", "Start"],
  ["Stop", "Stop"],
  ["Pulse", "Pulse"],
]);

/**
 * `Code=VideoMotion;action=Start;index=0;data={…}`, whose data may go on over many lines. `heartbeat`, or undefined for
 * what is neither. An action that is unknown (`State`) is left out.
 */
export function parseEvent(bytes: Uint8Array): DahuaEvent | "heartbeat" | undefined {
  const text = decodeDocument(bytes);
  if (/^heartbeat$/i.test(text)) return "heartbeat";
  const match =
    /^Code=([\w-]{1,64});\s*action=(\w{1,16})(?:;\s*index=(-?\d{1,6}))?(?:;\s*data=([\s\S]*))?/.exec(text);
  const action = ACTIONS.get(match?.[2] ?? "");
  if (match === null || action === undefined) return undefined;
  return { code: match[1] ?? "", action, index: Number(match[3] ?? 0), data: dataOf(match[4]) };
}

function dataOf(text: string | undefined): IsapiNode {
  if (text === undefined) return null;
  try {
    return parseIsapi(new TextEncoder().encode(text));
  } catch (error) {
    if (error instanceof MalformedDocumentError) return null;
    throw error;
  }
}

/** The indexes at which something lasts: `channels[0]=3`. */
export function parseIndexes(table: Table): readonly number[] {
  return [...table].flatMap(([key, value]) => (/^channels\[\d+\]$/.test(key) ? [Number(value)] : []));
}

/** `2026-9-1 8:00:05`, in the device's zone, which it does not tell. */
export function parseLocalTime(text: string | undefined, zone_minutes: number): Timestamp | undefined {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})[ T](\d{1,2}):(\d{1,2}):(\d{1,2})$/.exec(text?.trim() ?? "");
  if (match === null) return undefined;
  const [year = 0, month = 1, ...rest] = match.slice(1).map(Number);
  const [day, hour, minute, second] = rest;
  return Date.UTC(year, month - 1, day, hour, minute, second) - zone_minutes * 60_000;
}

export function formatLocalTime(time: Timestamp, zone_minutes: number): string {
  return new Date(time + zone_minutes * 60_000).toISOString().slice(0, 19).replace("T", " ");
}

/** A row of AccessControlCardRec. */
export interface DahuaAccessRecord {
  readonly recNo: number;
  /** On the device's clock. */
  readonly time: Timestamp | undefined;
  /** From 0. */
  readonly door: number | undefined;
  readonly cardNo: string | undefined;
  readonly userId: string | undefined;
  readonly granted: boolean;
  readonly method: number | undefined;
  readonly type: string | undefined;
  readonly errorCode: number;
  readonly temperature: number | undefined;
}

const RECNO_MAX = 0xffff_ffff;

export function parseAccessRecords(table: Table): readonly DahuaAccessRecord[] {
  return rowsOf(table, "records").flatMap((row) => {
    const text = (key: string): string | undefined => (row.get(key) === "" ? undefined : row.get(key));
    const number = (key: string): number | undefined => {
      const value = Number(text(key) ?? Number.NaN);
      return Number.isFinite(value) ? value : undefined;
    };
    const recNo = number("RecNo");
    if (recNo === undefined || !Number.isInteger(recNo) || recNo < 0 || recNo > RECNO_MAX) return [];
    // Some firmwares count CreateTime in local seconds, and then tell the true one beside it.
    const seconds = number("CreateTimeRealUTC") ?? number("CreateTime");
    return [
      {
        recNo,
        time: seconds === undefined ? undefined : seconds * 1_000,
        door: number("Door"),
        cardNo: text("CardNo"),
        userId: text("UserID"),
        granted: number("Status") === 1,
        method: number("Method"),
        type: text("Type"),
        errorCode: number("ErrorCode") ?? 0,
        temperature: number("CurrentTemperature"),
      },
    ];
  });
}
