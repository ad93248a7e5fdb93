/** Dahua profiles: which event is which metric, and what else a device of this kind can be asked. */
import type { DahuaAccessRecord, DahuaEvent, Table } from "../codecs/dahua.ts";
import { rowsOf } from "../codecs/dahua.ts";
import { textIn } from "../codecs/isapi-document.ts";
import type { DeviceEvent, EventName, MetricName, Sample, Timestamp } from "../vocabulary/index.ts";
import { canonicalCard } from "./card-number.ts";
import { type Receipt, timeOfRecorded } from "./device-time.ts";
import type { ProfileCommon } from "./profile.ts";
import { metricFamilies, namedMetrics, told } from "./told-metrics.ts";

/** A code of the event stream that says something about a metric. */
export interface DahuaTopic {
  readonly code: string;
  /** With `*` for the channel where the device has several. */
  readonly metric: string;
}

export interface DahuaProfile extends ProfileCommon {
  readonly protocol: "dahua";
  readonly topics: readonly DahuaTopic[];
  readonly access?: boolean;
  readonly recorder?: boolean;
  readonly snapshot?: boolean;
}

/** A pulse has no end: what it tells is held so long. */
export const PULSE_HOLD_ms = 5_000;
export const CHANNEL_MAX = 512;

const DOOR_METRICS: readonly MetricName[] = ["Door/Open", "Door/Unlocked", "Door/Mode"];
const RECORDER_METRICS: readonly MetricName[] = ["Recording/DiskFault", "Recording/DiskFull"];

export function dahuaMetrics({ access, recorder, topics }: DahuaProfile): readonly MetricName[] {
  return [
    ...new Set([
      "Connectivity/ClockOffset",
      ...namedMetrics(topics),
      ...(access === true ? DOOR_METRICS : []),
      ...(recorder === true ? RECORDER_METRICS : []),
    ]),
  ];
}

export const dahuaFamilies = ({ topics }: DahuaProfile): readonly string[] => metricFamilies(topics);

export const dahuaEvents = ({ access }: DahuaProfile): readonly EventName[] =>
  access === true ? ["Access/Swipe"] : [];

/** The metrics a code tells of at an index, which counts from 0 where channels count from 1. */
export function metricsOfCode({ topics }: DahuaProfile, code: string, index: number): readonly MetricName[] {
  return topics
    .filter((topic) => topic.code === code)
    .flatMap(({ metric }) => {
      if (!metric.includes("*")) return [metric];
      return index >= 0 && index < CHANNEL_MAX ? [metric.replace("*", String(index + 1))] : [];
    });
}

/** `Info.status` of a door, and the `Status` of its events: Open, Close, Break. */
export function samplesOfDoorStatus(status: string | undefined, eventTime: Timestamp): readonly Sample[] {
  switch (status) {
    case "Open":
      return told("Door/Open", true, eventTime);
    case "Break":
      return [...told("Door/Open", true, eventTime), ...told("Door/Forced", true, eventTime)];
    case "Close":
      return [
        ...told("Door/Open", false, eventTime),
        ...told("Door/Forced", false, eventTime),
        ...told("Door/HeldOpen", false, eventTime),
      ];
    default:
      return told("Door/Open", null, eventTime);
  }
}

/** The status that an event of a door's contact brings. */
export const doorStatusIn = ({ code, data }: DahuaEvent): string | undefined =>
  code === "DoorStatus" ? textIn(data, "Status") : undefined;

const MODES: Readonly<Record<string, string>> = {
  Normal: "controlled",
  OpenAlways: "unlocked",
  CloseAlways: "locked",
};

/** `table.AccessControl[0].State`. */
export function modeOfDoor(table: Table, door: number): string | undefined {
  return MODES[table.get(`table.AccessControl[${door - 1}].State`) ?? ""];
}

/** For how long a door that was opened stays unlocked. */
export function unlockHold_ms(table: Table, door: number): number {
  return Number(table.get(`table.AccessControl[${door - 1}].UnlockHoldInterval`) ?? 0);
}

/** `list.info[0].Detail[0].IsError`, `.TotalBytes`, `.UsedBytes`. */
export function samplesOfStorage(table: Table, eventTime: Timestamp): readonly Sample[] {
  const disks = rowsOf(
    new Map([...table].map(([key, value]) => [key.replace(/^list\./, ""), value])),
    "info",
  );
  const states = disks.map((disk) => disk.get("State") ?? "Success");
  const partitions = disks.flatMap((disk) => rowsOf(disk, "Detail"));
  const works = new Set(["Success", "Running", "Normal"]);
  const faulty =
    disks.length === 0 ||
    states.some((state) => !works.has(state)) ||
    partitions.some((part) => part.get("IsError") === "true");
  const full =
    partitions.length > 0 &&
    partitions.every((part) => Number(part.get("UsedBytes")) >= Number(part.get("TotalBytes")));
  return [...told("Recording/DiskFault", faulty, eventTime), ...told("Recording/DiskFull", full, eventTime)];
}

/** `Method` of AccessControlCardRec. */
export const METHODS: Readonly<Record<number, string>> = {
  0: "code",
  1: "card",
  4: "remote",
  6: "fingerprint",
  15: "face",
};

/** `ErrorCode` of AccessControlCardRec, by what the dictionary says. */
export const REASONS: Readonly<Record<number, string>> = {
  16: "unknown",
  17: "revoked",
  18: "no-permission",
  20: "expired",
  21: "antipassback",
};

export interface DahuaAccessContext extends Receipt {
  readonly pseudonym: (text: string) => string;
}

/** See {@link LogRecord.mark}. */
export function dahuaMark(record: DahuaAccessRecord, pseudonym: (text: string) => string): string {
  const { granted, method, recNo } = record;
  return pseudonym([recNo, granted, method ?? "", identityOf(record) ?? ""].join("/"));
}

export function readDahuaRecord(
  record: DahuaAccessRecord,
  id: string,
  context: DahuaAccessContext,
): DeviceEvent {
  const who = identityOf(record);
  const refusal = REASONS[record.errorCode] ?? "unknown";
  return {
    event: "Access/Swipe",
    id,
    fields: {
      serial: record.recNo,
      credential: who === undefined ? null : context.pseudonym(who),
      result: record.granted ? "granted" : "refused",
      reason: record.granted ? "none" : refusal,
      direction: record.type === "Entry" ? "in" : record.type === "Exit" ? "out" : null,
      method: record.method === undefined ? null : (METHODS[record.method] ?? null),
    },
    ...timeOfRecorded(record.time, context),
  };
}

/** Cards are told in hex. */
function identityOf({ cardNo, userId }: DahuaAccessRecord): string | undefined {
  if (cardNo !== undefined && /^0*$/.test(cardNo) === false) return canonicalHex(cardNo);
  return userId === undefined ? undefined : `employee:${userId}`;
}

const canonicalHex = (cardNo: string): string =>
  /^[0-9a-f]{8,}$/i.test(cardNo) ? cardNo.toLowerCase() : canonicalCard(cardNo);
