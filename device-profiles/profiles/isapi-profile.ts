/** ISAPI profiles: which alert is which metric, and what else a device of this kind can be asked. */
import type { AcsWorkStatus, IsapiDisk } from "../codecs/isapi.ts";
import type { EventName, MetricName, Sample, Timestamp } from "../vocabulary/index.ts";
import type { ProfileCommon } from "./profile.ts";
import { metricFamilies, namedMetrics, told } from "./told-metrics.ts";

/** An entry of the alert stream that says something about a metric while it is repeated. */
export interface IsapiAlertTopic {
  /** Lower case. Several may tell of one metric; the simulator sends the first. */
  readonly eventType: string;
  /** With `*` for the channel where the device has several. */
  readonly metric: string;
}

export interface IsapiAccess {
  /** Which way who uses a reader goes. A reader that is not named tells no direction. */
  readonly readers: Readonly<Record<number, "in" | "out">>;
  /** The terminal measures foreheads. */
  readonly thermometry?: boolean;
}

export interface IsapiProfile extends ProfileCommon {
  readonly protocol: "isapi";
  readonly alerts: readonly IsapiAlertTopic[];
  readonly access?: IsapiAccess;
  /** It records: disks, its cameras, and how far back the recordings go. */
  readonly recorder?: boolean;
  readonly snapshot?: boolean;
}

/** What the picture tells, on cameras and on each channel of a recorder. */
export const pictureAlerts = (metrics: {
  readonly motion: string;
  readonly loss: string;
  readonly tamper: string;
}): readonly IsapiAlertTopic[] => [
  { eventType: "vmd", metric: metrics.motion },
  { eventType: "videoloss", metric: metrics.loss },
  { eventType: "shelteralarm", metric: metrics.tamper },
  { eventType: "tamperdetection", metric: metrics.tamper },
];

const DOOR_METRICS: readonly MetricName[] = [
  "Door/Open",
  "Door/Unlocked",
  "Door/Mode",
  "Door/ExitRequest",
  "Door/Tamper",
  "Door/Forced",
  "Door/HeldOpen",
  "Door/FireRelease",
];
const RECORDER_METRICS: readonly MetricName[] = ["Recording/DiskFault", "Recording/DiskFull"];
const RECORDER_FAMILIES: readonly string[] = ["Channel/*/Online", "Channel/*/KeptDays"];

export function isapiMetrics({ alerts, access, recorder }: IsapiProfile): readonly MetricName[] {
  return [
    ...new Set([
      "Connectivity/ClockOffset",
      ...namedMetrics(alerts),
      ...(access === undefined ? [] : DOOR_METRICS),
      ...(recorder === true ? RECORDER_METRICS : []),
    ]),
  ];
}

export function isapiFamilies({ alerts, recorder }: IsapiProfile): readonly string[] {
  return [...new Set([...metricFamilies(alerts), ...(recorder === true ? RECORDER_FAMILIES : [])])];
}

const DOOR_MODES: Readonly<Record<number, string>> = { 2: "unlocked", 3: "locked", 4: "controlled" };

/**
 * The door as the device sees it now. A closed door is neither forced nor held open any more, whatever was missed.
 * A line that is cut or shorted tells neither open nor closed.
 */
export function samplesOfWorkStatus(status: AcsWorkStatus, eventTime: Timestamp): readonly Sample[] {
  const mode = status.mode === undefined ? undefined : (DOOR_MODES[status.mode] ?? null);
  const isShut = status.contact === 0;
  return [
    ...contact("Door/Open", status.contact, eventTime),
    ...contact("Door/Unlocked", status.lock, eventTime),
    ...told("Door/Mode", mode, eventTime),
    ...told("Door/Tamper", status.hostTampered, eventTime),
    ...(isShut ? told("Door/Forced", false, eventTime) : []),
    ...(isShut ? told("Door/HeldOpen", false, eventTime) : []),
  ];
}

function contact(metric: MetricName, state: number | undefined, eventTime: Timestamp): readonly Sample[] {
  if (state === undefined) return [];
  return told(metric, state === 0 ? false : state === 1 ? true : null, eventTime);
}

/** States in which a disk does its work. */
const DISK_WORKS: ReadonlySet<string> = new Set(["ok", "idle", "sleeping", "hibernating"]);

export function samplesOfDisks(disks: readonly IsapiDisk[], eventTime: Timestamp): readonly Sample[] {
  const faulty = disks.length === 0 || disks.some(({ status }) => !DISK_WORKS.has(status));
  // A recorder that writes over its oldest recordings always has a little left.
  const full = disks.length > 0 && disks.every(({ free_MB }) => free_MB === 0);
  return [...told("Recording/DiskFault", faulty, eventTime), ...told("Recording/DiskFull", full, eventTime)];
}

export function isapiEvents({ access }: IsapiProfile): readonly EventName[] {
  if (access === undefined) return [];
  return access.thermometry === true ? ["Access/Swipe", "Temperature/Screening"] : ["Access/Swipe"];
}
