/**
 * Cameras, recorders and access controllers of Dahua: `http://host[:port][?door=1&zone=+08:00]`, with a user name and a
 * password. What happens comes through the event stream, and who passed out of the log, which has the serial numbers.
 */
import {
  DAHUA_PATHS,
  type DahuaAccessRecord,
  type DahuaEvent,
  type DoorState,
  parseEvent,
  parseIndexes,
} from "@campus-ops/device-profiles/codecs/dahua";
import {
  type DahuaProfile,
  doorStatusIn,
  metricsOfCode,
  modeOfDoor,
  PULSE_HOLD_ms,
  samplesOfDoorStatus,
  samplesOfStorage,
  unlockHold_ms,
} from "@campus-ops/device-profiles/profiles/dahua-profile";
import {
  GOOD,
  type MetricName,
  type Reading,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { DahuaDevice } from "./dahua/device.ts";
import { DahuaLogSource } from "./dahua/log-source.ts";
import {
  cannotBeSet,
  type DeviceSession,
  type Driver,
  type DriverEnvironment,
  DriverError,
} from "./driver.ts";
import { AccessLog } from "./http/access-log.ts";
import { HTTP_LIMITS, type HttpLimits } from "./http/client.ts";
import { doorOf } from "./http/door-address.ts";
import { followEventStream, type StreamListener } from "./http/event-stream.ts";

const CHANNEL = 1;

export const dahuaDriver: Driver<DahuaProfile> = createDahuaDriver();

export function createDahuaDriver(limits: HttpLimits = HTTP_LIMITS): Driver<DahuaProfile> {
  return {
    async open(target, profile, environment, signal) {
      const door = doorOf(target.url);
      const device = new DahuaDevice(target, limits, environment);
      await device.readClock(signal);
      return new DahuaSession(device, profile, environment, door);
    },
  };
}

type Sink = (reading: Reading) => void;

class DahuaSession implements DeviceSession {
  readonly #device: DahuaDevice;
  readonly #profile: DahuaProfile;
  readonly #environment: DriverEnvironment;
  readonly #door: number;
  readonly #source: DahuaLogSource | undefined;
  readonly #log: AccessLog<DahuaAccessRecord> | undefined;
  /** What the stream has told, while it stands. */
  readonly #states = new Map<MetricName, boolean>();
  /** Pulses, and when each was. */
  readonly #pulses = new Map<MetricName, Timestamp>();
  readonly snapshot?: (signal: AbortSignal) => Promise<Uint8Array>;
  readonly write?: (metric: MetricName, value: SampleValue, signal: AbortSignal) => Promise<void>;

  constructor(device: DahuaDevice, profile: DahuaProfile, environment: DriverEnvironment, door: number) {
    this.#device = device;
    this.#profile = profile;
    this.#environment = environment;
    this.#door = door;
    if (profile.access === true) {
      this.#source = new DahuaLogSource(device, door, environment);
      this.#log = new AccessLog(this.#source, environment);
      this.write = (metric, value, signal) => this.#command(metric, value, signal);
    }
    if (profile.snapshot === true) {
      this.snapshot = (signal) => device.client.snapshot(DAHUA_PATHS.snapshot(CHANNEL), signal);
    }
  }

  async identify(signal: AbortSignal): Promise<Reading> {
    const info = await this.#device.get(DAHUA_PATHS.systemInfo, signal);
    const software = await this.#device.get(DAHUA_PATHS.softwareVersion, signal);
    const eventTime = this.#environment.now();
    const facts: readonly (readonly [MetricName, string | undefined])[] = [
      ["Properties/Vendor", this.#profile.vendor],
      ["Properties/Model", info.get("deviceType")],
      ["Properties/Serial", info.get("serialNumber")],
      ["Properties/Firmware", software.get("version")],
    ];
    const samples = facts.flatMap(([metric, value]) =>
      value === undefined ? [] : [{ metric, value, quality: GOOD, eventTime }],
    );
    return { samples, events: [] };
  }

  async poll(signal: AbortSignal): Promise<Reading> {
    const device = this.#device;
    await device.readClock(signal);
    await this.#log?.check(signal);
    const door = this.#profile.access === true ? await this.#readDoor(signal) : [];
    const now = this.#environment.now();
    const storage =
      this.#profile.recorder === true
        ? samplesOfStorage(await device.get(DAHUA_PATHS.storage, signal), now)
        : [];
    const states = [...this.#states].map(([metric, value]) => sample(metric, value, now));
    const offset = sample("Connectivity/ClockOffset", device.clockOffset_ms / 1000, now);
    // What the door says of itself stands behind what was told: it is the newest.
    return { samples: [offset, ...states, ...storage, ...door], events: [] };
  }

  async #readDoor(signal: AbortSignal): Promise<readonly Sample[]> {
    const status = await this.#device.get(DAHUA_PATHS.doorStatus(this.#door), signal);
    const configuration = await this.#device.get(DAHUA_PATHS.accessControl, signal);
    const now = this.#environment.now();
    const mode = modeOfDoor(configuration, this.#door);
    const unlockedAt = this.#source?.unlockedAt ?? Number.NEGATIVE_INFINITY;
    const unlocked = mode === "unlocked" || now - unlockedAt < unlockHold_ms(configuration, this.#door);
    return [
      ...samplesOfDoorStatus(status.get("Info.status"), now),
      sample("Door/Unlocked", unlocked, now),
      ...(mode === undefined ? [] : [sample("Door/Mode", mode, now)]),
    ];
  }

  async subscribe(sink: Sink, signal: AbortSignal): Promise<void> {
    const listen = (until: AbortSignal, fail: (reason: unknown) => void): StreamListener =>
      this.#listener(sink, fail, until);
    try {
      await followEventStream(this.#device.client, DAHUA_PATHS.events, listen, signal);
    } finally {
      this.#states.clear();
      this.#pulses.clear();
      this.#log?.rest();
    }
  }

  #listener(sink: Sink, fail: (reason: unknown) => void, signal: AbortSignal): StreamListener {
    return {
      opened: () => {
        this.#readStates(sink, signal).catch(fail);
        this.#log?.catchUp(sink, signal).catch(fail);
      },
      part: (body) => {
        const event = parseEvent(body);
        if (event === undefined) return false;
        if (event !== "heartbeat") this.#take(event, sink, fail, signal);
        return true;
      },
      alive: () => this.#endPulses(sink),
    };
  }

  #take(event: DahuaEvent, sink: Sink, fail: (reason: unknown) => void, signal: AbortSignal): void {
    const now = this.#environment.now();
    const samples = metricsOfCode(this.#profile, event.code, event.index).map((metric) => {
      if (event.action === "Pulse") this.#pulses.set(metric, now);
      this.#states.set(metric, event.action !== "Stop");
      return sample(metric, event.action !== "Stop", now);
    });
    const isOurs = event.index === this.#door - 1;
    const status = isOurs && this.#log !== undefined ? doorStatusIn(event) : undefined;
    const door = status === undefined ? [] : samplesOfDoorStatus(status, now);
    for (const { metric, value } of door) {
      if (this.#states.has(metric) && typeof value === "boolean") this.#states.set(metric, value);
    }
    if (samples.length + door.length > 0) sink({ samples: [...samples, ...door], events: [] });
    // The event has no serial number; its record has.
    if (event.code === "AccessControl") this.#log?.catchUp(sink, signal).catch(fail);
  }

  #endPulses(sink: Sink): void {
    const now = this.#environment.now();
    const over = [...this.#pulses].filter(([, at]) => now - at > PULSE_HOLD_ms).map(([metric]) => metric);
    if (over.length === 0) return;
    for (const metric of over) {
      this.#pulses.delete(metric);
      this.#states.set(metric, false);
    }
    sink({ samples: over.map((metric) => sample(metric, false, now)), events: [] });
  }

  /** What lasts already when the stream begins; a camera or recorder is asked code by code. */
  async #readStates(sink: Sink, signal: AbortSignal): Promise<void> {
    if (this.#profile.access === true) return;
    for (const code of new Set(this.#profile.topics.map((topic) => topic.code))) {
      const lasting = await this.#indexes(code, signal);
      if (lasting === undefined) continue;
      const now = this.#environment.now();
      const single = metricsOfCode(this.#profile, code, -1);
      const found = lasting.flatMap((index) => metricsOfCode(this.#profile, code, index));
      const samples: Sample[] = [];
      for (const metric of new Set([...single, ...found])) {
        // What the stream has told meanwhile is newer.
        if (this.#states.has(metric)) continue;
        this.#states.set(metric, found.includes(metric));
        samples.push(sample(metric, found.includes(metric), now));
      }
      if (samples.length > 0) sink({ samples, events: [] });
    }
  }

  /** Undefined when the device does not know the code; nothing lasts where it answers with an error of its own. */
  async #indexes(code: string, signal: AbortSignal): Promise<readonly number[] | undefined> {
    try {
      return parseIndexes(await this.#device.get(DAHUA_PATHS.eventIndexes(code), signal));
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      if (error.kind === "unsupported") return undefined;
      if (error.kind === "device-exception") return [];
      throw error;
    }
  }

  async #command(metric: MetricName, value: SampleValue, signal: AbortSignal): Promise<void> {
    const path = commandPath(metric, value, this.#door);
    if (path === undefined) {
      throw cannotBeSet(this.#profile, metric, value);
    }
    await this.#device.command(path, signal);
    // That the door was opened is in the log: the look that confirms it reads the log anew.
    this.#log?.expire();
  }

  /** Every exchange has its own connection; the stream ends with its signal. */
  async close(): Promise<void> {}
}

function commandPath(metric: MetricName, value: SampleValue, door: number): string | undefined {
  if (metric === "Door/Unlocked") {
    return value === true
      ? DAHUA_PATHS.openDoor(door)
      : value === false
        ? DAHUA_PATHS.closeDoor(door)
        : undefined;
  }
  const states: Readonly<Record<string, DoorState>> = {
    controlled: "Normal",
    unlocked: "OpenAlways",
    locked: "CloseAlways",
  };
  const state = metric === "Door/Mode" ? states[String(value)] : undefined;
  return state === undefined ? undefined : DAHUA_PATHS.setDoorState(door, state);
}

function sample(metric: MetricName, value: SampleValue, eventTime: Timestamp): Sample {
  return { metric, value, quality: GOOD, eventTime };
}
