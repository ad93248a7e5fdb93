import { ModbusImage } from "@campus-ops/device-profiles/codecs/modbus-image";
import type { ReadRequest } from "@campus-ops/device-profiles/codecs/modbus-pdu";
import { RegisterRangeError } from "@campus-ops/device-profiles/codecs/registers";
import {
  followLog,
  type LogCursor,
  readLogHeader,
  recordSpans,
  recordsToFetch,
} from "@campus-ops/device-profiles/profiles/modbus-log";
import { planReads } from "@campus-ops/device-profiles/profiles/modbus-plan";
import {
  type BitPoint,
  logHeaderSpans,
  type ModbusProfile,
  type RecordLog,
  type Span,
  spansOf,
} from "@campus-ops/device-profiles/profiles/modbus-profile";
import {
  encodeWrite,
  isLatched,
  ModbusValueError,
  readPoints,
} from "@campus-ops/device-profiles/profiles/modbus-reading";
import type {
  DeviceEvent,
  MetricName,
  Reading,
  Sample,
  SampleValue,
  Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import {
  cannotBeSet,
  type DeviceSession,
  type Driver,
  type DriverEnvironment,
  DriverError,
} from "./driver.ts";
import type { ModbusChannel } from "./modbus/channel.ts";
import { formatCursor, parseCursor } from "./modbus/cursor.ts";
import { openChannel } from "./modbus/open-channel.ts";

/**
 * Speaks Modbus TCP with `modbus://host[:502][?unit=1]`, and RTU with `modbus+rtu:///dev/ttyUSB0?baud=9600&unit=1` or
 * `modbus+rtu://host:port?unit=1`. Units at one address share the connection or the line, with one request in flight.
 */
export const modbusDriver: Driver<ModbusProfile> = {
  async open(target, profile, environment, signal) {
    return new ModbusSession(await openChannel(target, signal), profile, environment);
  },
};

class ModbusSession implements DeviceSession {
  readonly #channel: ModbusChannel;
  readonly #profile: ModbusProfile;
  readonly #environment: DriverEnvironment;
  /** Of each poll: a profile does not change in a session. */
  readonly #reads: readonly ReadRequest[];
  #cursor: LogCursor;
  /** Latches that the last reading has told of. */
  #told: readonly number[] = [];

  constructor(channel: ModbusChannel, profile: ModbusProfile, environment: DriverEnvironment) {
    this.#channel = channel;
    this.#profile = profile;
    this.#environment = environment;
    const { log, points, readGap } = profile;
    const spans = Object.values(points).flatMap(spansOf);
    this.#reads = planReads(log === undefined ? spans : [...spans, ...logHeaderSpans(log)], readGap);
    this.#cursor = parseCursor(environment.cursor);
  }

  async identify(signal: AbortSignal): Promise<Reading> {
    const image = new ModbusImage();
    const spans = Object.values(this.#profile.identity).flatMap(spansOf);
    await this.#read(this.#plan(spans), image, signal);
    return { samples: readPoints(this.#profile.identity, image, this.#environment.now()), events: [] };
  }

  async poll(signal: AbortSignal): Promise<Reading> {
    await this.#clearLatches(signal);
    const { points, log } = this.#profile;
    const image = new ModbusImage();
    await this.#read(this.#reads, image, signal);
    const now = this.#environment.now();
    const samples = readPoints(points, image, now);
    const told = latchesHeld(Object.values(points), image);
    if (log === undefined) {
      this.#told = told;
      return { samples, events: [] };
    }
    const followed = await this.#follow(log, image, now, signal);
    this.#told = told;
    return { ...followed, samples: [...samples, ...followed.samples] };
  }

  async write(metric: MetricName, value: SampleValue, signal: AbortSignal): Promise<void> {
    const point = this.#profile.points[metric];
    const request =
      point === undefined ? undefined : encode(metric, value, () => encodeWrite(metric, point, value));
    if (request === undefined) throw cannotBeSet(this.#profile, metric, value);
    await this.#channel.request(request, signal);
  }

  async close(): Promise<void> {
    await this.#channel.close();
  }

  /**
   * A latch is let go one poll after it was told of. Should the agent die between the two, the device still holds the
   * signal for its successor: an alarm may be told twice and is never lost. A second press between telling and letting
   * go is one with the first, which nobody has dealt with yet.
   */
  async #clearLatches(signal: AbortSignal): Promise<void> {
    for (const pduAddress of this.#told) {
      await this.#channel.request({ operation: "write", table: "coil", pduAddress, cells: [0] }, signal);
    }
    this.#told = [];
  }

  async #follow(log: RecordLog, image: ModbusImage, now: Timestamp, signal: AbortSignal): Promise<Reading> {
    const header = readLogHeader(log, image, now);
    if (header === undefined) return { samples: [], events: [] };
    let cursor = this.#cursor;
    const events: DeviceEvent[] = [];
    // A reset of the log shows only when the last known record turns out to be another: then all of it is fetched.
    for (let round = 0; round < 2; round += 1) {
      const serials = recordsToFetch(log, cursor, header.newest);
      await this.#read(this.#plan(recordSpans(log, serials)), image, signal);
      const { pseudonym } = this.#environment;
      const step = followLog(log, cursor, header, image, { now, pseudonym });
      events.push(...step.events);
      cursor = step.cursor;
      if (cursor.serial === header.newest || cursor.waits > 0) break;
    }
    this.#cursor = cursor;
    return { samples: logSamples(cursor, header.clockOffset_ms, now), events, cursor: formatCursor(cursor) };
  }

  #plan(spans: readonly Span[]): readonly ReadRequest[] {
    return planReads(spans, this.#profile.readGap);
  }

  async #read(reads: readonly ReadRequest[], image: ModbusImage, signal: AbortSignal): Promise<void> {
    for (const read of reads) {
      image.write(read.table, read.pduAddress, await this.#channel.request(read, signal));
    }
  }
}

function logSamples(
  cursor: LogCursor,
  clockOffset_ms: number | undefined,
  eventTime: Timestamp,
): readonly Sample[] {
  const lost: Sample = {
    metric: "Connectivity/LostRecords",
    value: cursor.lost,
    quality: cursor.lostMore ? { status: "uncertain", reason: "log-reset" } : { status: "good" },
    eventTime,
  };
  if (clockOffset_ms === undefined) return [lost];
  const offset: Sample = {
    metric: "Connectivity/ClockOffset",
    value: clockOffset_ms / 1000,
    quality: { status: "good" },
    eventTime,
  };
  return [lost, offset];
}

function latchesHeld(
  points: readonly ModbusProfile["points"][string][],
  image: ModbusImage,
): readonly number[] {
  return points
    .filter((point): point is BitPoint => point.kind === "bit" && isLatched(point, image))
    .flatMap(({ latchCoil }) => (latchCoil === undefined ? [] : [latchCoil]));
}

/** A value that does not fit the register is the caller's mistake; trying again would not help. */
function encode<T>(metric: MetricName, value: SampleValue, build: () => T): T {
  try {
    return build();
  } catch (cause) {
    if (!(cause instanceof ModbusValueError) && !(cause instanceof RegisterRangeError)) throw cause;
    throw new DriverError("unsupported", `${metric} cannot be set to ${String(value)}: ${cause.message}`, {
      retry: false,
      cause,
    });
  }
}
