/** The door of a simulated ISAPI controller as its log tells of it: what happens becomes a record with a number. */
import { type AccessRecord, formatDeviceTime } from "../../codecs/isapi.ts";
import {
  ALARM_STATES,
  CREDENTIALS,
  DOOR_STATES,
  MAJOR_ALARM,
  MAJOR_EVENT,
} from "../../profiles/isapi-access.ts";
import type { IsapiAccess } from "../../profiles/isapi-profile.ts";
import type { EventName, MetricName, SampleValue } from "../../vocabulary/index.ts";

export const RECORDS_MAX = 50_000;
const FACE_PASSED = 0x4b;
const DURESS = 0x40a;
/** What a terminal tells where it could not measure. */
const NO_TEMPERATURE = 0;

type Fields = Readonly<Record<string, SampleValue>>;
type Kind = Pick<AccessRecord, "major" | "minor">;

export interface LoggedRecord {
  readonly serial: number;
  /** On the device's clock. */
  readonly time: number;
  readonly kind: Kind;
  readonly cardNo?: string;
  readonly employeeNo?: string;
  readonly reader?: number;
  readonly celsius?: number;
}

export class DoorLog {
  readonly #access: IsapiAccess;
  readonly records: LoggedRecord[] = [];
  #last = 0;

  constructor(access: IsapiAccess) {
    this.#access = access;
  }

  /** A factory reset. */
  reset(): void {
    this.records.length = 0;
    this.#last = 0;
  }

  /** The record of a door's state, where controllers log it. */
  ofState(metric: MetricName, value: SampleValue, time: number): LoggedRecord | undefined {
    const kind = kindOfState(metric, value);
    return kind === undefined ? undefined : this.#log({ kind, time });
  }

  /** Throws RangeError for what cannot happen here. */
  ofEvent(event: EventName, fields: Fields, time: number, sensorMissing: boolean): LoggedRecord {
    if (event === "Temperature/Screening" && this.#access.thermometry === true) {
      const celsius = sensorMissing ? NO_TEMPERATURE : Number(fields.celsius ?? 36.5);
      return this.#log({ kind: { major: MAJOR_EVENT, minor: FACE_PASSED }, time, celsius, employeeNo: "1" });
    }
    if (event !== "Access/Swipe") throw new RangeError(`a door has no event ${event}`);
    const reader = Object.entries(this.#access.readers).find(([, way]) => way === fields.direction)?.[0];
    return this.#log({
      kind: kindOfSwipe(fields),
      time,
      ...credentialFields(fields.credential ?? null),
      ...(reader === undefined ? {} : { reader: Number(reader) }),
    });
  }

  #log(content: Omit<LoggedRecord, "serial">): LoggedRecord {
    this.#last += 1;
    const record = { serial: this.#last, ...content };
    this.records.push(record);
    if (this.records.length > RECORDS_MAX) this.records.shift();
    return record;
  }
}

/** The kind that tells of this and nothing else first: a forced door is open as well. */
function kindOfState(metric: MetricName, value: SampleValue): Kind | undefined {
  for (const [major, table] of [
    [MAJOR_EVENT, DOOR_STATES],
    [MAJOR_ALARM, ALARM_STATES],
  ] as const) {
    const found = Object.entries(table).find(
      ([, [first]]) => first?.metric === metric && first.value === value,
    );
    if (found !== undefined) return { major, minor: Number(found[0]) };
  }
  return undefined;
}

function kindOfSwipe({ result, reason, method }: Fields): Kind {
  if (reason === "duress") return { major: MAJOR_ALARM, minor: DURESS };
  const kinds = Object.entries(CREDENTIALS);
  const exact = kinds.find(
    ([, each]) => each.result === result && each.reason === reason && each.method === method,
  );
  const close = kinds.find(
    ([, each]) => each.result === result && (method == null || each.method === method),
  );
  const minor = exact?.[0] ?? close?.[0];
  if (minor === undefined) throw new RangeError(`a door logs no ${String(result)} by ${String(method)}`);
  return { major: MAJOR_EVENT, minor: Number(minor) };
}

/** A card's bytes in hex become the decimal number that terminals tell. */
function credentialFields(credential: SampleValue): Pick<LoggedRecord, "cardNo" | "employeeNo"> {
  const text = String(credential ?? "");
  if (text === "") return {};
  if (text.startsWith("employee:")) return { employeeNo: text.slice("employee:".length) };
  return /^[0-9a-f]{2,16}$/i.test(text) ? { cardNo: String(BigInt(`0x${text}`)) } : { employeeNo: text };
}

/** As the stream has it; `name` is put in as bytes by whoever sends it. */
export function streamEntry(record: LoggedRecord, zone_minutes: number | null, isCurrent: boolean): object {
  const { major, minor } = record.kind;
  return {
    ipAddress: "127.0.0.1",
    portNo: 80,
    protocol: "HTTP",
    channelID: 1,
    dateTime: timeText(record.time, zone_minutes),
    activePostCount: 1,
    eventType: "AccessControllerEvent",
    eventState: "active",
    eventDescription: "Access Controller Event",
    AccessControllerEvent: {
      deviceName: "Access Controller",
      majorEventType: major,
      subEventType: minor,
      ...common(record),
      currentEvent: isCurrent,
      frontSerialNo: record.serial - 1,
    },
  };
}

/** As a search of the log has it. */
export function logEntry(record: LoggedRecord, zone_minutes: number | null): object {
  const { major, minor } = record.kind;
  return { major, minor, time: timeText(record.time, zone_minutes), ...common(record) };
}

function common({ cardNo, celsius, employeeNo, reader, serial }: LoggedRecord): object {
  return {
    name: "",
    doorNo: 1,
    serialNo: serial,
    ...(reader === undefined ? {} : { cardReaderNo: reader }),
    ...(cardNo === undefined ? {} : { cardNo }),
    ...(employeeNo === undefined ? {} : { employeeNoString: employeeNo }),
    ...(celsius === undefined
      ? {}
      : {
          thermometryUnit: "celsius",
          currTemperature: celsius,
          isAbnomalTemperature: celsius > 37.3,
          mask: "no",
        }),
  };
}

/** With `zone_minutes` null the local time of China without an offset, as some firmwares write it. */
export function timeText(time: number, zone_minutes: number | null): string {
  const text = formatDeviceTime(time, zone_minutes ?? CHINA_minutes);
  return zone_minutes === null ? text.slice(0, 19) : text;
}

export const CHINA_minutes = 480;
