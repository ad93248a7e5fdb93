/** What the events of an ISAPI access controller mean: events of the dictionary, and states of the door. */
import { type AccessRecord, parseDeviceTime } from "../codecs/isapi.ts";
import {
  type DeviceEvent,
  eventDefinition,
  type MetricName,
  type Quality,
  type Reading,
  type Sample,
  type SampleValue,
} from "../vocabulary/index.ts";
import { canonicalCard } from "./card-number.ts";
import { type EventTime, type Receipt, timeOfLive, timeOfRecorded } from "./device-time.ts";
import type { IsapiAccess } from "./isapi-profile.ts";

export const MAJOR_ALARM = 1;
export const MAJOR_EVENT = 5;

interface Credential {
  readonly result: "granted" | "refused";
  readonly reason: string;
  readonly method: string | null;
}

const granted = (method: string): Credential => ({ result: "granted", reason: "none", method });
const refused = (reason: string, method: string | null): Credential => ({
  result: "refused",
  reason,
  method,
});

/** Minor types of major 5 in which somebody presented something. */
export const CREDENTIALS: Readonly<Record<number, Credential>> = {
  1: granted("card"),
  2: granted("card"),
  3: refused("not-recognised", "card"),
  6: refused("no-permission", "card"),
  7: refused("schedule", "card"),
  8: refused("expired", "card"),
  9: refused("unknown", "card"),
  10: refused("antipassback", "card"),
  38: granted("fingerprint"),
  39: refused("not-recognised", "fingerprint"),
  75: granted("face"),
  76: refused("not-recognised", "face"),
};

interface DoorState {
  readonly metric: MetricName;
  readonly value: boolean;
}

const states = (...entries: readonly (readonly [MetricName, boolean])[]): readonly DoorState[] =>
  entries.map(([metric, value]) => ({ metric, value }));

/** Minor types of major 5 that tell what the door does. */
export const DOOR_STATES: Readonly<Record<number, readonly DoorState[]>> = {
  21: states(["Door/Unlocked", true]),
  22: states(["Door/Unlocked", false]),
  23: states(["Door/ExitRequest", true]),
  24: states(["Door/ExitRequest", false]),
  25: states(["Door/Open", true]),
  26: states(["Door/Open", false], ["Door/Forced", false], ["Door/HeldOpen", false]),
  27: states(["Door/Forced", true], ["Door/Open", true]),
  28: states(["Door/HeldOpen", true], ["Door/Open", true]),
  52: states(["Door/FireRelease", true]),
  53: states(["Door/FireRelease", false]),
};

/** Minor types of major 1. */
export const ALARM_STATES: Readonly<Record<number, readonly DoorState[]>> = {
  1028: states(["Door/Tamper", true]),
  1029: states(["Door/Tamper", false]),
};
/** Somebody opened under threat, with the code or finger that says so. */
const DURESS = 0x40a;

export interface AccessContext extends Receipt {
  readonly access: IsapiAccess;
  /** Door of this device; a record of another one is not ours. */
  readonly door: number;
  readonly zone_minutes: number;
  /** False for what comes from the log. */
  readonly live: boolean;
  readonly pseudonym: (text: string) => string;
}

/** What one record brings; `id` becomes that of its events. */
export function readAccessRecord(
  record: AccessRecord,
  id: string,
  context: AccessContext,
): Pick<Reading, "samples" | "events"> {
  if (record.door !== undefined && record.door !== 0 && record.door !== context.door) {
    return { samples: [], events: [] };
  }
  const time = timeOfRecord(record, context);
  const samples = statesOf(record).map(({ metric, value }): Sample => ({ metric, value, ...time }));
  const swipe = swipeOf(record, id, time, context);
  const screening = screeningOf(record, id, time, context);
  return { samples, events: [swipe, screening].flatMap((event) => event ?? []) };
}

function timeOfRecord({ time }: AccessRecord, context: AccessContext): EventTime {
  const deviceTime = parseDeviceTime(time, context.zone_minutes);
  return context.live ? timeOfLive(deviceTime, context) : timeOfRecorded(deviceTime, context);
}

function statesOf({ major, minor }: AccessRecord): readonly DoorState[] {
  if (major === MAJOR_EVENT) return DOOR_STATES[minor] ?? [];
  return major === MAJOR_ALARM ? (ALARM_STATES[minor] ?? []) : [];
}

function credentialOf({ major, minor }: AccessRecord): Credential | undefined {
  if (major === MAJOR_EVENT) return CREDENTIALS[minor];
  return major === MAJOR_ALARM && minor === DURESS ? refused("duress", null) : undefined;
}

function swipeOf(
  record: AccessRecord,
  id: string,
  time: EventTime,
  { access, pseudonym }: AccessContext,
): DeviceEvent | undefined {
  const credential = credentialOf(record);
  if (credential === undefined) return undefined;
  const who = identityOf(record);
  const fields = {
    serial: record.serial,
    credential: who === undefined ? null : pseudonym(who),
    direction: record.reader === undefined ? null : (access.readers[record.reader] ?? null),
    ...credential,
  };
  return { event: "Access/Swipe", id, fields, ...time };
}

function screeningOf(
  record: AccessRecord,
  id: string,
  time: EventTime,
  { access }: AccessContext,
): DeviceEvent | undefined {
  if (access.thermometry !== true || record.temperature === undefined) return undefined;
  const celsius = celsiusOf(record.temperature, record.temperatureUnit);
  const [min, max] = eventDefinition("Temperature/Screening")?.fields.celsius?.plausible ?? [0, 0];
  const quality: Quality =
    celsius < min || celsius > max ? { status: "bad", reason: "out-of-range" } : time.quality;
  const fields: Record<string, SampleValue> = {
    serial: record.serial,
    celsius,
    raw: null,
    correction: null,
    ambient: null,
    distance: null,
    retest: null,
  };
  return { event: "Temperature/Screening", id, fields, ...time, quality };
}

function celsiusOf(value: number, unit: string | undefined): number {
  const celsius = unit === "fahrenheit" ? ((value - 32) * 5) / 9 : unit === "kelvin" ? value - 273.15 : value;
  return Math.round(celsius * 100) / 100;
}

/** See {@link LogRecord.mark}. */
export function markOf(record: AccessRecord, pseudonym: (text: string) => string): string {
  const { serial, major, minor } = record;
  return pseudonym([serial, major, minor, identityOf(record) ?? ""].join("/"));
}

/** A card as the bytes of its number, so that it is the same credential at every reader; else who the device knows. */
function identityOf({ cardNo, employeeNo }: AccessRecord): string | undefined {
  if (cardNo !== undefined && cardNo !== "0") return canonicalCard(cardNo);
  return employeeNo === undefined ? undefined : `employee:${employeeNo}`;
}
