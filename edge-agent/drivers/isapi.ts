/**
 * Gates, face terminals, cameras and recorders over ISAPI: `http://host[:port][?door=1]`, with a user name and a
 * password. What happens comes through the alert stream; `poll` asks for the clock, the door and the disks.
 */
import { isDamaged } from "@campus-ops/device-profiles/codecs/china-text";
import {
  type AccessRecord,
  type DoorCommand,
  ISAPI_PATHS,
  type IsapiAlert,
  parseAlert,
  parseDeviceInfo,
  parseResponseStatus,
  parseWorkStatus,
  remoteControlDoor,
} from "@campus-ops/device-profiles/codecs/isapi";
import { MalformedDocumentError, parseIsapi } from "@campus-ops/device-profiles/codecs/isapi-document";
import { AlertStates } from "@campus-ops/device-profiles/profiles/isapi-alerts";
import { type IsapiProfile, samplesOfWorkStatus } from "@campus-ops/device-profiles/profiles/isapi-profile";
import {
  GOOD,
  type MetricName,
  type Reading,
  type Sample,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
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
import { IsapiDevice } from "./isapi/device.ts";
import { IsapiLogSource } from "./isapi/log-source.ts";
import { Recorder } from "./isapi/recorder.ts";

const CHANNEL = 1;

export const isapiDriver: Driver<IsapiProfile> = createIsapiDriver();

export function createIsapiDriver(limits: HttpLimits = HTTP_LIMITS): Driver<IsapiProfile> {
  return {
    async open(target, profile, environment, signal) {
      const door = doorOf(target.url);
      const device = new IsapiDevice(target, limits, environment);
      const session = new IsapiSession(device, profile, environment, door);
      await device.readClock(signal);
      return session;
    },
  };
}

class IsapiSession implements DeviceSession {
  readonly #device: IsapiDevice;
  readonly #profile: IsapiProfile;
  readonly #environment: DriverEnvironment;
  readonly #door: number;
  readonly #alerts: AlertStates;
  readonly #source: IsapiLogSource | undefined;
  readonly #log: AccessLog<AccessRecord> | undefined;
  readonly #recorder: Recorder | undefined;
  readonly snapshot?: (signal: AbortSignal) => Promise<Uint8Array>;
  readonly write?: (metric: MetricName, value: SampleValue, signal: AbortSignal) => Promise<void>;

  constructor(device: IsapiDevice, profile: IsapiProfile, environment: DriverEnvironment, door: number) {
    this.#device = device;
    this.#profile = profile;
    this.#environment = environment;
    this.#door = door;
    this.#alerts = new AlertStates(profile);
    const { access, recorder } = profile;
    if (access !== undefined) {
      this.#source = new IsapiLogSource(device, access, door, environment);
      this.#log = new AccessLog(this.#source, environment);
      this.write = (metric, value, signal) => this.#command(metric, value, signal);
    }
    if (recorder === true) this.#recorder = new Recorder(device, environment);
    if (profile.snapshot === true) {
      this.snapshot = (signal) => device.client.snapshot(ISAPI_PATHS.picture(CHANNEL), signal);
    }
  }

  async identify(signal: AbortSignal): Promise<Reading> {
    const info = parseDeviceInfo(await this.#device.get(ISAPI_PATHS.deviceInfo, signal));
    if (info === undefined) throw this.#device.client.garbage("sent no device information");
    const samples: Sample[] = [
      this.#attribute("Properties/Vendor", this.#profile.vendor),
      ...(info.model === undefined ? [] : [this.#attribute("Properties/Model", info.model)]),
      ...(info.serialNumber === undefined ? [] : [this.#attribute("Properties/Serial", info.serialNumber)]),
      ...(info.firmwareVersion === undefined
        ? []
        : [this.#attribute("Properties/Firmware", info.firmwareVersion)]),
    ];
    return { samples, events: [] };
  }

  #attribute(metric: MetricName, value: string): Sample {
    const quality = isDamaged(value) ? ({ status: "bad", reason: "encoding" } as const) : GOOD;
    return { metric, value, quality, eventTime: this.#environment.now() };
  }

  async poll(signal: AbortSignal): Promise<Reading> {
    await this.#device.readClock(signal);
    const door = this.#profile.access === undefined ? [] : await this.#readDoor(signal);
    await this.#log?.check(signal);
    const recorder = (await this.#recorder?.read(signal)) ?? [];
    const now = this.#environment.now();
    const offset: Sample = {
      metric: "Connectivity/ClockOffset",
      value: this.#device.clockOffset_ms / 1000,
      quality: GOOD,
      eventTime: now,
    };
    return { samples: [offset, ...door, ...recorder, ...this.#alerts.samples(now)], events: [] };
  }

  async #readDoor(signal: AbortSignal): Promise<readonly Sample[]> {
    const status = parseWorkStatus(await this.#device.get(ISAPI_PATHS.workStatus, signal), this.#door);
    if (status === undefined) throw this.#device.client.garbage(`tells nothing of door ${this.#door}`);
    return samplesOfWorkStatus(status, this.#environment.now());
  }

  async subscribe(sink: (reading: Reading) => void, signal: AbortSignal): Promise<void> {
    const listen = (until: AbortSignal, fail: (reason: unknown) => void): StreamListener =>
      this.#listener(sink, fail, until);
    try {
      await followEventStream(this.#device.client, ISAPI_PATHS.alertStream, listen, signal);
    } finally {
      this.#alerts.listen(undefined);
      this.#log?.rest();
    }
  }

  #listener(
    sink: (reading: Reading) => void,
    fail: (reason: unknown) => void,
    signal: AbortSignal,
  ): StreamListener {
    const device = this.#device;
    const tell = (samples: readonly Sample[]): void => {
      if (samples.length > 0) sink({ samples, events: [] });
    };
    return {
      opened: () => {
        this.#alerts.listen(this.#environment.now());
        this.#log?.catchUp(sink, signal).catch(fail);
      },
      part: (body) => {
        const alert = alertOf(body);
        if (alert === undefined) return false;
        const receipt = { receivedAt: this.#environment.now(), clockOffset_ms: device.eventOffset_ms };
        tell(this.#alerts.take(alert, device.zone_minutes, receipt));
        if (alert.access !== undefined && this.#source !== undefined) {
          this.#log?.live(this.#source.recordOf(alert.access), sink, signal).catch(fail);
        }
        return true;
      },
      alive: () => tell(this.#alerts.expire(this.#environment.now())),
    };
  }

  async #command(metric: MetricName, value: SampleValue, signal: AbortSignal): Promise<void> {
    const command = doorCommand(metric, value);
    if (command === undefined) {
      throw cannotBeSet(this.#profile, metric, value);
    }
    const path = ISAPI_PATHS.door(this.#door);
    const answer = await this.#device.send("PUT", path, remoteControlDoor(command), signal);
    const status = parseResponseStatus(answer);
    if (status?.ok === true) return;
    const says = status?.subStatus ?? "an answer that is none";
    throw new DriverError("device-exception", `${this.#device.client.host} refuses “${command}”: ${says}`, {
      retry: false,
    });
  }

  /** Every exchange has its own connection; the stream ends with its signal. */
  async close(): Promise<void> {}
}

function alertOf(body: Uint8Array): IsapiAlert | undefined {
  try {
    return parseAlert(parseIsapi(body));
  } catch (error) {
    if (error instanceof MalformedDocumentError) return undefined;
    throw error;
  }
}

/** Unlocking by a command lasts as long as the door is set to; a mode lasts until the next one. */
function doorCommand(metric: MetricName, value: SampleValue): DoorCommand | undefined {
  if (metric === "Door/Unlocked") return value === true ? "open" : value === false ? "close" : undefined;
  if (metric !== "Door/Mode") return undefined;
  const modes: Readonly<Record<string, DoorCommand>> = {
    controlled: "resume",
    unlocked: "alwaysOpen",
    locked: "alwaysClose",
  };
  return modes[String(value)];
}
